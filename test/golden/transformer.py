"""
The Transformer with an encoder and a decoder as Hugging Face's transformers compute it: tiny Marian, Pegasus, BART, mBART and M2M-100.

    python test/golden/transformer.py     writes transformer.json, transformer_generation.json and checkpoints/{marian,bart,…}-*/

What the sources and targets are, and what is generated, is in the files' rules.

Axes: B batch · S source tokens · T target tokens · C channels · V vocabulary
"""

import copy
import shutil

import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForSeq2SeqLM, BartConfig, GenerationConfig, M2M100Config, MarianConfig, MBartConfig, PegasusConfig,
)  # fmt: skip

from causal_lm import CHECKPOINTS, start
from golden import HERE, MODEL_PINS, checksum, decimals, integers, values, write

SIZES = {
    'vocab_size': 67, 'd_model': 24, 'encoder_layers': 2, 'decoder_layers': 2, 'encoder_attention_heads': 4,
    'decoder_attention_heads': 4, 'encoder_ffn_dim': 40, 'decoder_ffn_dim': 40, 'max_position_embeddings': 64,
}  # fmt: skip
MARIAN = {'pad_token_id': 66, 'decoder_start_token_id': 66, 'eos_token_id': 0, 'forced_eos_token_id': 0}
FAIRSEQ = {'bos_token_id': 0, 'pad_token_id': 1, 'eos_token_id': 2, 'decoder_start_token_id': 2}
CONFIGS = {
    'marian-tiny': MarianConfig(**SIZES, **MARIAN, activation_function='swish', scale_embedding=True),
    # two vocabularies, stacks of different depth and width
    'marian-tiny-separate': MarianConfig(
        **{**SIZES, 'decoder_layers': 1, 'decoder_attention_heads': 6, 'decoder_ffn_dim': 32}, **{**MARIAN, 'pad_token_id': 50, 'decoder_start_token_id': 50},
        decoder_vocab_size=51, share_encoder_decoder_embeddings=False, activation_function='relu',
    ),
    'pegasus-tiny': PegasusConfig(
        **SIZES, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, forced_eos_token_id=1, activation_function='relu',
        scale_embedding=True,
    ),
    'bart-tiny': BartConfig(**SIZES, **FAIRSEQ, forced_eos_token_id=2),
    # no embedding is shared where the output layer is not tied
    'bart-tiny-untied': BartConfig(**SIZES, **FAIRSEQ, forced_eos_token_id=2, tie_word_embeddings=False, scale_embedding=True),
    'mbart-tiny': MBartConfig(**SIZES, **FAIRSEQ, forced_eos_token_id=2, scale_embedding=True, activation_function='gelu_new'),
    'm2m100-tiny': M2M100Config(**SIZES, **FAIRSEQ, attention_dropout=0.0),
}  # fmt: skip

# Where `settle` found clear searches, so that it need not try again.
SALTS = {'marian-tiny': 1000, 'marian-tiny-separate': 15_000}

# What generation_config.json of published checkpoints says beyond the lengths.
FORCED_BOS = {'bart-tiny': 0, 'bart-tiny-untied': 0, 'mbart-tiny': 64, 'm2m100-tiny': 65}
SEARCHES = [
    {'num_beams': 1},
    {'num_beams': 4, 'num_return_sequences': 4},
    {'num_beams': 4, 'num_return_sequences': 2, 'length_penalty': 0.0},
    {'num_beams': 4, 'num_return_sequences': 4, 'length_penalty': 2.0, 'early_stopping': True},
    {'num_beams': 4, 'num_return_sequences': 3, 'length_penalty': 0.6, 'early_stopping': 'never'},
    {'num_beams': 4, 'num_return_sequences': 1, 'length_penalty': -1.0, 'early_stopping': 'never'},
    {'num_beams': 3, 'num_return_sequences': 3, 'max_new_tokens': 4},
    {'num_beams': 2, 'num_return_sequences': 2, 'min_new_tokens': 9, 'no_repeat_ngram_size': 2},
    {'num_beams': 1, 'no_repeat_ngram_size': 2, 'max_new_tokens': 20},
]
NEW_TOKENS = 14
LENGTHS, TARGETS = (9, 6, 3), 8

RULES = {
    'sources': f'of a case: three rows of {LENGTHS[0]} ids, of which {LENGTHS} are real and the rest padding',
    'encoderStates': '[B, S, C], zero where the source is padding',
    'logits': '[B, T, V] of the targets, which begin with decoder_start_token_id',
    'long': 'a single source of 60 tokens and a target of 50, to see positions far from the start: checksums',
    'gradients': 'of the mean cross-entropy of labels, of which -100 do not count, by the name of each parameter; a tied table has one, '
    'and biases of keys, which change nothing, have none',
    'tolerance': 'the largest difference of a number; of a checksum, `distance` of formula.ts',
}
GENERATION_RULES = {
    'sources': 'the padded sources of each checkpoint, of which `lengths` tokens are real; searches are of all of them in one batch',
    'special': 'of a checkpoint: start, end, pad, forcedBos, forcedEos and suppressed (never generated) token ids',
    'options': 'as `generate` of transformers names them',
    'hypotheses': 'of every source the best first: ids without the start token, up to and with the end token, and the score that '
    'transformers give it (null without a beam). The same in float64, and with all weights changed by a millionth',
}


def fill(model, base):
    """Sets parameters and buffers by formula, so large that outputs differ and biases and gains count."""
    tensors = [*model.named_parameters(), *((name, b) for name, b in model.named_buffers() if name == 'final_logits_bias')]
    with torch.no_grad():
        for salt, (name, p) in enumerate(tensors):
            if 'embed_positions' in name and not isinstance(model.config, (BartConfig, MBartConfig)):
                continue  # a formula of its own
            gain = 'norm' in name and name.endswith('weight')
            scale = 0.3 if p.ndim == 1 else 0.6
            p.copy_(torch.from_numpy(values(tuple(p.shape), base + salt, scale, int(gain))))
    return model


def practise(model, steps=300):
    """Learns for a while to answer a source backwards in other words, as what is only random says one word for ever."""
    config = model.config
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3)
    vocab = getattr(config, 'decoder_vocab_size', None) or config.vocab_size
    for step in range(steps):
        S = 2 + step % 8
        ids = torch.from_numpy(integers((32, S), 100 + step, 60)).long() + 3
        ids[:, -1] = config.eos_token_id
        said = (7 * ids[:, :-1].flip(1) + 3) % (vocab - 7) + 3
        labels = torch.cat([said, ids[:, -1:]], 1)
        starts = torch.full_like(labels[:, :1], config.decoder_start_token_id)
        optimizer.zero_grad()
        F.cross_entropy(
            model(input_ids=ids, decoder_input_ids=torch.cat([starts, labels[:, :-1]], 1)).logits.flatten(0, 1), labels.flatten()
        ).backward()
        optimizer.step()
    return model


def load(folder):
    return AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation='eager').eval()


def exact(model):
    """The model in float64; positions of M2M-100 are float32 whatever the model's dtype, and so stay."""
    return copy.deepcopy(model).double()


def sources_of(config, salt):
    """Ids above the special ones, an end token behind each row, then padding. [B, S]"""
    ids = torch.from_numpy(integers((len(LENGTHS), LENGTHS[0]), salt, 60)).long() + 3
    for row, length in enumerate(LENGTHS):
        ids[row, length - 1] = config.eos_token_id
        ids[row, length:] = config.pad_token_id
    return ids, torch.tensor([[t < length for t in range(LENGTHS[0])] for length in LENGTHS]).long()


def targets_of(config, shape, salt):
    vocab = getattr(config, 'decoder_vocab_size', None) or config.vocab_size
    ids = torch.from_numpy(integers(shape, salt, vocab - 7)).long() + 3
    ids[:, 0] = config.decoder_start_token_id
    return ids


# ---- states, logits, gradients --------------------------------------------------------------------------------------------


@torch.no_grad()
def case(folder, model, salt):
    ids, mask = sources_of(model.config, salt)
    targets = targets_of(model.config, (len(LENGTHS), TARGETS), salt + 1)
    out = model(input_ids=ids, attention_mask=mask, decoder_input_ids=targets)
    wide = exact(model)(input_ids=ids, attention_mask=mask, decoder_input_ids=targets)
    states = out.encoder_last_hidden_state * mask[..., None]
    return {
        'checkpoint': folder.name,
        'sources': ids.tolist(),
        'lengths': LENGTHS,
        'targets': targets.tolist(),
        'encoderStates': checksum(states, samples=64),
        'logits': checksum(out.logits, samples=128),
        'float64Drift': float(f'{(out.logits - wide.logits).abs().max().item():.2g}'),
    }


@torch.no_grad()
def long_case(folder, model, salt):
    ids = torch.from_numpy(integers((1, 60), salt, 60)).long() + 3
    targets = targets_of(model.config, (1, 50), salt + 1)
    out = model(input_ids=ids, decoder_input_ids=targets)
    return {
        'checkpoint': folder.name,
        'sources': ids.tolist(),
        'lengths': [60],
        'targets': targets.tolist(),
        'encoderStates': checksum(out.encoder_last_hidden_state, samples=16),
        'logits': checksum(out.logits, samples=16),
    }


def gradients(folder, model, salt):
    ids, mask = sources_of(model.config, salt)
    targets = targets_of(model.config, (len(LENGTHS), TARGETS), salt + 1)
    labels = targets.roll(-1, 1)
    labels[:, -1] = model.config.eos_token_id
    labels[1, 5:] = -100
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            module.padding_idx = None  # or the row of the start token, where it is the padding's, would not learn as others do
    out = model(input_ids=ids, attention_mask=mask, decoder_input_ids=targets)
    loss = F.cross_entropy(out.logits.flatten(0, 1), labels.flatten())
    loss.backward()
    named = [(name, p.grad) for name, p in model.named_parameters() if p.grad is not None and not name.endswith('k_proj.bias')]
    return {
        'checkpoint': folder.name,
        'sources': ids.tolist(),
        'lengths': LENGTHS,
        'targets': targets.tolist(),
        'labels': labels.tolist(),
        'loss': decimals(loss)[0],
        'gradients': {name: checksum(g, samples=8) for name, g in named},
    }


# ---- generation -----------------------------------------------------------------------------------------------------------


def special(name, config):
    known = {
        'start': config.decoder_start_token_id, 'end': [config.eos_token_id], 'pad': config.pad_token_id,
        'forcedBos': FORCED_BOS.get(name), 'forcedEos': getattr(config, 'forced_eos_token_id', None),
        'suppressed': [config.pad_token_id] if name == 'marian-tiny' else [],
    }  # fmt: skip
    return {key: value for key, value in known.items() if value is not None}


def generation_config(name, config):
    s = special(name, config)
    return GenerationConfig(
        decoder_start_token_id=s['start'], eos_token_id=s['end'][0], pad_token_id=s['pad'], bos_token_id=getattr(config, 'bos_token_id', None),
        forced_bos_token_id=s.get('forcedBos'), forced_eos_token_id=s.get('forcedEos'),
        bad_words_ids=[[i] for i in s['suppressed']] or None, max_length=SIZES['max_position_embeddings'],
    )  # fmt: skip


@torch.no_grad()
def search(model, ids, mask, options):
    out = model.generate(
        input_ids=ids, attention_mask=mask, return_dict_in_generate=True, output_scores=True, do_sample=False,
        **{'max_new_tokens': NEW_TOKENS, **options},
    )  # fmt: skip
    n = options.get('num_return_sequences', 1)
    scores = out.sequences_scores if options['num_beams'] > 1 else [None] * len(out.sequences)
    rows = []
    for sequence, score in zip(out.sequences.tolist(), scores, strict=True):
        tokens = sequence[1:]
        end = model.config.eos_token_id
        tokens = tokens[: tokens.index(end) + 1] if end in tokens else tokens
        rows.append({'ids': tokens, 'score': None if score is None else float(f'{score.item():.7g}')})
    return [rows[i : i + n] for i in range(0, len(rows), n)]


def same(a, b):
    return [[h['ids'] for h in row] for row in a] == [[h['ids'] for h in row] for row in b]


def is_lively(hypotheses):
    """Whether sources are answered differently, by tokens that do not repeat, and some answers end by themselves."""
    rows = [row[0]['ids'] for row in hypotheses]
    lengths = {len(h['ids']) for row in hypotheses for h in row}
    return len({*map(tuple, rows)}) == len(rows) and len(set(sum(rows, []))) > 5 and len(lengths) > 3


def generations(model, salt):
    """Every search, or None where rounding would decide one of them."""
    twins = [exact(model), copy.deepcopy(model)]
    with torch.no_grad():
        for i, p in enumerate(twins[1].parameters()):
            p.mul_(torch.from_numpy(values(tuple(p.shape), 5000 + i, 2e-6, 1.0)))
    ids, mask = sources_of(model.config, salt)
    if not is_lively(search(model, ids, mask, SEARCHES[1])):
        return None
    found = []
    for options in SEARCHES:
        hypotheses = search(model, ids, mask, options)
        if not all(same(hypotheses, search(twin, ids, mask, options)) for twin in twins):
            return None
        found.append({'options': {'max_new_tokens': NEW_TOKENS, **options}, 'hypotheses': hypotheses})
    return found


def settle(folder, config):
    """Weights under which no search hangs on rounding, and lengths differ; the checkpoint is saved."""
    for base in range(SALTS.get(folder.name, 0), 20_000, 1000):
        torch.manual_seed(0)
        model = practise(fill(AutoModelForSeq2SeqLM.from_config(config, attn_implementation='eager').eval(), base))
        model.generation_config = generation_config(folder.name, config)
        found = generations(model, 7)
        if found:
            break
    else:
        raise SystemExit(f'{folder.name}: no weights give clear searches')
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    ids, mask = sources_of(config, 7)
    targets = targets_of(config, (len(LENGTHS), TARGETS), 8)
    inputs = {'input_ids': ids, 'attention_mask': mask, 'decoder_input_ids': targets}
    with torch.no_grad():
        assert torch.equal(model(**inputs).logits, load(folder)(**inputs).logits), 'saved and loaded'
    print(folder.name, 'from', base)
    return found, ids


def main():
    start()
    torch.set_num_threads(1)
    cases, slopes, searches = [], [], []
    for name, config in CONFIGS.items():
        folder = CHECKPOINTS / name
        found, ids = settle(folder, config)
        model = load(folder)
        cases += [case(folder, model, 20), long_case(folder, model, 30)]
        if name in ('bart-tiny', 'pegasus-tiny'):
            slopes.append(gradients(folder, model, 40))
        searches += [
            {'checkpoint': name, 'special': special(name, config), 'sources': ids.tolist(), 'lengths': LENGTHS, **entry} for entry in found
        ]
    pins = {'generator': 'test/golden/transformer.py', **MODEL_PINS}
    tolerance = {'encoderStates': 1e-4, 'logits': 1e-4, 'gradients': 1e-3}
    write(HERE / 'transformer.json', {**pins, 'rules': RULES, 'tolerance': tolerance}, cases=cases, gradients=slopes)
    write(HERE / 'transformer_generation.json', {**pins, 'rules': GENERATION_RULES}, searches=searches)


if __name__ == '__main__':
    main()

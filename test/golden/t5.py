"""
T5 as Hugging Face's transformers compute it: tiny T5, T5 1.1, mT5 and uMT5.

    python test/golden/t5.py     writes t5.json, t5_generation.json and checkpoints/{t5,mt5,umt5}-*/

The files are those of transformer.py: the same sources, targets and searches.

Axes: B batch · S source tokens · T target tokens · C channels · H heads · V vocabulary
"""

import json
import shutil

import torch
from transformers import AutoModelForSeq2SeqLM, MT5Config, T5Config, UMT5Config
from transformers.models.t5.modeling_t5 import T5Attention

from causal_lm import CHECKPOINTS, names_in, start
from golden import HERE, MODEL_PINS, write
from transformer import (
    GENERATION_RULES, LENGTHS, RULES, case, fill, generation_config, generations, gradients, load, long_case, practise,
    sources_of, special,
)  # fmt: skip

# Heads whose sizes do not add up to d_model, and stacks of different depth (transformers cannot generate where the decoder is the
# deeper one); few buckets, so that all are met.
SIZES = {
    'vocab_size': 67, 'd_model': 24, 'd_kv': 5, 'd_ff': 40, 'num_layers': 3, 'num_decoder_layers': 2, 'num_heads': 4,
    'relative_attention_num_buckets': 12, 'relative_attention_max_distance': 20, 'dropout_rate': 0.0,
    'pad_token_id': 0, 'eos_token_id': 1, 'decoder_start_token_id': 0, 'bos_token_id': None,
}  # fmt: skip
CONFIGS = {
    't5-tiny': T5Config(**SIZES),
    't5-tiny-gated': T5Config(**SIZES, feed_forward_proj='gated-gelu', tie_word_embeddings=False),
    'mt5-tiny': MT5Config(**{**SIZES, 'num_decoder_layers': 1}, feed_forward_proj='gated-silu'),
    'umt5-tiny': UMT5Config(**SIZES),
}
UNTIED = ('t5-tiny-gated', 'umt5-tiny')

# buckets, largest distance, both directions or one
BUCKETS = [(32, 128, True), (32, 128, False), (12, 20, True), (12, 20, False), (7, 50, True), (64, 1000, True), (33, 257, False)]


def fresh(name, config, base):
    model = AutoModelForSeq2SeqLM.from_config(config, attn_implementation='eager').eval()
    if name in UNTIED:  # transformers tie every new T5, and read one with a head of its own
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.clone())
    return practise(fill(model, base))


def settle(folder, config):
    """Weights under which no search hangs on rounding; the checkpoint is saved."""
    for base in range(0, 20_000, 1000):
        torch.manual_seed(0)
        model = fresh(folder.name, config, base)
        model.generation_config = generation_config(folder.name, config)
        found = generations(model, 7)
        if found:
            break
    else:
        raise SystemExit(f'{folder.name}: no weights give clear searches')
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    assert ('lm_head.weight' in names_in(folder)) == (folder.name in UNTIED)
    ids, mask = sources_of(config, 7)
    inputs = {'input_ids': ids, 'attention_mask': mask, 'decoder_input_ids': ids}
    with torch.no_grad():
        assert torch.equal(model(**inputs).logits, load(folder)(**inputs).logits), 'saved and loaded'
    print(folder.name, 'base', base)
    return found, ids


def published(folder, config):
    """The same config.json as checkpoints that were published before version 5 have it."""
    older = json.loads((folder / 'config.json').read_text())
    older['tie_word_embeddings'] = config.model_type == 'umt5' or folder.name == 't5-tiny'
    for key in ('dtype', 'dense_act_fn', 'is_gated_act', 'scale_decoder_outputs', 'bos_token_id'):
        older.pop(key, None)
    return older


def buckets(count, most, bidirectional):
    """The bucket of each offset from one past the largest distance on either side."""
    offsets = torch.arange(-most - 1, most + 2)
    found = T5Attention._relative_position_bucket(offsets, bidirectional, count, most)
    return {'count': count, 'maxDistance': most, 'bidirectional': bidirectional, 'buckets': found.tolist()}


def main():
    start()
    torch.set_num_threads(1)
    about, cases, slopes, searches = [], [], [], []
    for name, config in CONFIGS.items():
        folder = CHECKPOINTS / name
        found, ids = settle(folder, config)
        model = load(folder)
        parameters = sum(p.numel() for p in model.parameters())
        about.append({'name': name, 'parameters': parameters, 'publishedConfig': published(folder, config)})
        cases += [case(folder, model, 20), long_case(folder, model, 30)]
        slopes.append(gradients(folder, model, 40))
        searches += [
            {'checkpoint': name, 'special': special(name, config), 'sources': ids.tolist(), 'lengths': LENGTHS, **entry} for entry in found
        ]
    pins = {'generator': 'test/golden/t5.py', **MODEL_PINS}
    head = {**pins, 'rules': RULES, 'tolerance': {'encoderStates': 1e-4, 'logits': 1e-4, 'gradients': 1e-3}}
    tables = [buckets(*one) for one in BUCKETS]
    write(HERE / 't5.json', head, checkpoints=about, buckets=tables, cases=cases, gradients=slopes)
    write(HERE / 't5_generation.json', {**pins, 'rules': GENERATION_RULES}, searches=searches)


if __name__ == '__main__':
    main()

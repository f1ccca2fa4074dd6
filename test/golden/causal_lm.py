"""
What gpt2.py and llama.py share: parameters and batches by formula, small checkpoints as Hugging Face's transformers save them
and what it computes from them, and fifty AdamW steps of its models.

Axes: B batch · T tokens · C channels · V vocabulary
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from golden import (
    HERE, MODEL_PINS, PINS, TRAINING_RULES, checksum, decimals, distance, follow, integers, require_pins, value, values, write,
)  # fmt: skip

CHECKPOINTS = HERE / 'checkpoints'
PROMPTS, NEW_TOKENS = (1, 5, 12), 20
STORED_LOGITS = 2000  # as data; more than that as a checksum
TRAINING = {
    'steps': 50, 'learningRate': 3e-3, 'warmupSteps': 10, 'finalFraction': 0.1, 'beta1': 0.9, 'beta2': 0.95, 'epsilon': 1e-8,
    'weightDecay': 0.1, 'decayFromRank': 2, 'maxNorm': 1.0, 'batch': 4, 'tokens': 32,
}  # fmt: skip
CHECKPOINT_SCALES = {'matrix': 0.6, 'vector': 0.25}  # so large that biases and gains count and greedy choices are clear
TRAINING_SCALES = {'matrix': 0.1875, 'vector': 0.05}
PARAMETERS = 'offset + scale * value(i, salt) of README.md, i in row-major order of the shape as Hugging Face stores it'

CHECKPOINT_RULES = {
    'tensors': f'{PARAMETERS}; in the order of the file. A head that is tied is not in the file',
    'ids': 'of a case: integers([batch, tokens], salt, vocabSize)',
    'hiddenStates': 'the sum of the embeddings, then the output of every block, then that of the final norm; [batch, tokens, C]',
    'logits': '[batch, tokens, vocabSize]; a case has no padding',
    'tolerance': 'the largest difference of a number; of a checksum, `distance` of formula.ts',
    'greedy': 'the prompt is integers([1, tokens], salt, vocabSize); ids are the most likely next tokens in turn, the end token '
    'counting like any other; margin: how far the runner-up stayed behind at the closest choice',
}
RULES = {
    'parameters': f'{PARAMETERS}; a tied head is one parameter with the token embedding and has no entry',
    'batches': 'row = integers([batch, tokens + 1], salt, V), salt = 1000 + 10 * s at step s, counted from 0; then for t = 1 … tokens '
    'in turn: row[b, t] = (5 * row[b, t - 1] + 3) % V wherever value(b * (tokens + 1) + t, salt + 1) < 0.25',
    'loss': 'the mean cross-entropy of row[:, 1:] given row[:, :-1] over all batch * tokens positions; losses[s] is before update s',
    **TRAINING_RULES,
}


# ---- parameters -----------------------------------------------------------------------------------------------------------


def fill(model, scales):
    """Sets every parameter by formula and says how; gains lie around one."""
    specs = []
    for salt, (name, p) in enumerate(model.named_parameters()):
        vector = p.ndim == 1
        specs.append({
            'name': name,
            'shape': list(p.shape),
            'salt': salt,
            'scale': scales['vector' if vector else 'matrix'],
            'offset': int(vector and name.endswith('weight')),
        })  # fmt: skip
        with torch.no_grad():
            p.copy_(torch.from_numpy(values(*(specs[-1][key] for key in ('shape', 'salt', 'scale', 'offset')))))
    return specs


def fresh(config, scales):
    model = AutoModelForCausalLM.from_config(config, attn_implementation='sdpa')
    return model, fill(model, scales)


# ---- checkpoints ----------------------------------------------------------------------------------------------------------


def load(folder):
    # attention as written out; that the fused one agrees is checked apart
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation='eager').eval()


def names_in(folder):
    with safe_open(folder / 'model.safetensors', 'pt') as file:
        return list(file.keys())


@torch.no_grad()
def observed(model, ids, base):
    """Logits and hidden states, read at the modules: what transformers calls hidden states lacks the last block's output."""
    blocks, norm = base
    states = []
    handles = [
        blocks[0].register_forward_pre_hook(lambda module, args: states.append(args[0])),
        *(block.register_forward_hook(lambda module, args, y: states.append(y)) for block in blocks),
        norm.register_forward_hook(lambda module, args, y: states.append(y)),
    ]
    logits = model(torch.from_numpy(ids).long(), use_cache=False).logits
    for handle in handles:
        handle.remove()
    return logits, states


def stored(x):
    return {'shape': list(x.shape), **({'data': decimals(x)} if x.numel() <= STORED_LOGITS else {'checksum': checksum(x)})}


def case(folder, model, exact, base_of, tokens, salt):
    ids = integers((2, tokens), salt, model.config.vocab_size)
    logits, states = observed(model, ids, base_of(model))
    wide, _ = observed(exact, ids, base_of(exact))
    return {
        'checkpoint': folder.name,
        'ids': {'shape': list(ids.shape), 'salt': salt},
        'logits': stored(logits),
        'hiddenStates': [checksum(x, samples=8) for x in states],
        'float64Drift': float(f'{(logits - wide).abs().max().item():.2g}'),
    }


@torch.no_grad()
def greedy(folder, model, tokens, salt):
    prompt = torch.from_numpy(integers((1, tokens), salt, model.config.vocab_size)).long()
    ids, margin = prompt, float('inf')
    for _ in range(NEW_TOKENS):
        best = model(ids, use_cache=False).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        ids = torch.cat([ids, best.indices[None, :1]], 1)
    model.generation_config.eos_token_id = None
    generated = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=0
    )
    assert torch.equal(generated, ids), 'with and without cache'
    return {
        'checkpoint': folder.name,
        'prompt': {'tokens': tokens, 'salt': salt},
        'ids': ids[0, tokens:].tolist(),
        'margin': float(f'{margin:.2g}'),
    }


def save(folder, config):
    """The checkpoint as transformers save it, and what stands in its file."""
    shutil.rmtree(folder, ignore_errors=True)
    model, specs = fresh(config, CHECKPOINT_SCALES)
    model.save_pretrained(folder)
    by_name = {spec['name']: spec for spec in specs}
    names = names_in(folder)
    assert sorted(names) == sorted(by_name), 'all parameters, each once'
    with torch.no_grad():
        ids = torch.from_numpy(integers((2, 7), 0, config.vocab_size)).long()
        assert (model.eval()(ids).logits - load(folder)(ids).logits).abs().max() < 1e-5, 'saved, loaded, attention not fused'
    return [{'checkpoint': folder.name, **by_name[name]} for name in names]


def loads_alike(folder, config):
    """Whether transformers understand the checkpoint as well with another config.json."""
    with tempfile.TemporaryDirectory() as other, torch.no_grad():
        shutil.copy(folder / 'model.safetensors', other)
        (Path(other) / 'config.json').write_text(json.dumps(config))
        model, same = load(folder), load(other)
        ids = torch.from_numpy(integers((2, 32), 1, model.config.vocab_size)).long()
        return torch.equal(model(ids).logits, same(ids).logits)


def write_checkpoints(name, checkpoints, lengths, exact_of, base_of, published_of, **more_of):
    """
    NAME.json: of every checkpoint the tensors, logits, hidden states and greedy continuations.

    `exact_of` makes the float64 twin of a model, `base_of` finds its blocks and final norm, `published_of` writes a saved
    config.json as checkpoints that were published before version 5 have it; `more_of` adds fields from the model.
    """
    about, tensors, cases, continuations = [], [], [], []
    for folder, config in ((CHECKPOINTS / key, config) for key, config in checkpoints.items()):
        tensors += save(folder, config)
        model, exact = load(folder), exact_of(AutoModelForCausalLM.from_pretrained(folder).eval())
        published = published_of(json.loads((folder / 'config.json').read_text()))
        assert loads_alike(folder, published), 'both forms of config.json say the same'
        about.append({
            'name': folder.name,
            'tied': bool(model.config.tie_word_embeddings),
            'parameters': sum(p.numel() for p in model.parameters()),
            **{field: of(model) for field, of in more_of.items()},
            'publishedConfig': published,
        })  # fmt: skip
        cases += [case(folder, model, exact, base_of, T, 2000 + i) for i, T in enumerate(lengths)]
        continuations += [greedy(folder, model, T, 3000 + i) for i, T in enumerate(PROMPTS)]
    head = {
        'generator': f'test/golden/{name}.py',
        'rules': CHECKPOINT_RULES,
        'tolerance': {'logits': 2e-5, 'hiddenStates': 2e-5},
        **MODEL_PINS,
    }
    write(HERE / f'{name}.json', head, checkpoints=about, tensors=tensors, cases=cases, greedy=continuations)
    drift, margin = max(c['float64Drift'] for c in cases), min(c['margin'] for c in continuations)
    print(f'{name}: float32 strays from float64 by {drift:.2g}, the closest greedy choice has a margin of {margin:.2g}')


# ---- training -------------------------------------------------------------------------------------------------------------


def batch(step, V):
    """Rows in which three tokens of four follow from the one before, so that there is something to learn."""
    B, T = TRAINING['batch'], TRAINING['tokens'] + 1
    salt = 1000 + 10 * step
    row = integers((B, T), salt, V)
    follows = value(np.arange(B * T), salt + 1).reshape(B, T) < 0.25
    for t in range(1, T):
        row[:, t] = np.where(follows[:, t], (5 * row[:, t - 1] + 3) % V, row[:, t])
    return torch.from_numpy(row).long()


def train(model, batches):
    def loss_of(row):
        logits = model(row[:, :-1], use_cache=False).logits  # [B, T, V]
        return F.cross_entropy(logits.flatten(0, 1), row[:, 1:].flatten())

    return follow(model.named_parameters(), loss_of, batches, TRAINING)


def write_training(name, config, exact_of):
    """NAME_training.json: losses, gradient norms and rates of fifty steps, the gradients of the first."""
    batches = [batch(step, config.vocab_size) for step in range(TRAINING['steps'])]
    model, specs = fresh(config, TRAINING_SCALES)
    run, exact = train(model, batches), train(exact_of(fresh(config, TRAINING_SCALES)[0]), batches)
    drift = {
        'gradients': max(distance(g, checksum(exact['gradients'][key])) for key, g in run['gradients'].items()),
        'losses': max(abs(a - b) for a, b in zip(run['losses'], exact['losses'], strict=True)),
        'gradientNorms': max(abs(a - b) for a, b in zip(run['norms'], exact['norms'], strict=True)),
    }
    head = {
        'generator': f'test/golden/{name}.py',
        'rules': RULES,
        'config': json.loads(model.config.to_json_string()),
        'training': TRAINING,
        'losses': decimals(np.array(run['losses'])),
        'gradientNorms': decimals(np.array(run['norms'])),
        'learningRates': run['rates'],
        'firstBatch': decimals(batches[0]),
        'lastBatch': decimals(batches[-1]),
        'float64Drift': {key: float(f'{x:.2g}') for key, x in drift.items()},
        'tolerance': {'gradients': 1e-5, 'losses': 2e-5, 'gradientNorms': 2e-4},
        **MODEL_PINS,
    }
    for spec in specs:
        spec['gradient'] = checksum(run['gradients'][spec['name']], samples=8)
    write(HERE / f'{name}_training.json', head, parameters=specs)
    print(f'{name}: losses {run["losses"][0]:.6f} … {run["losses"][-1]:.6f}, float32 strays by', head['float64Drift'])


def start():
    require_pins({**PINS, **MODEL_PINS})
    logging.set_verbosity_error()
    logging.disable_progress_bar()

"""
What the golden scripts share: the formula that fills arrays, checksums, and JSON that a diff can show.

The formula is the twin of formula.ts; README.md describes it and the JSON.
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
PINS = {'torch': '2.13.0', 'numpy': '2.4.6'}
MODEL_PINS = {'transformers': '5.23.0', 'safetensors': '0.8.0'}  # of the scripts that run models of Hugging Face

# What every training here does, in words that a golden file repeats.
TRAINING_RULES = {
    'warmup': 'learningRate * (s + 1) / warmupSteps at step s < warmupSteps, counted from 0',
    'decay': 'learningRate * (f + (1 - f) * (1 + cos(pi * (s - warmupSteps) / (steps - warmupSteps))) / 2), f: finalFraction',
    'clip': 'scale all gradients by min(1, maxNorm / (norm + 1e-6)); gradientNorms are the global norms before',
    'update': 'p -= rate * weightDecay * p where rank >= decayFromRank; then p -= rate * mHat / (sqrt(vHat) + epsilon)',
}


def require_pins(pins=PINS):
    found = {name: version(name).split('+')[0] for name in pins}
    if found != pins:
        raise SystemExit(f'golden numbers are made with {pins}, found {found}: pip install -r test/golden/requirements.txt')


def learning_rate(training, step):
    t = training
    if step < t['warmupSteps']:
        return t['learningRate'] * (step + 1) / t['warmupSteps']
    progress = (step - t['warmupSteps']) / (t['steps'] - t['warmupSteps'])
    return t['learningRate'] * (t['finalFraction'] + (1 - t['finalFraction']) * (1 + math.cos(math.pi * progress)) / 2)


def adamw(named, training):
    """AdamW over (name, parameter) pairs that decays those of high rank only."""
    t = training
    decayed = [p for _, p in named if p.ndim >= t['decayFromRank']]
    others = [p for _, p in named if p.ndim < t['decayFromRank']]
    groups = [{'params': decayed, 'weight_decay': t['weightDecay']}, {'params': others, 'weight_decay': 0.0}]
    return torch.optim.AdamW(groups, betas=(t['beta1'], t['beta2']), eps=t['epsilon'])


def follow(named, loss_of, batches, training):
    """One training: losses, norms and rates of every step, and the gradients of the first."""
    named = list(named)
    optimizer = adamw(named, training)
    record = {'losses': [], 'norms': [], 'rates': []}
    for step, b in enumerate(batches):
        optimizer.zero_grad()
        loss = loss_of(b)
        loss.backward()
        if step == 0:
            record['gradients'] = {name: p.grad.clone() for name, p in named}
        norm = torch.nn.utils.clip_grad_norm_([p for _, p in named], training['maxNorm'])
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(training, step)
        optimizer.step()
        record['losses'].append(loss.item())
        record['norms'].append(norm.item())
        record['rates'].append(learning_rate(training, step))
    return record


def value(index, salt):
    """Uniform in [-0.5, 0.5), exact in float32: the 32-bit hash `lowbias32` of an index and a salt."""
    x = (np.asarray(index, np.uint64) + 1) * 0x9E3779B1 ^ np.uint64((salt + 1) * 0x85EBCA77)
    x = x.astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x7FEB352D)
    x ^= x >> 15
    x *= np.uint32(0x846CA68B)
    x ^= x >> 16
    return (x >> 8) / 2**24 - 0.5


def values(shape, salt, scale=1.0, offset=0.0):
    """float32 array of `offset + scale * value(i, salt)`, i counting in row-major order."""
    return (offset + scale * value(np.arange(math.prod(shape)), salt)).astype(np.float32).reshape(shape)


def integers(shape, salt, below):
    """int32 array, uniform over 0 … below - 1."""
    return np.floor((value(np.arange(math.prod(shape)), salt) + 0.5) * below).astype(np.int32).reshape(shape)


def reals(shape, salt=0, span=4.0, offset=0.0):
    """Formula data with three decimals, so that the files stay short."""
    return np.round(offset + span * value(np.arange(math.prod(shape)), salt), 3).astype(np.float32).reshape(shape)


def number(x):
    """The shortest decimal that parses to this very float32; what JSON has no number for becomes a string."""
    if math.isnan(x):
        return 'NaN'
    if math.isinf(x):
        return 'Infinity' if x > 0 else '-Infinity'
    short = float(str(np.float32(x)))
    return int(short) if short.is_integer() and abs(short) < 1e15 and (short or math.copysign(1, short) > 0) else short


def decimals(array):
    """A flat list for JSON of any array or tensor: float32 decimals, integers or booleans."""
    flat = np.asarray(array.detach() if isinstance(array, torch.Tensor) else array).reshape(-1)
    if flat.dtype.kind != 'f':
        return flat.tolist()
    with np.errstate(over='ignore'):
        return [number(x) for x in flat.astype(np.float32)]


def checksum(tensor, samples=32):
    """What stands for a tensor too large to store: two sums in float64 and entries spread evenly over it."""
    flat = np.asarray(tensor.detach(), np.float64).reshape(-1)
    at = sorted({i * (flat.size - 1) // max(1, samples - 1) for i in range(samples)})
    return {
        'sum': float(f'{flat.sum():.9g}'),
        'sumOfSquares': float(f'{(flat * flat).sum():.9g}'),
        'samples': [[i, number(flat[i])] for i in at],
    }


def distance(tensor, want):
    """How far a tensor lies from the one behind a checksum: the twin of `distance` in formula.ts."""
    found = np.asarray(tensor.detach(), np.float64).reshape(-1)
    errors = [abs(found[i] - x) / max(1, abs(x)) for i, x in want['samples']]
    errors.append(abs(found.sum() - want['sum']) / (math.sqrt(want['sumOfSquares']) or 1))
    errors.append(abs((found * found).sum() - want['sumOfSquares']) / (want['sumOfSquares'] or 1))
    return max(errors)


def write(path, head, **lists):
    """One JSON object a file; every item of every list stands on a line of its own."""

    def compact(item):
        return json.dumps(item, separators=(',', ':'), ensure_ascii=False, allow_nan=False)

    parts = [f'{compact(key)}:{compact(item)}' for key, item in ({**head, **PINS}).items()]
    parts += [f'{compact(key)}:[\n' + ',\n'.join(map(compact, items)) + '\n]' for key, items in lists.items()]
    path.parent.mkdir(exist_ok=True)
    path.write_text('{' + ',\n'.join(parts) + '}\n')

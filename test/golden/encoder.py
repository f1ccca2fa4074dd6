"""
Fifty AdamW steps of a two-layer Transformer encoder classifier, from parameters and batches that any language can make.

    python test/golden/encoder.py        writes test/golden/encoder.json

Axes: B batch · T tokens · C channels · H heads · D head size · F feed-forward
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

from golden import HERE, TRAINING_RULES, checksum, decimals, distance, follow, integers, require_pins, value, values, write

CONFIG = {
    'vocabSize': 64, 'maxTokens': 20, 'layers': 2, 'channels': 32, 'heads': 4, 'feedForward': 128, 'labels': 3, 'epsilon': 1e-5,
}  # fmt: skip
TRAINING = {
    'steps': 50, 'learningRate': 1e-3, 'warmupSteps': 10, 'finalFraction': 0.1, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8,
    'weightDecay': 0.01, 'decayFromRank': 2, 'maxNorm': 1.0, 'batch': 8, 'tokens': 16, 'padId': 0,
}  # fmt: skip
RULES = {
    'parameters': 'offset + scale * value(i, salt) of README.md; weights are [in, out]; qkv: q, k, v in turn, each heads * D',
    'forward': 'pre-norm: x += attn(ln1(x)), x += mlp(ln2(x)); mlp: down(relu(up(x))); keys past the length are masked',
    'head': 'the mean over real tokens of the final norm, then the classifier; loss is the mean cross-entropy',
    **TRAINING_RULES,
    'batches': 'ids is [batch, tokens] row by row, padId after the length; losses[s] is the loss of batches[s] before update s',
}


def parameter_shapes(V, P, L, C, F, labels):
    yield 'tokenEmbedding', [V, C]
    yield 'positionEmbedding', [P, C]
    for i in range(L):
        for part, shape in [
            ('ln1.gain', [C]), ('ln1.bias', [C]), ('attn.qkv.weight', [C, 3 * C]), ('attn.qkv.bias', [3 * C]),
            ('attn.proj.weight', [C, C]), ('attn.proj.bias', [C]), ('ln2.gain', [C]), ('ln2.bias', [C]),
            ('mlp.up.weight', [C, F]), ('mlp.up.bias', [F]), ('mlp.down.weight', [F, C]), ('mlp.down.bias', [C]),
        ]:  # fmt: skip
            yield f'blocks.{i}.{part}', shape
    yield 'norm.gain', [C]
    yield 'norm.bias', [C]
    yield 'classifier.weight', [C, labels]
    yield 'classifier.bias', [labels]


def parameters():
    """Name, shape and formula of every parameter; a weight's deviation is near 0.05."""
    sizes = [CONFIG[k] for k in ['vocabSize', 'maxTokens', 'layers', 'channels', 'feedForward', 'labels']]
    for salt, (name, shape) in enumerate(parameter_shapes(*sizes)):
        yield {
            'name': name,
            'shape': shape,
            'salt': salt,
            'scale': 0.1875 if len(shape) > 1 else 0.05,
            'offset': int(name.endswith('gain')),
        }


def batch(step):
    """Texts of 4 … 16 tokens; two in three tokens betray the label, so that there is something to learn."""
    B, T, V, labels = TRAINING['batch'], TRAINING['tokens'], CONFIG['vocabSize'], CONFIG['labels']
    salt = 1000 + 10 * step
    label = integers((B,), salt, labels)
    length = 4 + integers((B,), salt + 1, T - 3)
    marked = value(np.arange(B * T), salt + 2).reshape(B, T) < 1 / 6
    ids = 1 + np.where(
        marked, integers((B, T), salt + 3, (V - 1) // labels) * labels + label[:, None], integers((B, T), salt + 4, V - 1)
    )
    ids = np.where(np.arange(T) < length[:, None], ids, TRAINING['padId'])
    return {'ids': decimals(ids), 'lengths': decimals(length), 'labels': decimals(label)}


def forward(p, ids, mask):
    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], p[f'{name}.gain'], p[f'{name}.bias'], CONFIG['epsilon'])

    def linear(name, x):
        return x @ p[f'{name}.weight'] + p[f'{name}.bias']

    B, T = ids.shape
    H = CONFIG['heads']
    D = CONFIG['channels'] // H
    x = p['tokenEmbedding'][ids] + p['positionEmbedding'][:T]  # [B, T, C]
    for i in range(CONFIG['layers']):
        block = f'blocks.{i}'
        q, k, v = linear(f'{block}.attn.qkv', norm(f'{block}.ln1', x)).view(B, T, 3, H, D).permute(2, 0, 3, 1, 4)  # [B, H, T, D]
        scores = (q @ k.mT / math.sqrt(D)).masked_fill(~mask[:, None, None, :], -math.inf)
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, H * D)
        x = x + linear(f'{block}.attn.proj', y)
        x = x + linear(f'{block}.mlp.down', F.relu(linear(f'{block}.mlp.up', norm(f'{block}.ln2', x))))
    real = mask[..., None].to(x.dtype)
    return linear('classifier', (norm('norm', x) * real).sum(1) / real.sum(1))  # [B, labels]


def train(specs, batches, dtype):
    t = TRAINING
    p = {s['name']: torch.from_numpy(values(s['shape'], s['salt'], s['scale'], s['offset'])).to(dtype) for s in specs}
    for tensor in p.values():
        tensor.requires_grad_()

    def logits(b):
        mask = torch.arange(t['tokens']) < torch.tensor(b['lengths'])[:, None]
        return forward(p, torch.tensor(b['ids']).view(t['batch'], t['tokens']), mask)

    first = logits(batches[0]).detach()
    return {'logits': first, **follow(p.items(), lambda b: F.cross_entropy(logits(b), torch.tensor(b['labels'])), batches, t)}


def main():
    require_pins()
    specs = list(parameters())
    batches = [batch(step) for step in range(TRAINING['steps'])]
    run, exact = (train(specs, batches, dtype) for dtype in (torch.float32, torch.float64))
    # what float32 alone costs: a reader may stray further, but not by orders of magnitude
    drift = {
        'logits': distance(run['logits'], checksum(exact['logits'])),
        'gradients': max(distance(g, checksum(exact['gradients'][name])) for name, g in run['gradients'].items()),
        'losses': max(abs(a - b) for a, b in zip(run['losses'], exact['losses'], strict=True)),
        'gradientNorms': max(abs(a - b) for a, b in zip(run['norms'], exact['norms'], strict=True)),
    }
    head = {
        'generator': 'test/golden/encoder.py',
        'rules': RULES,
        'config': CONFIG,
        'training': TRAINING,
        'logits': {'shape': list(run['logits'].shape), 'data': decimals(run['logits'])},
        'losses': decimals(np.array(run['losses'])),
        'gradientNorms': decimals(np.array(run['norms'])),
        'learningRates': run['rates'],
        'float64Drift': {name: float(f'{x:.2g}') for name, x in drift.items()},
        'tolerance': {'logits': 1e-5, 'gradients': 1e-5, 'losses': 1e-5, 'gradientNorms': 1e-4},
    }
    for spec in specs:
        spec['gradient'] = checksum(run['gradients'][spec['name']], samples=8)
    write(HERE / 'encoder.json', head, parameters=specs, batches=batches)
    print(f'losses {run["losses"][0]:.6f} … {run["losses"][-1]:.6f}, float32 strays from float64 by {drift["losses"]:.2g}')


if __name__ == '__main__':
    main()

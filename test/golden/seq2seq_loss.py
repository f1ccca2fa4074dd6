"""
Eight training steps of a small encoder-decoder without recurrence on padded pairs: what a training's loss, norm of the gradients and rates
must be, label smoothing and the inverse-square-root schedule included.

    python test/golden/seq2seq_loss.py        writes test/golden/seq2seq_loss.json
"""

import numpy as np
import torch

from golden import HERE, decimals, integers, require_pins, values, write

V, C, STEPS, WARMUP = 11, 6, 8, 3
PAD, START, END = 0, 1, 2
LENGTHS = [(3, 2), (5, 7), (1, 1), (4, 9), (6, 3), (2, 5), (7, 4)]
SMOOTHING, RATE, BETAS, CLIP = 0.1, 0.05, (0.9, 0.98), 1.0

RULES = {
    'pairs': 'pair i has sources[i], targets[i]: ids of the formula of README.md, salts 2 i and 2 i + 1, below 8, plus 3',
    'parameters': 'embedding [V, C] salt 100, out [C, V] salt 101, scale 1',
    'model': 'logits = (embedding[target] + mean over real tokens of embedding[source]) @ out; target begins with the start, id 1',
    'loss': 'cross entropy with label smoothing over the target and its end, id 2; the mean is over all real tokens of the batch',
    'rate': 'learningRate * min((s + 1) / warmup, sqrt(warmup / (s + 1))) at step s from 0',
}


def pairs():
    sources = [integers((n,), 2 * i, 8) + 3 for i, (n, _) in enumerate(LENGTHS)]
    targets = [integers((n,), 2 * i + 1, 8) + 3 for i, (_, n) in enumerate(LENGTHS)]
    return sources, targets


def padded(rows, fill):
    width = max(map(len, rows))
    return torch.tensor(np.array([[*row, *[fill] * (width - len(row))] for row in rows]), dtype=torch.long)


def main():
    require_pins()
    sources, targets = pairs()
    source = padded(sources, PAD)
    given = padded([[START, *t] for t in targets], PAD)
    labels = padded([[*t, END] for t in targets], -100)
    mask = torch.tensor([[i < len(s) for i in range(source.shape[1])] for s in sources])[..., None]
    embedding = torch.from_numpy(values((V, C), 100)).requires_grad_()
    out = torch.from_numpy(values((C, V), 101)).requires_grad_()
    optimizer = torch.optim.AdamW([embedding, out], lr=RATE, betas=BETAS, eps=1e-8, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / WARMUP, (WARMUP / (s + 1)) ** 0.5))
    losses, norms, rates, plain = [], [], [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        context = (embedding[source] * mask).sum(1) / mask.sum(1)
        logits = ((embedding[given] + context[:, None]) @ out).flatten(0, 1)
        loss = torch.nn.functional.cross_entropy(logits, labels.flatten(), label_smoothing=SMOOTHING, ignore_index=-100)
        plain.append(torch.nn.functional.cross_entropy(logits, labels.flatten(), ignore_index=-100).item())
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([embedding, out], CLIP).item())
        losses.append(loss.item())
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    head = {
        'generator': 'test/golden/seq2seq_loss.py',
        'rules': RULES,
        'sizes': {'V': V, 'C': C},
        'lengths': LENGTHS,
        'marks': {'pad': PAD, 'start': START, 'end': END},
        'training': {
            'steps': STEPS,
            'learningRate': RATE,
            'warmup': WARMUP,
            'labelSmoothing': SMOOTHING,
            'beta2': BETAS[1],
            'maxNorm': CLIP,
            'weightDecay': 0,
        },
        'losses': decimals(np.array(losses)),
        'lossesWithoutSmoothing': decimals(np.array(plain)),
        'norms': decimals(np.array(norms)),
        'rates': decimals(np.array(rates)),
        'final': {'embedding': decimals(embedding), 'out': decimals(out)},
        'tolerance': 1e-5,
    }
    write(HERE / 'seq2seq_loss.json', head)


if __name__ == '__main__':
    main()

"""
Twenty steps of each optimiser on three parameters whose gradients are given, so that nothing but the optimiser is tested.

    python test/golden/optimizers.py        writes test/golden/optimizers.json
"""

import math

import numpy as np
import torch

from golden import HERE, decimals, require_pins, values, write

STEPS = 20
PARAMETERS = [
    {'name': 'matrix', 'shape': [3, 2], 'salt': 0, 'scale': 2},
    {'name': 'bias', 'shape': [2], 'salt': 1, 'scale': 2},
    {'name': 'kernel', 'shape': [2, 1, 2], 'salt': 2, 'scale': 2},
]
RULES = {
    'parameters': 'scale * value(i, salt) of README.md',
    'gradients': 'of parameter j at step s (both from 0): 3 * value(i, 100 + 3 * s + j)',
    'groups': 'matrix and kernel form the first group, bias the second; options are those of torch.optim',
    'maxNorm': 'where given, all gradients are scaled by min(1, maxNorm / (norm + 1e-6)) first; norms are those before',
    'schedule': 'where given, multiplies the learning rate of every group',
    'trajectory': 'trajectory[s][j]: parameter j after s + 1 steps',
}
WARMUP, FINAL = 5, 0.1


def warmup_cosine(step):
    """From (step + 1) / warmupSteps up to 1, then along half a cosine to finalFraction, reached at `steps`."""
    if step < WARMUP:
        return (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return FINAL + (1 - FINAL) * (1 + math.cos(math.pi * progress)) / 2


def warmup_linear(step):
    """The same ramp, then straight to 0."""
    return (step + 1) / WARMUP if step < WARMUP else (STEPS - step) / (STEPS - WARMUP)


SCHEDULES = {'warmupCosine': warmup_cosine, 'warmupLinear': warmup_linear}

ADAM = {'lr': 0.05, 'betas': [0.9, 0.999], 'eps': 1e-8}
RUNS = [
    {'title': 'AdamW', 'optimizer': 'AdamW', 'groups': [{**ADAM, 'weight_decay': 0.1}] * 2},
    {
        'title': 'AdamW, the bias without decay and slower',
        'optimizer': 'AdamW',
        'groups': [{**ADAM, 'weight_decay': 0.1}, {**ADAM, 'lr': 0.01, 'weight_decay': 0}],
    },
    {
        'title': 'AdamW, other betas and epsilon',
        'optimizer': 'AdamW',
        'groups': [{'lr': 0.02, 'betas': [0.8, 0.95], 'eps': 1e-3, 'weight_decay': 0.01}] * 2,
    },
    {'title': 'AdamW, clipped', 'optimizer': 'AdamW', 'groups': [{**ADAM, 'weight_decay': 0.1}] * 2, 'maxNorm': 1.5},
    {
        'title': 'AdamW, clipped, warm-up and cosine',
        'optimizer': 'AdamW',
        'groups': [{**ADAM, 'weight_decay': 0.1}] * 2,
        'maxNorm': 2.5,
        'schedule': 'warmupCosine',
    },
    {'title': 'SGD', 'optimizer': 'SGD', 'groups': [{'lr': 0.05}] * 2},
    {'title': 'SGD, momentum', 'optimizer': 'SGD', 'groups': [{'lr': 0.05, 'momentum': 0.9}] * 2},
    {
        'title': 'SGD, momentum, warm-up and linear',
        'optimizer': 'SGD',
        'groups': [{'lr': 0.05, 'momentum': 0.9}] * 2,
        'schedule': 'warmupLinear',
    },
]


def follow(run):
    tensors = [torch.from_numpy(values(p['shape'], p['salt'], p['scale'])).requires_grad_() for p in PARAMETERS]
    matrix, bias, kernel = tensors
    first, second = run['groups']
    optimizer = getattr(torch.optim, run['optimizer'])(
        [{'params': [matrix, kernel], **first}, {'params': [bias], **second}], lr=0
    )
    factor = SCHEDULES.get(run.get('schedule'), lambda step: 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    norms, trajectory = [], []
    for step in range(STEPS):
        for j, tensor in enumerate(tensors):
            tensor.grad = torch.from_numpy(values(tensor.shape, 100 + 3 * step + j, 3))
        if 'maxNorm' in run:
            norms.append(torch.nn.utils.clip_grad_norm_(tensors, run['maxNorm']).item())
        optimizer.step()
        schedule.step()
        trajectory.append([decimals(tensor) for tensor in tensors])
    return {**run, **({'norms': decimals(np.array(norms))} if norms else {}), 'trajectory': trajectory, 'tolerance': 1e-5}


def main():
    require_pins()
    head = {'generator': 'test/golden/optimizers.py', 'rules': RULES, 'steps': STEPS, 'parameters': PARAMETERS}
    schedules = [
        {
            'name': name,
            'rule': ' '.join(f.__doc__.split()),
            'warmupSteps': WARMUP,
            'steps': STEPS,
            'factors': [f(s) for s in range(STEPS)],
        }
        for name, f in SCHEDULES.items()
    ]
    schedules[0]['finalFraction'] = FINAL
    schedules[1]['finalFraction'] = 0
    write(HERE / 'optimizers.json', head, schedules=schedules, runs=[follow(run) for run in RUNS])


if __name__ == '__main__':
    main()

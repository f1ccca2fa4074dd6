"""
nn.LSTM and nn.GRU, batch first: outputs, final states and every gradient, of one layer, and of stacks: layers, both
directions, texts of several lengths (packed sequences).

    python test/golden/recurrent.py        writes test/golden/recurrent.json

Axes: L layers · D directions · B batch · T tokens · I inputs · H hidden
"""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import HERE, decimals, require_pins, values, write

B, T, I, H = 3, 7, 5, 4
LENGTHS = [4, 7, 1]
RULES = {
    'inputs': 'scale * value(i, salt) of README.md',
    'gates': 'i, f, g, o (lstm) or r, z, n (gru) in turn along the first axis of weights and biases; both biases are added',
    'lstm': 'c = f * c + i * g, h = o * tanh(c)',
    'gru': 'n = tanh(Wn x + bn + r * (Un h + cn)) with cn the hidden bias; h = (1 - z) * n + z * h',
    'cotangents': 'of output: value(i, 50); of the final h: value(i, 51); of the final c: value(i, 52)',
    'stacks': 'parameters and states are named by layer.direction; the n-th output has the cotangent value(i, 50 + n), n from 0',
    'lengths': 'real tokens of each example, all T where absent; outputs at others are 0',
}


def recipes(kind):
    gates = 4 if kind == 'LSTM' else 3
    shapes = {'x': [B, T, I], 'weightInput': [gates * H, I], 'weightHidden': [gates * H, H], 'biasInput': [gates * H],
              'biasHidden': [gates * H], 'h0': [B, H], **({'c0': [B, H]} if kind == 'LSTM' else {})}  # fmt: skip
    return [{'name': name, 'shape': shape, 'salt': salt, 'scale': 2} for salt, (name, shape) in enumerate(shapes.items())]


def follow(kind, given_state):
    """One cell in float64; without a given state it starts from zeros and the states are no inputs."""
    wanted = [r for r in recipes(kind) if given_state or r['name'] not in ('h0', 'c0')]
    p = {r['name']: torch.from_numpy(values(r['shape'], r['salt'], r['scale'])).double().requires_grad_() for r in wanted}
    cell = getattr(torch.nn, kind)(I, H, batch_first=True, dtype=torch.float64)
    names = {'weight_ih_l0': 'weightInput', 'weight_hh_l0': 'weightHidden', 'bias_ih_l0': 'biasInput', 'bias_hh_l0': 'biasHidden'}
    state = tuple(p[name][None] for name in ('h0', 'c0') if name in p)
    state = (state if kind == 'LSTM' else state[0]) if given_state else None
    arguments = (p['x'],) if state is None else (p['x'], state)
    output, last = torch.func.functional_call(cell, {name: p[ours] for name, ours in names.items()}, arguments)
    results = {'output': output, **dict(zip(['h', 'c'], (last if kind == 'LSTM' else [last]), strict=False))}
    cotangents = [torch.from_numpy(values(y.shape, 50 + i)).double() for i, y in enumerate(results.values())]
    gradients = torch.autograd.grad(list(results.values()), list(p.values()), cotangents)
    drop_layer_axis = lambda y: list(y.shape if y.shape[0] != 1 else y.shape[1:])
    return {
        'cell': kind.lower(),
        'title': 'given state' if given_state else 'from zeros',
        'inputs': wanted,
        'outputs': {name: {'shape': drop_layer_axis(y), 'data': decimals(y.float())} for name, y in results.items()},
        'gradients': {name: {'shape': list(g.shape), 'data': decimals(g.float())} for name, g in zip(p, gradients, strict=True)},
        'tolerance': 1e-5,
    }


NAMES = {'weight_ih': 'input.weight', 'weight_hh': 'hidden.weight', 'bias_ih': 'input.bias', 'bias_hh': 'hidden.bias'}


def stack(kind, layers, directions, lengths):
    """Layers over one another in float64, from given states."""
    cell = getattr(torch.nn, kind)(I, H, layers, batch_first=True, bidirectional=directions == 2, dtype=torch.float64)
    places = [(i, j) for i in range(layers) for j in range(directions)]
    ours = {f'{theirs}_l{i}{"_reverse" * j}': f'{i}.{j}.{name}' for i, j in places for theirs, name in NAMES.items()}
    parameters = dict(cell.named_parameters())
    states = ['h', 'c'][: 2 if kind == 'LSTM' else 1]
    shapes = {'x': [B, T, I], **{ours[name]: list(p.shape) for name, p in parameters.items()},
              **{f'{i}.{j}.{state}': [B, H] for state in states for i, j in places}}  # fmt: skip
    wanted = [{'name': name, 'shape': shape, 'salt': salt, 'scale': 2} for salt, (name, shape) in enumerate(shapes.items())]
    p = {r['name']: torch.from_numpy(values(r['shape'], r['salt'], r['scale'])).double().requires_grad_() for r in wanted}
    first = [torch.stack([p[f'{i}.{j}.{state}'] for i, j in places]) for state in states]
    x = pack_padded_sequence(p['x'], torch.tensor(lengths), batch_first=True, enforce_sorted=False) if lengths else p['x']
    weights = {name: p[our] for name, our in ours.items()}
    output, last = torch.func.functional_call(cell, weights, (x, tuple(first) if kind == 'LSTM' else first[0]))
    if lengths:
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=T)
    results = {'output': output}
    for state, y in zip(states, last if kind == 'LSTM' else [last], strict=True):
        results |= {f'{i}.{j}.{state}': y[k] for k, (i, j) in enumerate(places)}
    cotangents = [torch.from_numpy(values(y.shape, 50 + n)).double() for n, y in enumerate(results.values())]
    gradients = torch.autograd.grad(list(results.values()), list(p.values()), cotangents)
    title = f'{layers} layers, {"both ways" if directions == 2 else "one way"}{", several lengths" if lengths else ""}'
    return {
        'cell': kind.lower(),
        'title': title,
        **({'lengths': lengths} if lengths else {}),
        'inputs': wanted,
        'outputs': {name: {'shape': list(y.shape), 'data': decimals(y.float())} for name, y in results.items()},
        'gradients': {name: {'shape': list(g.shape), 'data': decimals(g.float())} for name, g in zip(p, gradients, strict=True)},
        'tolerance': 1e-5,
    }


def main():
    require_pins()
    head = {'generator': 'test/golden/recurrent.py', 'rules': RULES, 'sizes': {'B': B, 'T': T, 'I': I, 'H': H}}
    kinds = ('LSTM', 'GRU')
    cases = [follow(kind, given) for kind in kinds for given in (True, False)]
    sizes = [(1, 1, LENGTHS), (2, 1, LENGTHS), (2, 2, None), (2, 2, LENGTHS)]
    stacks = [stack(kind, *size) for kind in kinds for size in sizes]
    write(HERE / 'recurrent.json', head, cases=cases, stacks=stacks)


if __name__ == '__main__':
    main()

"""
nn.LSTM and nn.GRU, one layer, batch first: outputs, final states and every gradient.

    python test/golden/recurrent.py        writes test/golden/recurrent.json

Axes: B batch · T tokens · I inputs · H hidden
"""

import torch

from golden import HERE, decimals, require_pins, values, write

B, T, I, H = 3, 7, 5, 4
RULES = {
    'inputs': 'scale * value(i, salt) of README.md',
    'gates': 'i, f, g, o (lstm) or r, z, n (gru) in turn along the first axis of weights and biases; both biases are added',
    'lstm': 'c = f * c + i * g, h = o * tanh(c)',
    'gru': 'n = tanh(Wn x + bn + r * (Un h + cn)) with cn the hidden bias; h = (1 - z) * n + z * h',
    'cotangents': 'of output: value(i, 50); of the final h: value(i, 51); of the final c: value(i, 52)',
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


def main():
    require_pins()
    head = {'generator': 'test/golden/recurrent.py', 'rules': RULES, 'sizes': {'B': B, 'T': T, 'I': I, 'H': H}}
    cases = [follow(kind, given) for kind in ('LSTM', 'GRU') for given in (True, False)]
    write(HERE / 'recurrent.json', head, cases=cases)


if __name__ == '__main__':
    main()

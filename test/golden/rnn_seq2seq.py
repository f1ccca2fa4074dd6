"""
Recurrent encoder–decoders of torch modules: logits, attention weights, loss and every gradient.

    python test/golden/rnn_seq2seq.py        writes test/golden/rnn_seq2seq.json

nn.LSTM and nn.GRU read packed sources and whole targets, nn.LSTMCell and nn.GRUCell step where attention is additive.

Axes: B sources · S source tokens · T tokens · E embedding · H hidden · V vocabulary
"""

from itertools import product

import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import HERE, checksum, decimals, integers, require_pins, values, write

LENGTHS, T, E, H = [5, 2, 4], 4, 6, 8
B, S = len(LENGTHS), max(LENGTHS)
SOURCE_V, V = 11, 9
SCALE = 1.5
RULES = {
    'parameters': 'SCALE * value(i, salt) of README.md, by their paths in the spec',
    'source, ids, targets': 'integers(shape, salt, below) with salts 900, 901, 902; what is past a source’s length is masked',
    'loss': 'mean cross-entropy of the targets',
}
CELLS = {'lstm': (torch.nn.LSTM, torch.nn.LSTMCell, 4), 'gru': (torch.nn.GRU, torch.nn.GRUCell, 3)}


def shapes_of(c):
    """The shape of every parameter by its path."""
    gates, directions = CELLS[c['cell']][2], 2 if c['bidirectional'] else 1
    shapes = {'embed': [V, E]}
    if not c['share_embeddings']:
        shapes['sourceEmbed'] = [SOURCE_V, E]

    def cell(path, size_in, size):
        for side, n in (('input', size_in), ('hidden', size)):
            shapes[f'{path}.{side}.weight'] = [gates * size, n]
            shapes[f'{path}.{side}.bias'] = [gates * size]

    def dense(path, size_out, size_in):
        shapes[f'{path}.weight'], shapes[f'{path}.bias'] = [size_out, size_in], [size_out]

    layers = c['num_hidden_layers']
    for layer, direction in product(range(layers), range(directions)):
        cell(f'encoder.{layer}.{direction}', H if layer else E, H // directions)
    for layer in range(layers) if c['bidirectional'] else []:
        for part in 'hc' if c['cell'] == 'lstm' else 'h':
            dense(f'bridges.{layer}.{part}', H, H)
    additive = c['attention'] == 'additive'
    if additive or c['attention'] == 'general':
        shapes['keys.weight'] = [H, H]
    if additive:
        cell('attentive.cell', E, H)
        shapes.update({'attentive.context.weight': [gates * H, H], 'attentive.query.weight': [H, H], 'attentive.score': [H, 1]})
    for layer in range(layers - 1 if additive else layers):
        cell(f'decoder.{layer}.0', H if layer or additive else E + H if c['context_input'] else E, H)
    read = {'none': 2 * H if c['context_input'] else H, 'additive': 2 * H + E}.get(c['attention'], 2 * H)
    dense('readout', E, read)
    if not c['tie_word_embeddings']:
        shapes['head.weight'] = [V, E]
    shapes['head.bias'] = [V]
    return shapes


def stack(p, path, c, x, layers, initial=None, lengths=None):
    """nn.LSTM or nn.GRU with our parameters; states as a list of one (h, c) or h for each layer and direction."""
    both = lengths is not None and c['bidirectional']
    size = p[f'{path}.0.0.hidden.weight'].shape[1]
    module = CELLS[c['cell']][0](x.shape[2], size, layers, batch_first=True, bidirectional=both, dtype=torch.float64)
    weights = {}
    for layer, direction, (side, short) in product(range(layers), range(1 + both), (('input', 'ih'), ('hidden', 'hh'))):
        for leaf in ('weight', 'bias'):
            name = f'{leaf}_{short}_l{layer}{"_reverse" if direction else ""}'
            weights[name] = p[f'{path}.{layer}.{direction}.{side}.{leaf}']
    read = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) if lengths else x
    if initial is not None:
        initial = tuple(map(torch.stack, zip(*initial, strict=True))) if c['cell'] == 'lstm' else torch.stack(initial)
    y, last = torch.func.functional_call(module, weights, (read, initial))
    states = list(zip(*last, strict=True)) if c['cell'] == 'lstm' else list(last)
    return (pad_packed_sequence(y, batch_first=True)[0] if lengths else y), states


def dense(p, path, x):
    return F.linear(x, p[f'{path}.weight'], p.get(f'{path}.bias'))


def encode(p, c, source):
    y, states = stack(p, 'encoder', c, p.get('sourceEmbed', p['embed'])[source], c['num_hidden_layers'], lengths=LENGTHS)
    if not c['bidirectional']:
        return y, states
    pairs = list(zip(states[::2], states[1::2], strict=True))
    if c['cell'] == 'gru':
        return y, [torch.tanh(dense(p, f'bridges.{i}.h', torch.cat(pair, -1))) for i, pair in enumerate(pairs)]
    joined = [[torch.cat(both, -1) for both in zip(*pair, strict=True)] for pair in pairs]
    return y, [(torch.tanh(dense(p, f'bridges.{i}.h', h)), dense(p, f'bridges.{i}.c', k)) for i, (h, k) in enumerate(joined)]


def attentive(p, c, x, memory, seen, state):
    """The layer that attends before each step: outputs, contexts and weights."""
    gates = CELLS[c['cell']][2]
    cell = CELLS[c['cell']][1](E + H, H, dtype=torch.float64)
    names = {'bias_ih': 'attentive.cell.input.bias', 'weight_hh': 'attentive.cell.hidden.weight', 'bias_hh': 'attentive.cell.hidden.bias'}
    weights = {name: p[ours] for name, ours in names.items()}
    weights['weight_ih'] = torch.cat([p['attentive.cell.input.weight'], p['attentive.context.weight']], 1)
    assert weights['weight_ih'].shape == (gates * H, E + H)
    outputs = []
    for t in range(T):
        query = dense(p, 'attentive.query', state[0] if c['cell'] == 'lstm' else state)
        scores = torch.tanh(query[:, None] + dense(p, 'keys', memory)) @ p['attentive.score'][:, 0]
        alpha = scores.masked_fill(~seen, -torch.inf).softmax(-1)  # [B, S]
        context = (alpha[:, :, None] * memory).sum(1)
        state = torch.func.functional_call(cell, weights, (torch.cat([x[:, t], context], 1), state))
        outputs.append((state[0] if c['cell'] == 'lstm' else state, context, alpha))
    return [torch.stack(part, 1) for part in zip(*outputs, strict=True)]


def decode(p, c, ids, memory, initial, seen):
    x = p['embed'][ids]
    layers, alpha = c['num_hidden_layers'], None
    if c['attention'] == 'additive':
        y, context, alpha = attentive(p, c, x, memory, seen, initial[0])
        if layers > 1:
            y = stack(p, 'decoder', c, y, layers - 1, initial[1:])[0]
        read = [y, context, x]
    elif c['attention'] == 'none':
        embedded = (initial[-1][0] if c['cell'] == 'lstm' else initial[-1])[:, None].expand(B, T, H)
        context = [embedded] if c['context_input'] else []
        read = [stack(p, 'decoder', c, torch.cat([x, *context], -1), layers, initial)[0], *context]
    else:
        y = stack(p, 'decoder', c, x, layers, initial)[0]
        keys = dense(p, 'keys', memory) if c['attention'] == 'general' else memory
        alpha = (y @ keys.mT).masked_fill(~seen[:, None], -torch.inf).softmax(-1)  # [B, T, S]
        read = [y, alpha @ memory]
    readout = torch.tanh(dense(p, 'readout', torch.cat(read, -1)))
    return F.linear(readout, p.get('head.weight', p['embed']), p['head.bias']), alpha


def case(c):
    recipes = [{'name': name, 'shape': shape, 'salt': salt} for salt, (name, shape) in enumerate(shapes_of(c).items())]
    p = {r['name']: torch.from_numpy(values(r['shape'], r['salt'], SCALE)).double().requires_grad_() for r in recipes}
    source = torch.from_numpy(integers((B, S), 900, c['source_vocab_size'])).long()
    ids, targets = (torch.from_numpy(integers((B, T), salt, V)).long() for salt in (901, 902))
    seen = torch.arange(S)[None] < torch.tensor(LENGTHS)[:, None]
    memory, initial = encode(p, c, source)
    logits, alpha = decode(p, c, ids, memory, initial, seen)
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    for recipe, gradient in zip(recipes, torch.autograd.grad(loss, list(p.values())), strict=True):
        recipe['gradient'] = checksum(gradient, samples=6)
    return {
        'config': c,
        'logits': decimals(logits.float()),
        **({} if alpha is None else {'weights': decimals(alpha.float())}),
        'loss': float(f'{loss.item():.9g}'),
        'parameters': recipes,
    }


def config(cell, attention, bidirectional, **more):
    shared = more.get('share_embeddings', False)
    return {
        'model_type': 'loquent-rnn',
        'source_vocab_size': V if shared else SOURCE_V,
        'vocab_size': V,
        'embedding_size': E,
        'hidden_size': H,
        'num_hidden_layers': 2,
        'cell': cell,
        'bidirectional': bidirectional,
        'attention': attention,
        'context_input': False,
        'dropout': 0.25,
        'share_embeddings': shared,
        'tie_word_embeddings': True,
        **more,
    }


def main():
    require_pins()
    every = product(CELLS, ('none', 'additive', 'dot', 'general'), (False, True))
    configs = [config(*names) for names in every]
    configs += [config(cell, 'none', both, context_input=True) for cell, both in (('lstm', False), ('gru', True))]
    configs += [
        config('gru', 'additive', True, num_hidden_layers=1, share_embeddings=True),
        config('lstm', 'general', False, num_hidden_layers=1, tie_word_embeddings=False),
    ]
    head = {
        'generator': 'test/golden/rnn_seq2seq.py',
        'rules': RULES,
        'sizes': {'lengths': LENGTHS, 'T': T, 'scale': SCALE},
        'tolerance': {'logits': 1e-5, 'weights': 1e-6, 'gradients': 1e-4},
    }
    write(HERE / 'rnn_seq2seq.json', head, cases=[case(c) for c in configs])


if __name__ == '__main__':
    main()

"""
The peer of bench/transformer.mjs: the Transformer of Vaswani et al. trained in PyTorch, as a process to be timed in turns.

    python bench/transformer_torch.py --layers 3 --width 256 --heads 4 --inner 1024 --tokens 32 --batch 32 --vocab 8000 --threads 2

Layer norm behind each addition, one table of embeddings, biases, a bias of the logits; sources padded to different lengths, label
smoothing, clipping, AdamW. Reads lines `run N`, takes N steps and answers { stepMs: [...], peakBytes, last }, where last is the last
loss; the first line it prints says what it is. It ends with its input.

Axes: B batch · S source tokens · T target tokens · C channels · H heads · F feed-forward · V vocabulary
"""

import argparse
import itertools
import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.heads = H
        self.q, self.k, self.v, self.o = (nn.Linear(C, C) for _ in range(4))

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [B, H, T, D]

    def forward(self, x, source, **options):
        q, k, v = self.split(self.q(x)), self.split(self.k(source)), self.split(self.v(source))
        y = F.scaled_dot_product_attention(q, k, v, **options)
        return self.o(y.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, C, inner):
        super().__init__()
        self.up, self.down = nn.Linear(C, inner), nn.Linear(inner, C)

    def forward(self, x):
        return self.down(F.relu(self.up(x)))


class EncoderLayer(nn.Module):
    def __init__(self, C, H, inner):
        super().__init__()
        self.attn, self.mlp = Attention(C, H), FeedForward(C, inner)
        self.norms = nn.ModuleList(nn.LayerNorm(C) for _ in range(2))

    def forward(self, x, seen):
        x = self.norms[0](x + self.attn(x, x, attn_mask=seen))
        return self.norms[1](x + self.mlp(x))


class DecoderLayer(nn.Module):
    def __init__(self, C, H, inner):
        super().__init__()
        self.attn, self.cross, self.mlp = Attention(C, H), Attention(C, H), FeedForward(C, inner)
        self.norms = nn.ModuleList(nn.LayerNorm(C) for _ in range(3))

    def forward(self, x, states, seen):
        x = self.norms[0](x + self.attn(x, x, is_causal=True))
        x = self.norms[1](x + self.cross(x, states, attn_mask=seen))
        return self.norms[2](x + self.mlp(x))


class Transformer(nn.Module):
    def __init__(self, o):
        super().__init__()
        C = o.width
        self.embedding = nn.Embedding(o.vocab, C)
        self.bias = nn.Parameter(torch.zeros(o.vocab))
        self.encoder = nn.ModuleList(EncoderLayer(C, o.heads, o.inner) for _ in range(o.layers))
        self.decoder = nn.ModuleList(DecoderLayer(C, o.heads, o.inner) for _ in range(o.layers))
        for p in self.parameters():
            if p.ndim > 1:
                nn.init.xavier_uniform_(p)
        nn.init.normal_(self.embedding.weight, std=C**-0.5)
        angles = torch.arange(o.tokens)[:, None] * 10_000 ** (-torch.arange(0, C, 2) / C)
        self.register_buffer('positions', torch.cat([angles.sin(), angles.cos()], 1))

    def embed(self, ids):
        return self.embedding(ids) * math.sqrt(self.embedding.embedding_dim) + self.positions[: ids.shape[1]]

    def forward(self, source, mask, target):
        seen = mask[:, None, None, :]
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x, seen)
        y = self.embed(target)
        for layer in self.decoder:
            y = layer(y, x, seen)
        return F.linear(y, self.embedding.weight, self.bias)  # [B, T, V]


def trainer(o):
    model = Transformer(o)
    parameters = list(model.parameters())
    sources = torch.randint(0, o.vocab, (64, o.batch, o.tokens))
    targets = torch.randint(0, o.vocab, (64, o.batch, o.tokens + 1))
    lengths = torch.randint(o.tokens // 2, o.tokens + 1, (64, o.batch, 1))
    lengths[:, 0] = o.tokens
    batches = itertools.cycle(zip(sources, torch.arange(o.tokens) < lengths, targets, strict=True))
    groups = [
        {'params': [p for p in parameters if p.ndim >= 2], 'weight_decay': 0.1},
        {'params': [p for p in parameters if p.ndim < 2], 'weight_decay': 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.98), fused=True)
    if o.compile:
        model.compile()

    def step():
        source, mask, row = next(batches)
        optimizer.zero_grad(set_to_none=True)
        logits = model(source, mask, row[:, :-1]).flatten(0, 1)
        loss = F.cross_entropy(logits, row[:, 1:].flatten(), label_smoothing=0.1)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    def run(count):
        times, last = zip(*(timed(step) for _ in range(count)))
        return {'stepMs': times, 'last': last[-1]}

    return model, run


def timed(step):
    before = time.perf_counter()
    result = step()
    return round((time.perf_counter() - before) * 1e3, 3), result


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mode', choices=['train'], default='train')
    parser.add_argument('--compile', action='store_true', help='through torch.compile')
    sizes = {'layers': 3, 'width': 256, 'heads': 4, 'inner': 1024, 'tokens': 32, 'batch': 32, 'vocab': 8000}
    for name, default in {'threads': 2, **sizes}.items():
        parser.add_argument(f'--{name}', type=int, default=default)
    return parser.parse_args()


def main():
    start = time.perf_counter()
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    model, run = trainer(o)
    run(1)  # compiles, and allocates what every later step reuses
    print(json.dumps({
        'torch': torch.__version__, 'compile': o.compile, 'threads': o.threads,
        'parameters': sum(p.numel() for p in model.parameters()), 'startMs': round((time.perf_counter() - start) * 1e3),
    }), flush=True)  # fmt: skip
    for line in sys.stdin:
        match line.split():
            case ['run', count] if count.isdecimal() and int(count):
                answer = run(int(count))
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
                print(json.dumps({**answer, 'peakBytes': peak}), flush=True)
            case _:
                sys.exit(f'expected "run N", got {line!r}')


if __name__ == '__main__':
    main()

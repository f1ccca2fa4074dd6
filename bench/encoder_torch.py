"""
The peer of the encoder benchmark: the same Transformer encoder classifier in PyTorch, as a process to be timed in turns.

    python bench/encoder_torch.py --mode train --layers 2 --width 128 --heads 4 --tokens 64 --batch 32

Reads lines `run N`, takes N steps and answers one line of JSON: { stepMs: [...], peakBytes, last }, where last is the last
loss (train) or a logit (infer). The first line it prints says what it is: { torch, mode, compile, threads, parameters,
startMs }. It ends with its input.

Axes: B batch · T tokens · C channels · H heads · D head size (C / H)
"""

import argparse
import itertools
import json
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
        self.qkv = nn.Linear(C, 3 * C)
        self.proj = nn.Linear(C, C)

    def forward(self, x, mask):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)  # [B, H, T, D]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.ln1 = nn.LayerNorm(C)
        self.attn = Attention(C, H)
        self.ln2 = nn.LayerNorm(C)
        self.up = nn.Linear(C, 4 * C)
        self.down = nn.Linear(4 * C, C)

    def forward(self, x, mask):
        x = x + self.attn(self.ln1(x), mask)
        return x + self.down(F.relu(self.up(self.ln2(x))))


class Encoder(nn.Module):
    def __init__(self, vocab, tokens, layers, width, heads, labels):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab, width)
        self.position_embedding = nn.Embedding(tokens, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.classifier = nn.Linear(width, labels)

    def forward(self, ids, mask):
        T = ids.shape[1]
        x = self.token_embedding(ids) + self.position_embedding.weight[:T]  # [B, T, C]
        for block in self.blocks:
            x = block(x, mask[:, None, None, :])
        real = mask[..., None].to(x.dtype)
        return self.classifier((self.norm(x) * real).sum(1) / real.sum(1))  # [B, labels]


def trainer(model, optimizer, batches):
    parameters = list(model.parameters())

    def step():
        ids, mask, targets = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(ids, mask), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    return step


def classifier(model, batches):
    @torch.inference_mode()
    def step():
        ids, mask, _ = next(batches)
        return model(ids, mask)[0, 0].item()

    model.eval()
    return step


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mode', choices=['train', 'infer'], default='train')
    parser.add_argument('--compile', action='store_true', help='through torch.compile; its autotuning modes gain nothing here')
    sizes = {'layers': 2, 'width': 128, 'heads': 4, 'tokens': 64, 'batch': 32, 'vocab': 8192, 'labels': 2}
    for name, default in {'threads': 2, **sizes}.items():
        parser.add_argument(f'--{name}', type=int, default=default)
    return parser.parse_args()


def main():
    start = time.perf_counter()
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    model = Encoder(o.vocab, o.tokens, o.layers, o.width, o.heads, o.labels)
    # many batches, as a single one is learned by heart within fifty steps and its gradients vanish
    ids = torch.randint(1, o.vocab, (64, o.batch, o.tokens))
    targets = torch.randint(0, o.labels, (64, o.batch))
    mask = torch.ones(o.batch, o.tokens, dtype=torch.bool)
    batches = itertools.cycle([(ids[i], mask, targets[i]) for i in range(64)])
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [{'params': matrices, 'weight_decay': 0.01}, {'params': vectors, 'weight_decay': 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)  # on CPU two to four times as fast as foreach
    if o.compile:
        model.compile()
    step = trainer(model, optimizer, batches) if o.mode == 'train' else classifier(model, batches)
    step()  # compiles, and allocates what every later step reuses
    print(json.dumps({
        'torch': torch.__version__, 'mode': o.mode, 'compile': o.compile, 'threads': o.threads,
        'parameters': sum(p.numel() for p in model.parameters()), 'startMs': round((time.perf_counter() - start) * 1e3),
    }), flush=True)  # fmt: skip
    for line in sys.stdin:
        match line.split():
            case ['run', count] if count.isdecimal():
                print(json.dumps(timed(step, int(count))), flush=True)
            case _:
                sys.exit(f'expected "run N", got {line!r}')


def timed(step, count):
    times, last = [], None
    for _ in range(count):
        before = time.perf_counter()
        last = step()
        times.append(round((time.perf_counter() - before) * 1e3, 3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
    return {'stepMs': times, 'peakBytes': peak, 'last': last}


if __name__ == '__main__':
    main()

"""
The peer of the GPT benchmarks: GPT-2 trained in PyTorch, and decoded by Hugging Face's transformers, as a process to be timed in
turns.

    python bench/gpt_torch.py --mode train --layers 4 --width 256 --heads 8 --tokens 128 --batch 16
    python bench/gpt_torch.py --mode decode --layers 6 --width 320 --heads 8 --tokens 1024 --prompt 64                  10.3 M
    python bench/gpt_torch.py --mode decode --layers 12 --width 768 --heads 12 --tokens 1024 --prompt 64 --vocab 16384  98.4 M

Reads lines `run N`, takes N steps and answers one line of JSON. A step of train is forward, backward, clipping and AdamW:
{ stepMs: [...], peakBytes, last }, where last is the last loss. A step of decode is one token of a greedy continuation of the same
prompt, begun anew at every `run`: { stepMs: [...], promptMs, tokensPerSecond, peakBytes, last }, where promptMs is the time to the
first token, which is not among the N, and last is the last token. The first line it prints says what it is: { torch, mode, compile,
threads, parameters, startMs }. It ends with its input.

Axes: B batch · T tokens · C channels · H heads · D head size (C / H) · V vocabulary
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

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)  # [B, H, T, D]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.ln1 = nn.LayerNorm(C)
        self.attn = Attention(C, H)
        self.ln2 = nn.LayerNorm(C)
        self.up = nn.Linear(C, 4 * C)
        self.down = nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate='tanh'))


class GPT(nn.Module):
    def __init__(self, vocab, tokens, layers, width, heads):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab, width)
        self.position_embedding = nn.Embedding(tokens, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for p in self.parameters():
            if p.ndim >= 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, ids):
        x = self.token_embedding(ids) + self.position_embedding.weight[: ids.shape[1]]  # [B, T, C]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.token_embedding.weight.T  # [B, T, V]


def trainer(o):
    model = GPT(o.vocab, o.tokens, o.layers, o.width, o.heads)
    parameters = list(model.parameters())
    # many batches, as a single one is learned by heart within fifty steps and its gradients vanish
    batches = itertools.cycle(torch.randint(0, o.vocab, (64, o.batch, o.tokens + 1)))
    matrices = [p for p in parameters if p.ndim >= 2]
    vectors = [p for p in parameters if p.ndim < 2]
    groups = [{'params': matrices, 'weight_decay': 0.1}, {'params': vectors, 'weight_decay': 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.95), fused=True)
    if o.compile:
        model.compile()

    def step():
        row = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(row[:, :-1]).flatten(0, 1), row[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    def run(count):
        times, last = zip(*(timed(step) for _ in range(count)))
        return {'stepMs': times, 'last': last[-1]}

    return model, run


def decoder(o):
    from transformers import GPT2Config, GPT2LMHeadModel, StaticCache

    sizes = {'vocab_size': o.vocab, 'n_positions': o.tokens, 'n_layer': o.layers, 'n_embd': o.width, 'n_head': o.heads}
    config = GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(config).eval()
    prompt = torch.randint(0, o.vocab, (1, o.prompt))
    # only a cache that does not grow lets one compiled step serve every length
    forward = torch.compile(model.forward, fullgraph=True) if o.compile else model.forward

    def run(count):
        if o.prompt + count > o.tokens:
            sys.exit(f'{o.prompt} tokens of prompt and {count} more do not fit into {o.tokens}')
        cache = StaticCache(config=config, max_cache_len=o.tokens) if o.compile else None

        @torch.inference_mode()
        def step(ids, call):
            nonlocal cache
            out = call(ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = out.past_key_values
            return out.logits[:, -1:].argmax(-1)

        first, token = timed(step, prompt, model.forward)
        times = []
        for _ in range(count):
            ms, token = timed(step, token, forward)
            times.append(ms)
        rate = round(1e3 * count / sum(times), 2)
        return {'stepMs': times, 'promptMs': first, 'tokensPerSecond': rate, 'last': token.item()}

    return model, run


def timed(step, *arguments):
    before = time.perf_counter()
    result = step(*arguments)
    return round((time.perf_counter() - before) * 1e3, 3), result


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mode', choices=['train', 'decode'], default='train')
    parser.add_argument('--compile', action='store_true', help='through torch.compile; decoding then with a static cache')
    sizes = {'layers': 4, 'width': 256, 'heads': 8, 'tokens': 128, 'batch': 16, 'vocab': 8192, 'prompt': 64}
    for name, default in {'threads': 2, **sizes}.items():
        parser.add_argument(f'--{name}', type=int, default=default)
    return parser.parse_args()


def main():
    start = time.perf_counter()
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    model, run = trainer(o) if o.mode == 'train' else decoder(o)
    run(1)  # compiles, and allocates what every later step reuses
    print(json.dumps({
        'torch': torch.__version__, 'mode': o.mode, 'compile': o.compile, 'threads': o.threads,
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

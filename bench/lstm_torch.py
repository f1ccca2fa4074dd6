"""
The peer of the LSTM benchmark: one layer of nn.LSTM or nn.GRU, forward and every gradient, as a process to be timed in turns.

    python bench/lstm_torch.py --cell lstm --tokens 50 --batch 32 --width 256 --threads 1

Speaks as encoder_torch.py does: lines `run N`, answers of one line of JSON. `last` is the loss. With --compile through
torch.compile, which leaves nn.LSTM and nn.GRU as they are.

Axes: B batch · T tokens · C channels
"""

import argparse
import json
import sys
import time

import torch
from encoder_torch import timed


def trainer(o):
    B, T, C = o.batch, o.tokens, o.width
    layer = {'lstm': torch.nn.LSTM, 'gru': torch.nn.GRU}[o.cell](C, C, batch_first=True)
    x = torch.randn(B, T, C, requires_grad=True)
    weights = torch.randn(B, T, C)
    if o.compile:
        layer.compile()

    def step():
        layer.zero_grad(set_to_none=True)
        x.grad = None
        y, _ = layer(x)  # [B, T, C]
        loss = (y * weights).sum()
        loss.backward()
        return loss.item()

    return layer, step


def main():
    start = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mode', choices=['train'], default='train')
    parser.add_argument('--cell', choices=['lstm', 'gru'], default='lstm')
    parser.add_argument('--compile', action='store_true')
    for name, default in {'threads': 2, 'tokens': 50, 'batch': 32, 'width': 256}.items():
        parser.add_argument(f'--{name}', type=int, default=default)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    layer, step = trainer(o)
    step()  # allocates what every later step reuses
    print(json.dumps({
        'torch': torch.__version__, 'mode': o.mode, 'compile': o.compile, 'threads': o.threads,
        'parameters': sum(p.numel() for p in layer.parameters()), 'startMs': round((time.perf_counter() - start) * 1e3),
    }), flush=True)  # fmt: skip
    for line in sys.stdin:
        match line.split():
            case ['run', count] if count.isdecimal():
                print(json.dumps(timed(step, int(count))), flush=True)
            case _:
                sys.exit(f'expected "run N", got {line!r}')


if __name__ == '__main__':
    main()

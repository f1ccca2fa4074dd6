"""
The peer of the beam benchmark: a T5 of Hugging Face's transformers with random weights that answers the same sources again and again.

    python bench/beam_transformers.py --width 256 --layers 4 --heads 4 --ff 1024 --vocab 8000 --batch 8 --beams 4

Reads lines `run N`, answers N times and prints one line of JSON: { stepMs: [...], peakBytes }. The first line it prints says what it is.
"""

import argparse
import json
import resource
import sys
import time

import torch
from transformers import T5Config, T5ForConditionalGeneration


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mode', choices=['answer'], default='answer')
    parser.add_argument('--compile', action='store_true', help='through torch.compile, with sizes that may change')
    sizes = {'width': 256, 'layers': 4, 'heads': 4, 'ff': 1024, 'vocab': 8000, 'batch': 1, 'beams': 4, 'source': 24, 'tokens': 48}
    for name, default in {'threads': 2, **sizes}.items():
        parser.add_argument(f'--{name}', type=int, default=default)
    return parser.parse_args()


def main():
    o = options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=o.vocab, d_model=o.width, d_kv=o.width // o.heads, d_ff=o.ff, num_layers=o.layers, num_heads=o.heads,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    model = T5ForConditionalGeneration(config).eval()
    if o.compile:
        # The cache grows by a token a step, so sizes are left open.
        model.forward = torch.compile(model.forward, dynamic=True)
    ids = torch.randint(2, o.vocab, (o.batch, o.source))
    search = {'num_beams': o.beams, 'max_new_tokens': o.tokens, 'min_new_tokens': o.tokens, 'do_sample': False}

    @torch.inference_mode()
    def run(count):
        times = []
        for _ in range(count):
            before = time.perf_counter()
            out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **search)
            times.append(round((time.perf_counter() - before) * 1e3, 3))
            assert out.shape == (o.batch, o.tokens + 1)
        return times

    run(1)
    print(json.dumps({'torch': torch.__version__, 'compile': o.compile, 'parameters': model.num_parameters()}), flush=True)
    for line in sys.stdin:
        match line.split():
            case ['run', count] if count.isdecimal() and int(count):
                times = run(int(count))
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
                print(json.dumps({'stepMs': times, 'peakBytes': peak}), flush=True)
            case _:
                sys.exit(f'expected "run N", got {line!r}')


if __name__ == '__main__':
    main()

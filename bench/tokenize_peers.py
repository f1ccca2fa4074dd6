"""The Python side of tokenize.mjs: reads pieces of text, then answers each line with the seconds that encoding all of them takes."""

import json
import sys
import time

library, file = sys.argv[1:]
pieces = json.loads(sys.stdin.readline())


def byte_values():
    """Letter to byte, of GPT-2."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [b for b in range(256) if b not in visible]
    return {**{chr(b): b for b in visible}, **{chr(256 + i): b for i, b in enumerate(hidden)}}


if library == 'tokenizers':
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def encode():
        return sum(len(tokenizer.encode_batch_fast([piece], add_special_tokens=False)[0].ids) for piece in pieces)
else:
    import tiktoken

    with open(file, encoding='utf-8') as opened:
        vocab = json.load(opened)['model']['vocab']
    values = byte_values()
    special = {'<|endoftext|>': vocab.pop('<|endoftext|>')}
    ranks = {bytes(values[c] for c in token): number for token, number in vocab.items()}
    pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
    encoding = tiktoken.Encoding(name='gpt2', pat_str=pattern, mergeable_ranks=ranks, special_tokens=special)

    def encode():
        return sum(len(encoding.encode_ordinary(piece)) for piece in pieces)


for _ in sys.stdin:
    start = time.perf_counter()
    tokens = encode()
    print(json.dumps({'seconds': time.perf_counter() - start, 'tokens': tokens}), flush=True)

"""
Lines of text that try a tokenizer: prose, code, emoji, marks, many scripts, control characters, odd spaces, special tokens, and single
characters of all kinds, put together by the formula of golden.py. The twin of tokenizer-lines.ts.
"""

import json
from pathlib import Path

FRAGMENTS = json.loads((Path(__file__).parent / 'tokenizers' / 'fragments.json').read_text(encoding='utf-8'))
MASK = 0xFFFFFFFF


def pick(index, salt, below):
    x = ((index + 1) * 0x9E3779B1 ^ (salt + 1) * 0x85EBCA77) & MASK
    x = ((x ^ x >> 16) * 0x7FEB352D) & MASK
    x = ((x ^ x >> 15) * 0x846CA68B) & MASK
    x ^= x >> 16
    return (x >> 8) * below >> 24


def line(i):
    n = 1 + pick(0, i, 14)
    return ''.join(characters(i, k) if pick(3 * k + 1, i, 8) == 0 else fragment(i, k) for k in range(n))


def fragment(i, k):
    kinds = list(FRAGMENTS['fragments'].values())
    kind = kinds[pick(3 * k + 2, i, len(kinds))]
    separators = FRAGMENTS['separators']
    return kind[pick(3 * k + 3, i, len(kind))] + separators[pick(1000 + k, i, len(separators))]


def characters(i, k):
    ranges = FRAGMENTS['ranges']
    out = ''
    for j in range(1 + pick(2000 + k, i, 6)):
        first, last = ranges[pick(3000 + 10 * k + j, i, len(ranges))]
        out += chr(first + pick(4000 + 10 * k + j, i, last - first + 1))
    return out


def long_lines():
    return [text * times for text, times in FRAGMENTS['long']]


def utf16_offsets(text, offsets):
    """From code points to UTF-16 code units, as JavaScript counts."""
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
    return [[units[start], units[end]] for start, end in offsets]

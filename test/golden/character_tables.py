"""
The classes of characters by which Hugging Face tokenizers cleans and splits text for BERT, every code point asked: character-tables.ts.

    python test/golden/character_tables.py

The library has tables of its own, older than those of Python and of JavaScript, so that a class of `\\p{…}` differs in newer characters.
"""

from pathlib import Path

import tokenizers
from tokenizers import normalizers, pre_tokenizers

PIN = '0.23.3'
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'


def base36(n):
    return (base36(n // 36) if n >= 36 else '') + DIGITS[n % 36]


def ranges(code_points):
    """Gap and length of each range, one after another."""
    found = []
    for c in code_points:
        if found and found[-1][1] == c:
            found[-1][1] = c + 1
        else:
            found.append([c, c + 1])
    numbers, at = [], 0
    for start, end in found:
        numbers += [start - at, end - start]
        at = end
    return ' '.join(map(base36, numbers))


def removed_by(normalizer):
    return ranges(c for c in CODE_POINTS if normalizer.normalize_str(chr(c)) == '')


def bert(**options):
    off = {'clean_text': False, 'handle_chinese_chars': False, 'strip_accents': False, 'lowercase': False}
    return normalizers.BertNormalizer(**{**off, **options})


def main():
    if tokenizers.__version__ != PIN:
        raise SystemExit(f'made with tokenizers {PIN}, found {tokenizers.__version__}')
    punctuation = pre_tokenizers.Punctuation('removed')
    scripts = pre_tokenizers.UnicodeScripts()
    tables = {
        'PUNCTUATION': ranges(c for c in CODE_POINTS if not punctuation.pre_tokenize_str(chr(c))),
        'CONTROL': removed_by(bert(clean_text=True)),
        'NONSPACING': removed_by(bert(strip_accents=True)),
        'SCRIPTED': ranges(c for c in CODE_POINTS if any(len(scripts.pre_tokenize_str(known + chr(c))) > 1 for known in 'aд')),
        'MARK': removed_by(normalizers.StripAccents()),
    }
    head = (
        f'// Written by test/golden/character_tables.py with tokenizers {PIN}.\n'
        '/** Classes of characters as ranges of code points: gap and length of each, in base 36. */\n'
        'export const CHARACTER_TABLES = {\n'
    )
    lines = ''.join(f"  {name}:\n    '{table}',\n" for name, table in tables.items())
    path = Path(__file__).parent.parent.parent / 'src' / 'tokenizers' / 'character-tables.ts'
    path.write_text(f'{head}{lines}}}\n')


if __name__ == '__main__':
    main()

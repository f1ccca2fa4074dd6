"""
What Hugging Face tokenizers makes of the tokenizer.json files that CharTokenizer and ByteTokenizer write.

    npm run build && python test/golden/char_byte_tokenizers.py        writes test/golden/char_byte_tokenizers.json

The char tokenizer is trained on the texts themselves, once without and once with a token for unknown characters. Beyond the cases that are written down, every code point is checked here.
"""

import json
import subprocess
from pathlib import Path

import tokenizers

HERE = Path(__file__).parent
PIN = '0.22.1'
if tokenizers.__version__ != PIN:
    raise SystemExit(f'golden ids are made with tokenizers {PIN}, found {tokenizers.__version__}')

TEXTS = [
    '',
    ' ',
    'To be, or not to be:\nthat is the question.',
    '  two  spaces\t\ttabs\n\n\nlines\r\n returns\r',
    'a\u0000b \u0001 \u001f \u007f \u0080 \u0085 \u00a0 \u00ad',
    'café cafe\u0301 naïve ſ ß İ ı',
    'emoji 😀😀 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣',
    '日本語 한국어 \u1100\u1161 हिन्दी ภาษา עברית العربية',
    '\u2028 \u2029 \u200b \u200d \u2060 \ufeff \ufffd \uffff',
    '\ufeffbom',
    '\ue000 \ufffe \U00010000 \U000f0000 \U0010ffff',
    '[UNK] <unk> Ġ Ċ ▁ ##',
]  # fmt: skip

UNKNOWN = ['Zürich', '\n\u2603\n', '😁']

BYTES = [
    [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F], [0x61, 0xF0, 0x9F, 0x98, 0x62], [0x80, 0xBF, 0x61],
    [0xE2, 0x82, 0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80, 0xF0], [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF], [0xE0, 0x80, 0x80, 0xC2],
]  # fmt: skip

WRITE = """
import { readFileSync } from 'node:fs'
import { ByteTokenizer } from './dist/tokenizers/byte.js'
import { CharTokenizer } from './dist/tokenizers/char.js'
const texts = JSON.parse(readFileSync(0, 'utf8'))
const unknown = CharTokenizer.train(texts, { unknown: true })
console.log(JSON.stringify([CharTokenizer.train(texts), new ByteTokenizer(), unknown]))
"""


def written_for(texts):
    """The files, and the library's tokenizers made of them; the library would write the same files."""
    command = ['node', '--input-type=module', '-e', WRITE]
    run = subprocess.run(command, cwd=HERE.parent.parent, input=json.dumps(texts), capture_output=True, check=True, text=True, encoding='utf-8')
    files = json.loads(run.stdout)
    loaded = [tokenizers.Tokenizer.from_str(json.dumps(file)) for file in files]
    assert [json.loads(tokenizer.to_str()) for tokenizer in loaded] == files
    return files, loaded


def check_every_code_point():
    text = ''.join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    _, (char, byte, unknown) = written_for([text])
    assert unknown.encode(text).ids == list(range(1, len(text) + 1))
    assert char.encode(text).ids == list(range(len(text))) and char.decode(range(len(text))) == text
    assert byte.encode(text).ids == list(text.encode()) and byte.decode(list(text.encode())) == text


def is_refused(tokenizer, text):
    try:
        tokenizer.encode(text)
    except Exception:
        return True
    return False


def main():
    check_every_code_point()
    (char_file, byte_file, unknown_file), (char, byte, unknown) = written_for(TEXTS)
    cases = [{'text': t, 'char': char.encode(t).ids, 'byte': byte.encode(t).ids} for t in TEXTS]
    assert all(char.decode(c['char']) == byte.decode(c['byte']) == c['text'] for c in cases)
    assert all(is_refused(char, text) for text in UNKNOWN)
    with_unknown = []
    for text in [*UNKNOWN, *TEXTS]:
        ids = unknown.encode(text).ids
        with_unknown.append({'text': text, 'ids': ids, 'decoded': unknown.decode(ids)})
    decoded = [{'ids': ids, 'text': byte.decode(ids)} for ids in BYTES]

    lists = {'cases': cases, 'unknown': UNKNOWN, 'withUnknown': with_unknown, 'decoded': decoded}
    parts = [f'"{name}": [\n' + ',\n'.join(json.dumps(item) for item in items) + '\n]' for name, items in lists.items()]
    files = {'char': char_file, 'byte': byte_file, 'charWithUnknown': unknown_file}
    head = f'{{"versions": {{"tokenizers": "{PIN}"}},\n' + ''.join(f'"{name}": {json.dumps(file)},\n' for name, file in files.items())
    Path(__file__).with_suffix('.json').write_text(head + ',\n'.join(parts) + '}\n')


if __name__ == '__main__':
    main()

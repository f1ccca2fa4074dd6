"""
What Hugging Face tokenizers makes of the lines of tokenizer_lines.py with the tokenizer.json of GPT-2, BERT base uncased and TinyLlama.

    python test/golden/real_tokenizers.py FOLDER     with FOLDER/gpt2/tokenizer.json and so on  -> tokenizers/{gpt2,bert,tinyllama}.json

The files themselves are not part of this repository. Ids, offsets and decoded texts of 10,000 lines are kept as hashes, ten lines a
hash; of the first lines the ids are there in full, and of the long lines their number.
"""

import hashlib
import json
import sys
from pathlib import Path

import tokenizers
from tokenizer_lines import line, long_lines, utf16_offsets
from tokenizers import Tokenizer

HERE = Path(__file__).parent
PIN = '0.23.3'
LINES = 10_000
TOGETHER = 10
FULL = 150
NAMES = {'gpt2': 'gpt2', 'bert': 'bert-base-uncased', 'tinyllama': 'tinyllama'}


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()).hexdigest()[:8]


def main(folder):
    if tokenizers.__version__ != PIN:
        raise SystemExit(f'made with tokenizers {PIN}, found {tokenizers.__version__}')
    for name, directory in NAMES.items():
        file = Path(folder) / directory / 'tokenizer.json'
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()

        def result(text):
            encoding = tokenizer.encode(text)
            return [encoding.ids, utf16_offsets(text, encoding.offsets), tokenizer.decode(encoding.ids, skip_special_tokens=False)]

        results = [result(line(i)) for i in range(LINES)]
        long = [result(text) for text in long_lines()]
        out = {
            'generator': 'test/golden/real_tokenizers.py',
            'tokenizers': PIN,
            'sha256': hashlib.sha256(file.read_bytes()).hexdigest(),
            'hashes': ''.join(digest(results[i : i + TOGETHER]) for i in range(0, LINES, TOGETHER)),
            'long': [[len(ids), digest([ids, offsets, text])] for ids, offsets, text in long],
            'ids': [ids for ids, _, _ in results[:FULL]],
        }
        (HERE / 'tokenizers' / f'{name}.json').write_text(json.dumps(out, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main(sys.argv[1])

"""
A small BPE tokenizer with byte fallback, as Llama has it, trained and run by Hugging Face tokenizers: byte_fallback_bpe.json.

    python test/golden/byte_fallback_bpe.py

Its tokenizer.json in two spellings: spaces by a normaliser, as older files have it, and by a Metaspace pre-tokenizer.
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PIN = '0.23.3'
TEXT = [
    'the cat sat on the mat and the hat', 'a cat and a rat and a bat', 'there is a hat on the mat', 'that cat is the cat that sat',
    'über die Brücke über den Fluß', 'naïve café, naïve résumé', '3.14 and 2.71 and 1.41', 'one  two   three',
]  # fmt: skip
CASES = [
    '', ' ', '  ', 'the cat', ' the cat', 'the  cat ', 'über the naïve café', 'tab\tand\nnewline', 'emoji 😀👩‍👩‍👧 end', '你好',
    '<s>the cat</s>', 'a<s> b', '<0x41>', '▁the▁cat', 'e\u0301', '\ufeffmark', 'thatthatthat',
]  # fmt: skip


def train():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token='<unk>', fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    special = ['<unk>', '<s>', '</s>'] + [f'<0x{byte:02X}>' for byte in range(256)]
    tokenizer.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=360, special_tokens=special, show_progress=False))
    file = json.loads(tokenizer.to_str())
    file['added_tokens'] = [token for token in file['added_tokens'] if not token['content'].startswith('<0x')]
    return file


def finished(file):
    tokenizer = Tokenizer.from_str(json.dumps(file))
    strip = decoders.Strip(content=' ', left=1, right=0)
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse(), strip])
    tokenizer.post_processor = processors.TemplateProcessing(single='<s> $A', special_tokens=[('<s>', 1)])
    return tokenizer


def main():
    if tokenizers.__version__ != PIN:
        raise SystemExit(f'made with tokenizers {PIN}, found {tokenizers.__version__}')
    older = finished(train())
    newer = Tokenizer.from_str(older.to_str())
    newer.normalizer = None
    newer.pre_tokenizer = pre_tokenizers.Metaspace(replacement='▁', prepend_scheme='first', split=False)
    files = {'normalizer': older, 'metaspace': newer}
    out = {
        'generator': 'test/golden/byte_fallback_bpe.py',
        'tokenizers': PIN,
        'files': {name: json.loads(t.to_str()) for name, t in files.items()},
        'cases': [
            {'file': name, 'text': text, 'ids': ids, 'decoded': t.decode(ids)}
            for name, t in files.items()
            for text in CASES
            for ids in [t.encode(text, add_special_tokens=False).ids]
        ],
    }
    path = Path(__file__).parent / 'byte_fallback_bpe.json'
    path.write_text(json.dumps(out, ensure_ascii=False) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()

"""
Small SentencePiece models and the ids that SentencePiece itself gives: sentencepiece_models.json.

    python test/golden/sentencepiece_models.py

A model is base64, in gzip where its rules of NFKC make it large. Texts are made from fragments by a fixed seed.
"""

import base64
import contextlib
import csv
import gzip
import io
import json
import random
import tempfile
from pathlib import Path

import sentencepiece

PIN = '0.2.3'
HERE = Path(__file__).parent
MORE = [
    'über die Brücke über den Fluß', 'naïve café, naïve résumé', 'Привет, мир! Как дела?', '东京 大学 日本 東京', 'こんにちは 世界',
    'one  two   three', '3.14 and 2.71 and 1.41', 'emoji 😀 👩‍👩‍👧 end', 'tab\tand tab', 'ﬁne ﬁle ½ ①②', 'New York and <sep> here <sep>',
]  # fmt: skip
FRAGMENTS = [
    'the ', ' the', 'food ', 'was', ' not ', 'good', 'great.', ' ', '  ', '   ', 'a', 'aa', 'aaa', 'A', 'ing ', 'e\u0301', 'é', 'ü', 'ß',
    'Ф', 'при', '东', '京', 'こ', '😀', '👩‍👩‍👧', 'ﬁ', '½', '①', 'ｆｕｌｌ', '\t', '\n', '\r\n', '\u00a0', '\u3000', '\u200b', '\u00ad', '\u0000',
    '\ufeff', '▁', ' ▁', '.', '...', ',', '!', '?', '1', '42', '3.14', '<sep>', 'New York', '<', '>', "n't", 'ก็', 'हि', 'ه', '\U0001d4d0', '~', '´',
]  # fmt: skip


def texts():
    rng = random.Random(7)
    fixed = ['', ' ', '  ', ' a', 'a ', ' a ', 'the food', ' the  food ', '\u0000', '\u3000', '▁', '▁▁', ' ▁ ', '<sep>', ' <sep> ', 'a<sep>b', '<sep><sep>a', '\n', 'a\n\nb']
    made = [''.join(rng.choice(FRAGMENTS) for _ in range(rng.randint(1, 9))) for _ in range(260)]
    return list(dict.fromkeys(fixed + MORE + made))


def train(corpus, **options):
    model = io.BytesIO()
    common = {'minloglevel': 2, 'hard_vocab_limit': False, 'num_threads': 1, 'shuffle_input_sentence': False}
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=model, **common, **options)
    return model.getvalue()


def rules(path):
    """Some rules of one's own: to a space, to nothing, to more, to fewer characters."""
    lines = ['FB01\t66 69', '9\t20', '200B\t', '65 301\tE9', 'B4\t20 301']
    path.write_text(''.join(f'{line}\n' for line in lines))
    return str(path)


SYMBOLS = ['<sep>', 'food', '▁▁', '~']
MODELS = {
    'unigram': {'model_type': 'unigram', 'vocab_size': 420},
    'unigram-bytes': {
        'model_type': 'unigram', 'vocab_size': 640, 'normalization_rule_name': 'identity', 'byte_fallback': True,
        'add_dummy_prefix': False, 'remove_extra_whitespaces': False, 'user_defined_symbols': SYMBOLS,
    },
    'unigram-suffix': {
        'model_type': 'unigram', 'vocab_size': 400, 'normalization_rule_name': 'identity', 'treat_whitespace_as_suffix': True,
        'remove_extra_whitespaces': False,
    },
    'bpe-bytes': {
        'model_type': 'bpe', 'vocab_size': 640, 'normalization_rule_name': 'identity', 'byte_fallback': True,
        'remove_extra_whitespaces': False,
    },
    'bpe-symbols': {'model_type': 'bpe', 'vocab_size': 420, 'user_defined_symbols': SYMBOLS},
    'bpe-suffix': {
        'model_type': 'bpe', 'vocab_size': 400, 'normalization_rule_name': 'identity', 'treat_whitespace_as_suffix': True,
    },
    'word': {'model_type': 'word', 'vocab_size': 300, 'normalization_rule_name': 'identity'},
    'char': {'model_type': 'char', 'vocab_size': 120, 'normalization_rule_name': 'identity', 'byte_fallback': False},
}  # fmt: skip


def main():
    if sentencepiece.__version__ != PIN:
        raise SystemExit(f'made with sentencepiece {PIN}, found {sentencepiece.__version__}')
    reviews = [row[0] for row in csv.reader((HERE / '../../samples/reviews.csv').open(encoding='utf8'))][1:]
    corpus = reviews + MORE * 8
    cases = texts()
    out = {'generator': 'test/golden/sentencepiece_models.py', 'sentencepiece': PIN, 'texts': cases, 'models': []}
    for name, options in MODELS.items():
        if name == 'bpe-symbols':
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # the model keeps the name as it is given
                model = train(corpus, **options, normalization_rule_tsv=rules(Path('rules.tsv')))
        else:
            model = train(corpus, **options)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        out['models'].append({
            'name': name,
            'model': base64.b64encode(gzip.compress(model, 9, mtime=0)).decode(),
            'ids': [' '.join(map(str, processor.encode(text))) for text in cases],
            'decoded': [processor.decode(processor.encode(text)) for text in cases[:60]],
        })  # fmt: skip
    lines = ',\n'.join(json.dumps(model, ensure_ascii=False) for model in out.pop('models'))
    head = json.dumps(out, ensure_ascii=False)[:-1]
    (HERE / 'sentencepiece_models.json').write_text(f'{head}, "models": [\n{lines}\n]}}\n', encoding='utf8')


main()

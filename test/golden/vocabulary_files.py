"""
Small vocab.txt, and vocab.json with merges.txt, as transformers read them by their classes: vocabulary_files.json.

    python test/golden/vocabulary_files.py
"""

import csv
import json
import tempfile
from pathlib import Path

import tokenizers
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

PINS = {'transformers': '5.23.0', 'tokenizers': '0.23.3'}
HERE = Path(__file__).parent
CASES = [
    '', ' ', 'a', ' a', 'The food was great.', "It's NOT good, isn't it?", 'naïve Café RÉSUMÉ', 'e\u0301 É', '  two  spaces  ', 'tab\tline\n\nbreak',
    '东京 tower', '😀 👩‍👩‍👧', 'İstanbul ΣΑΣ', '1234567890', '[CLS] [MASK] x', '<s>a</s> <mask>b', '<|endoftext|>a', 'a\u0000b\u200bc', '▁x', 'ﬁne ½',
    "we'LL you'Re I'm", 'supercalifragilistic', '!!! ... ???', 'x' * 120,
]  # fmt: skip
BERT = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
ROBERTA = ['<s>', '<pad>', '</s>', '<unk>', '<mask>']
MASK = {'content': '<mask>', 'lstrip': True, 'rstrip': False, 'normalized': False, 'single_word': False, '__type': 'AddedToken'}
FOLDERS = {
    'bert': ('wordpiece', BERT, {'tokenizer_class': 'BertTokenizer', 'do_lower_case': True}),
    'bert-cased': ('wordpiece', BERT, {'tokenizer_class': 'BertTokenizer', 'do_lower_case': False}),
    'bert-accents': ('wordpiece', BERT, {'tokenizer_class': 'BertTokenizer', 'do_lower_case': True, 'strip_accents': False, 'tokenize_chinese_chars': False}),
    'gpt2': ('bpe', ['<|endoftext|>'], {'tokenizer_class': 'GPT2Tokenizer'}),
    'gpt2-space': ('bpe', ['<|endoftext|>'], {'tokenizer_class': 'GPT2Tokenizer', 'add_prefix_space': True}),
    'roberta': ('bpe', ROBERTA, {'tokenizer_class': 'RobertaTokenizer', 'mask_token': MASK}),
    'qwen2': ('bpe', ['<|endoftext|>'], {'tokenizer_class': 'Qwen2Tokenizer', 'added_tokens_decoder': {}, 'unk_token': None}),
    'clip': ('clip', ['<|startoftext|>', '<|endoftext|>'], {'tokenizer_class': 'CLIPTokenizer', 'bos_token': '<|startoftext|>', 'eos_token': '<|endoftext|>', 'unk_token': '<|endoftext|>'}),
}  # fmt: skip


def train(kind, special, corpus):
    if kind == 'wordpiece':
        tokenizer = Tokenizer(models.WordPiece(unk_token='[UNK]'))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=500, special_tokens=special, show_progress=False)
    else:
        suffix = {'end_of_word_suffix': '</w>'} if kind == 'clip' else {}
        tokenizer = Tokenizer(models.BPE(**suffix))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        if kind == 'clip':
            tokenizer.normalizer = normalizers.Lowercase()
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)])
        trainer = trainers.BpeTrainer(vocab_size=480, special_tokens=special, initial_alphabet=alphabet, show_progress=False, **suffix)
    tokenizer.train_from_iterator(corpus, trainer)
    model = json.loads(tokenizer.to_str())['model']
    rest = sorted(set(model['vocab']) - set(special))  # the trainer numbers tokens with a prefix or suffix anew each time
    return {**model, 'vocab': {token: i for i, token in enumerate([*special, *rest])}}


def files(kind, model):
    if kind == 'wordpiece':
        return {'vocab.txt': ''.join(f'{token}\n' for token in sorted(model['vocab'], key=model['vocab'].get))}
    merges = ''.join(f'{left} {right}\n' for left, right in model['merges'])
    return {'vocab.json': json.dumps(model['vocab'], ensure_ascii=False), 'merges.txt': f'#version: 0.2\n{merges}'}


def main():
    if (transformers.__version__, tokenizers.__version__) != tuple(PINS.values()):
        raise SystemExit(f'made with {PINS}')
    corpus = [row[0] for row in csv.reader((HERE / '../../samples/reviews.csv').open(encoding='utf8'))][1:] + ['naïve Café 东京 1234567890'] * 20
    folders = []
    for name, (kind, special, config) in FOLDERS.items():
        written = {**files(kind, train(kind, special, corpus)), 'tokenizer_config.json': json.dumps(config)}
        with tempfile.TemporaryDirectory() as folder:
            for file, text in written.items():
                (Path(folder) / file).write_text(text, encoding='utf8')
            tokenizer = AutoTokenizer.from_pretrained(folder)
        ids = [tokenizer.encode(text) for text in CASES]
        bare = [tokenizer.encode(text, add_special_tokens=False) for text in CASES]
        folders.append({'name': name, 'files': written, 'ids': ids, 'bare': bare, 'pair': tokenizer.encode(CASES[4], CASES[5])})
    out = {'generator': 'test/golden/vocabulary_files.py', **PINS, 'texts': CASES}
    lines = ',\n'.join(json.dumps(folder, ensure_ascii=False, separators=(',', ':')) for folder in folders)
    head = json.dumps(out, ensure_ascii=False)[:-1]
    (HERE / 'vocabulary_files.json').write_text(f'{head}, "folders": [\n{lines}\n]}}\n', encoding='utf8')


main()

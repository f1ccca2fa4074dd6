"""
Trainers of Hugging Face tokenizers -> tokenizer_trainers.json, for src/tokenizers/trainers.

The reference walks through hash maps, so where its counts tie it may end otherwise from process to process. Each case runs in
several processes, and only what all of them agree on is written down: `vocab` (tokens by id), `merges`, or where ids differ but the
merges do not, `tokens` (sorted). A case with none of them would be an error of this script.

`python tokenizer_trainers.py` needs the novels of ../shared/data for the last part, which is left out where they are absent.
"""

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
PINS = {'tokenizers': '0.23.3'}

from tokenizer_lines import line, pick  # noqa: E402

HERE = Path(__file__).parent
NOVELS = HERE / '../../../shared/data/corpora/novels'
PROCESSES = 5


def random_words(salt, letters, count, longest, counts):
    """Words over few letters, so that pairs tie, and tokens come to be in several ways."""
    words = {}
    for i in range(count):
        length = 1 + pick(i, salt, longest)
        words[''.join(letters[pick(100 * i + j, salt + 1, len(letters))] for j in range(length))] = counts(i, salt)
    return words


def few(i, salt):
    return 1 + pick(i, salt + 2, 4)


def cases():
    roses = {w: 1 for w in 'roses red voilets blue BERT big and so GPT-2'.split()} | {'are': 2, 'is': 2}
    yield 'the least count', 'bpe', roses, {'vocab_size': 1000, 'min_frequency': 2}
    yield 'overlapping pairs', 'bpe', {'aaaa': 3, 'aaa': 2, 'baaab': 4, 'abababa': 5}, {'vocab_size': 40}
    for salt in range(12):
        words = random_words(10 * salt, 'abc' if salt < 6 else 'abcdefg', 60 + 40 * salt, 8, few)
        yield f'ties {salt}', 'bpe', words, {'vocab_size': 40 + 20 * salt}
    for longest in (2, 3, 5):
        words = random_words(7, 'abcde', 120, 14, few)
        yield f'tokens of at most {longest}', 'bpe', words, {'vocab_size': 200, 'max_token_length': longest}
    words = random_words(8, 'abcde', 150, 9, few)
    special = ['<pad>', 'ab', 'c', 'dea']
    yield 'special tokens that are merges and characters', 'bpe', words, {'vocab_size': 120, 'special_tokens': special}
    yield 'an initial alphabet', 'bpe', words, {'vocab_size': 80, 'initial_alphabet': ['z', 'é', '😀', 'a']}
    skewed = {'aaaaab': 9, 'caca': 5, 'dada': 3, 'exe': 2, 'éb': 1, 'zxz': 1}
    yield 'a limited alphabet', 'bpe', skewed, {'vocab_size': 60, 'limit_alphabet': 4}
    yield 'a limited and an initial alphabet', 'bpe', skewed, {'vocab_size': 60, 'limit_alphabet': 3, 'initial_alphabet': ['z', 'x']}
    scripts = {'дом': 5, 'дома': 3, '東京都': 4, '京都': 6, '😀😀👍': 3, '👍😀': 2, 'naïve': 4, 'ﷺ': 1, '\U00020000\uffee': 2}
    yield 'many scripts', 'bpe', scripts, {'vocab_size': 60}
    # Characters with a prefix or suffix have other ids in every process, so no two pairs may tie: words that are prefixes of words.
    chains = [('abcdef', [101, 53, 29, 17, 7]), ('xbcyz', [89, 41, 23, 11]), ('bdb', [67, 13])]
    words = {word[: i + 2]: n for word, counts in chains for i, n in enumerate(counts)}
    yield 'a prefix', 'bpe', words, {'vocab_size': 40, 'continuing_subword_prefix': '##'}
    yield 'a suffix', 'bpe', words, {'vocab_size': 40, 'end_of_word_suffix': '</w>'}
    yield 'a prefix and a suffix', 'bpe', words, {'vocab_size': 40, 'continuing_subword_prefix': '@', 'end_of_word_suffix': '$'}
    hashes = {'#': 3, '##': 5, '###a': 7, 'a##b': 11, 'ab#': 13}
    yield 'the prefix as text', 'bpe', hashes, {'vocab_size': 60, 'continuing_subword_prefix': '##'}
    yield 'WordPiece', 'wordpiece', words, {'vocab_size': 40, 'special_tokens': ['[UNK]']}
    tied = {w: 1 + i % 3 for i, w in enumerate(['zeta', 'eta', '東', '\U0001f600', '\uffee', 'Eta', 'a', 'ab', 'b', 'é'])}
    yield 'words', 'word', tied, {'vocab_size': 8, 'min_frequency': 2, 'special_tokens': ['[PAD]', '[UNK]']}
    yield 'all words', 'word', tied, {'vocab_size': 100, 'special_tokens': ['[PAD]']}
    words = random_words(11, 'abcdefgh', 400, 10, lambda i, _: 1 + i % 7)
    base = {'special_tokens': ['<s>', '<unk>'], 'unk_token': '<unk>'}
    for size in (100, 200, 400):
        yield f'{size} pieces', 'unigram', words, {'vocab_size': size, **base}
    yield 'short pieces', 'unigram', words, {'vocab_size': 150, 'max_piece_length': 3, **base}
    yield 'an unknown token of its own', 'unigram', words, {'vocab_size': 150, 'unk_token': '<unk>', 'initial_alphabet': ['z']}


def trained(kind, texts, options, pre_tokenizer=None, normalizer=None):
    from tokenizers import Tokenizer, models, trainers

    model, trainer = {
        'bpe': (models.BPE, trainers.BpeTrainer),
        'wordpiece': (models.WordPiece, trainers.WordPieceTrainer),
        'word': (models.WordLevel, trainers.WordLevelTrainer),
        'unigram': (models.Unigram, trainers.UnigramTrainer),
    }[kind]
    tokenizer = Tokenizer(model())
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(texts, trainer(show_progress=False, **options))
    return tokenizer


def run_case(index):
    """Without a pre-tokenizer each text is one word."""
    _, kind, words, options = list(cases())[index]
    model = json.loads(trained(kind, [w for w, n in words.items() for _ in range(n)], options).to_str())['model']
    if kind == 'unigram':
        return {'pieces': model['vocab'], 'unkId': model['unk_id']}
    vocab = sorted(model['vocab'], key=model['vocab'].get)
    return {'vocab': vocab, 'tokens': sorted(vocab)} | ({'merges': model['merges']} if kind == 'bpe' else {})


def agreed(index):
    """What all processes agree on. Required characters without a piece get scores in the order of a hash map."""
    runs = [json.loads(subprocess.check_output([sys.executable, __file__, 'case', str(index)])) for _ in range(PROCESSES)]
    if 'pieces' in runs[0]:
        scores = [dict(map(tuple, run['pieces'])) for run in runs]
        assert all(s.keys() == scores[0].keys() for s in scores), index
        pieces = {p: s if all(abs(other[p] - s) < 1e-9 for other in scores) else None for p, s in scores[0].items()}
        return {'pieces': list(pieces.items()), 'unkId': runs[0]['unkId']}
    same = {key: value for key, value in runs[0].items() if all(run[key] == value for run in runs)}
    assert same, index
    if 'vocab' in same:
        same.pop('tokens')
    return same


def novels(size):
    """Whole novels in the order of their names, until there are so many bytes."""
    texts = []
    for path in sorted(NOVELS.glob('*.txt')):
        if sum(len(text) for text in texts) >= size:
            break
        texts.append(path.read_bytes())
    return [text.decode() for text in texts]


HELD_OUT = 'Woolf_Night_1919.txt'


def quality():
    """Merges of GPT-2's pipeline; for the others how many tokens a novel takes that they were not trained on."""
    from tokenizers import normalizers, pre_tokenizers

    held_out = (NOVELS / HELD_OUT).read_bytes().decode().split('\n')
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    gpt2 = trained('bpe', novels(8e6), {'vocab_size': 8000, 'initial_alphabet': alphabet, 'special_tokens': ['<|endoftext|>']}, byte_level)
    merges = json.loads(gpt2.to_str())['model']['merges']
    bert_special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    options = {'vocab_size': 8000, 'special_tokens': bert_special}
    bert = trained('wordpiece', novels(4e6), options, pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer())
    options = {'vocab_size': 8000, 'special_tokens': ['<pad>', '</s>', '<unk>'], 'unk_token': '<unk>'}
    words = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    t5 = trained('unigram', novels(4e6), options, words, normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()]))
    count = lambda t: sum(len(e.ids) for e in t.encode_batch(held_out, add_special_tokens=False))  # noqa: E731
    return {
        'heldOut': HELD_OUT,
        'bpe': {
            'bytes': 8e6,
            'merges': len(merges),
            'sha256': hashlib.sha256('\n'.join(' '.join(m) for m in merges).encode()).hexdigest(),
            'first': merges[:5],
            'last': merges[-5:],
            'tokens': count(gpt2),
        },
        'wordpiece': {'bytes': 4e6, 'tokens': count(bert)},
        'unigram': {'bytes': 4e6, 'tokens': count(t5)},
    }


def lines_case():
    options = {'vocab_size': 1200, 'special_tokens': ['<|endoftext|>']}
    from tokenizers import pre_tokenizers

    options['initial_alphabet'] = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = trained('bpe', [line(i) for i in range(600)], options, pre_tokenizers.ByteLevel(add_prefix_space=False))
    return {'lines': 600, 'vocabSize': 1200, 'merges': json.loads(tokenizer.to_str())['model']['merges']}


CAMEL = {'unk_token': 'unkToken', 'max_piece_length': 'maxPieceLength'}


def camel(name):
    first, *rest = name.split('_')
    return CAMEL.get(name, first + ''.join(word.capitalize() for word in rest))


def main():
    found = {name: version(name) for name in PINS}
    if found != PINS:
        raise SystemExit(f'golden numbers are made with {PINS}, found {found}')
    written = []
    for index, (title, kind, words, options) in enumerate(cases()):
        entry = {'title': title, 'model': kind, 'words': words, 'options': {camel(k): v for k, v in options.items()}}
        written.append(entry | agreed(index))
    path = HERE / 'tokenizer_trainers.json'
    previous = json.loads(path.read_text(encoding='utf-8')) if path.exists() else {}
    measured = quality() if NOVELS.exists() else previous.get('novels')
    parts = ',\n'.join(json.dumps(entry, ensure_ascii=False, separators=(',', ':')) for entry in written)
    rest = json.dumps({'lines': lines_case(), 'novels': measured}, ensure_ascii=False, separators=(',', ':'))[1:]
    path.write_text(f'{{"tokenizers":"{PINS["tokenizers"]}","cases":[\n{parts}\n],\n{rest}\n', encoding='utf-8')


if __name__ == '__main__':
    if sys.argv[1:2] == ['case']:
        print(json.dumps(run_case(int(sys.argv[2]))))
    else:
        main()

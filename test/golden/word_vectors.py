"""
Word vectors of gensim and fastText: answers of gensim's KeyedVectors, and small files of every format with what they hold.

    python test/golden/word_vectors.py        writes test/golden/word_vectors.json and test/golden/vectors/
"""

import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import fasttext
import numpy as np
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model

PINS = {'gensim': '4.4.0', 'fasttext-wheel': '0.9.2', 'numpy': '2.4.6', 'scipy': '1.17.1'}
if PINS != {name: version(name) for name in PINS}:
    raise SystemExit(f'golden numbers are made with {PINS}')

HERE = Path(__file__).parent
FILES = HERE / 'vectors'
C = 8
PAIRS = {'Oslo': 'Norway', 'Rome': 'Italy', 'Cairo': 'Egypt', 'Lima': 'Peru', 'Tokyo': 'Japan'}
FAMILY = {'king': 'queen', 'uncle': 'aunt', 'son': 'daughter', 'brother': 'sister'}
OTHERS = ['bread', 'soup', 'tea', 'Tea', 'zoë', 'naïve', '日本', '🍵', "don't", 'oslo']


def word_vectors():
    rng = np.random.default_rng(4)
    rows, names = [], []
    for pairs in (PAIRS, FAMILY):
        offset = rng.normal(size=C)
        for a, b in pairs.items():
            base = rng.normal(size=C)
            rows += [base, base + offset + rng.normal(size=C) * 0.7]
            names += [a, b]
    for word in OTHERS:
        rows.append(rng.normal(size=C))
        names.append(word)
    vectors = np.array(rows, dtype=np.float32)
    vectors[names.index('soup')] *= np.float32(1e-6)  # numbers with exponents in text
    kv = KeyedVectors(C)
    kv.add_vectors(names, vectors)
    for i, name in enumerate(names):
        kv.set_vecattr(name, 'count', [9, 30, 7, 7, 1][i % 5] + i // 5)
    return kv


ANALOGIES = """: capitals
Oslo Norway Rome Italy
Rome Italy Cairo Egypt
Lima Peru Tokyo Japan
Oslo Norway Lima Peru
OSLO NORWAY Tokyo Japan
Tokyo Japan Atlantis Nowhere
: family
king queen uncle aunt
son daughter king queen
not four
brother sister son daughter
: none
Atlantis Nowhere king queen
"""
WORD_PAIRS = """# word, word, judgement
king\tqueen\t8.5
bread\tsoup\t7
tea\tTea\t10
Oslo\tNorway\t7
uncle\tdaughter\t4.5
Atlantis\tking\t1
bread\t日本\t0.5
naïve\tson\t1.25
not a pair
"""


def answers(kv):
    raw = (np.arange(C) / 4 - 1).astype(np.float32)
    listed = lambda result: [[word, float(score)] for word, score in result]
    queries = [
        {'positive': ['king']},
        {'positive': ['Norway', 'Rome'], 'negative': ['Oslo'], 'topn': 5},
        {'positive': [['king', 2.0], 'bread'], 'negative': [['tea', -0.25]], 'topn': 4},
        {'positive': [raw.tolist(), '日本'], 'topn': 3},
        {'positive': ['queen'], 'negative': ['king'], 'topn': 6, 'restrictVocab': 9},
        {'positive': ['soup'], 'topn': 1000},
    ]
    most, cosmul = [], []
    for query in queries:
        arrays = lambda items: [
            np.array(item, dtype=np.float32) if isinstance(item, list) and not isinstance(item[0], str) else item for item in items
        ]
        options = {'topn': query.get('topn', 10), 'restrict_vocab': query.get('restrictVocab')}
        positive = [tuple(item) if isinstance(item, list) else item for item in arrays(query['positive'])]
        negative = [tuple(item) if isinstance(item, list) else item for item in arrays(query.get('negative', []))]
        most.append({'query': query, 'answer': listed(kv.most_similar(positive, negative, **options))})
        if not any(isinstance(item, tuple) for item in positive + negative) and 'restrictVocab' not in query:
            cosmul.append({'query': query, 'answer': listed(kv.most_similar_cosmul(positive, negative, topn=options['topn']))})
    groups = [['king', 'queen', 'uncle', 'bread'], ['Oslo', 'Rome', 'tea'], ['tea', 'Tea', '🍵', "don't", 'zoë', 'soup']]
    couples = [['king', 'queen'], ['tea', 'soup'], ['日本', '🍵'], ['Oslo', 'Oslo']]
    analogies, pairs = HERE / 'analogies.tmp', HERE / 'pairs.tmp'
    analogies.write_text(ANALOGIES)
    pairs.write_text(WORD_PAIRS)
    evaluated = []
    for options in ({}, {'caseInsensitive': False}, {'dummy4unknown': True}, {'restrictVocab': 12}):
        names = {'caseInsensitive': 'case_insensitive', 'dummy4unknown': 'dummy4unknown', 'restrictVocab': 'restrict_vocab'}
        renamed = {names[key]: value for key, value in options.items()}
        score, sections = kv.evaluate_word_analogies(str(analogies), **renamed)
        pearson, spearman, oov = kv.evaluate_word_pairs(str(pairs), **renamed)
        evaluated.append(
            {
                'options': options,
                'accuracy': score,
                'sections': [[s['section'], len(s['correct']), len(s['incorrect'])] for s in sections],
                'pearson': float(pearson[0]),
                'spearman': float(spearman[0]),
                'unknownPercent': oov,
            }
        )
    analogies.unlink()
    pairs.unlink()
    return {
        'mostSimilar': most,
        'mostSimilarCosmul': cosmul,
        'similarByVector': {'vector': raw.tolist(), 'answer': listed(kv.similar_by_vector(raw, topn=5))},
        'similarity': [[a, b, float(kv.similarity(a, b)), float(kv.distance(a, b))] for a, b in couples],
        'nSimilarity': [[groups[0], groups[1], float(kv.n_similarity(groups[0], groups[1]))]],
        'doesntMatch': [
            [group, kv.doesnt_match(group), [[word, float(score)] for score, word in kv.rank_by_centrality(group)]] for group in groups
        ],
        'closerThan': [[a, b, kv.closer_than(a, b), kv.rank(a, b)] for a, b in couples],
        'analogies': ANALOGIES,
        'wordPairs': WORD_PAIRS,
        'evaluated': evaluated,
    }


SENTENCES = [
    'king queen bread soup',
    'tea Tea tea bread',
    'Oslo Norway Rome Italy tea',
    "brother sister don't bread bread",
    'naïve zoë tea',
    'king king Cairo',
]


def sentence_vectors(kv):
    """Arora et al. 2017, algorithm 1, and weighted means, word by word."""
    words = [sentence.split() for sentence in SENTENCES]
    total = sum(kv.get_vecattr(word, 'count') for word in kv.index_to_key)
    idf = {word: np.log((1 + len(words)) / (1 + sum(word in other for other in words))) + 1 for word in kv.index_to_key}
    share = {word: kv.get_vecattr(word, 'count') / total for word in kv.index_to_key}
    double = {word: kv[word].astype(np.float64) for word in kv.index_to_key}
    sif = np.array([np.mean([1e-3 / (1e-3 + share[word]) * double[word] for word in sentence], axis=0) for sentence in words])
    common = np.linalg.svd(sif)[2][0]
    return {
        'texts': SENTENCES,
        'mean': [np.mean([double[word] for word in sentence], axis=0).tolist() for sentence in words],
        'tf-idf': [
            np.average([double[word] for word in sentence], axis=0, weights=[idf[word] for word in sentence]).tolist() for sentence in words
        ],
        'sif': (sif - np.outer(sif @ common, common)).tolist(),
    }


TEXT = [
    'the tea of tokyo is green and the tea of cairo is red',
    'le café naïve de zoë sert du thé et de la crème brûlée',
    '日本 の 緑茶 は 熱い 日本語 日本酒',
    '🍵 tea 🍵 and 👩‍👩‍👧 family tea',
    'walking walked walker walks and talking talked talker talks',
]
UNSEEN = ['walkings', 'teas', 'cafés', '日本茶', '👩‍👩‍👧‍👦', 'zzz', 'q', 'ß']


def rows(model, words):
    return [[word, np.asarray(model.get_word_vector(word), dtype=np.float32).tolist()] for word in words]


def fasttext_files(folder):
    text = folder / 'text.txt'
    text.write_text('\n'.join(TEXT * 20))
    labelled = folder / 'labelled.txt'
    labelled.write_text('\n'.join(f'__label__{"drink" if "t" in line else "other"} {line}' for line in TEXT * 20))
    common = {'dim': 6, 'epoch': 40, 'thread': 1, 'minCount': 1, 'lr': 0.3, 't': 1.0}
    out = []

    def keep(name, model, kind, gensim=True):
        model.save_model(str(FILES / name))
        words = model.get_words()
        case = {'file': name, 'kind': kind, 'words': len(words), 'vectors': rows(model, words[::4] + UNSEEN)}
        if kind == 'supervised':
            case['labels'] = model.get_labels()
        if gensim:
            kv = load_facebook_vectors(str(FILES / name))
            case['nearest'] = [[word, float(score)] for word, score in kv.most_similar('teas', topn=5)]
        out.append(case)

    keep('fasttext-skipgram.bin', fasttext.train_unsupervised(str(text), model='skipgram', minn=2, maxn=4, bucket=50, **common), 'skip-gram')
    keep('fasttext-words.bin', fasttext.train_unsupervised(str(text), model='cbow', maxn=0, **common), 'cbow', gensim=False)
    supervised = fasttext.train_supervised(str(labelled), minn=2, maxn=3, bucket=400, **common)
    keep('fasttext-supervised.bin', supervised, 'supervised', gensim=False)
    supervised.quantize(input=str(labelled), dsub=4, qnorm=True)
    keep('fasttext-quantised.ftz', supervised, 'supervised', gensim=False)
    pruned = fasttext.train_supervised(str(labelled), minn=2, maxn=3, bucket=400, **common)
    pruned.quantize(input=str(labelled), cutoff=300, retrain=False, dsub=2, qout=False)
    keep('fasttext-pruned.ftz', pruned, 'supervised', gensim=False)

    model = FastText([line.split() for line in TEXT * 5], vector_size=5, min_count=1, bucket=40, min_n=3, max_n=5, epochs=2, seed=1, workers=1)
    save_facebook_model(model, str(FILES / 'fasttext-gensim.bin'))
    words = [word for word in model.wv.index_to_key[::4] + UNSEEN if len(word) > 1]
    vectors = [[word, model.wv[word].tolist()] for word in words]
    out.append({'file': 'fasttext-gensim.bin', 'kind': 'cbow', 'words': len(model.wv), 'vectors': vectors})
    return out


def main():
    FILES.mkdir(exist_ok=True)
    kv = word_vectors()
    kv.save_word2vec_format(str(FILES / 'word2vec.txt'), fvocab=str(FILES / 'counts.txt'))
    kv.save_word2vec_format(str(FILES / 'word2vec.bin'), binary=True)
    kv.save_word2vec_format(str(FILES / 'glove.txt'), write_header=False)
    kv.save_word2vec_format(str(FILES / 'word2vec.txt.gz'))
    saved = KeyedVectors.load_word2vec_format(str(FILES / 'word2vec.bin'), binary=True)
    golden = {
        'generator': 'test/golden/word_vectors.py',
        **PINS,
        'words': kv.index_to_key,
        'vectors': kv.vectors.tolist(),
        'counts': [int(kv.get_vecattr(word, 'count')) for word in kv.index_to_key],
        'savedOrder': saved.index_to_key,
        **answers(kv),
        'sentences': sentence_vectors(kv),
    }
    with tempfile.TemporaryDirectory() as folder:
        golden['fastText'] = fasttext_files(Path(folder))
    (HERE / 'word_vectors.json').write_text(json.dumps(golden, ensure_ascii=False) + '\n')


main()

"""
Vectors, naive Bayes and linear SVMs of scikit-learn: whole on a small corpus of many scripts, as checksums and a few rows on AG News.

    python test/golden/bag_of_words_vectors.py [AGNEWS_DEV_TSV]      writes test/golden/bag_of_words_vectors.json

AG News is read from ../shared/data/classify/agnews/dev.tsv where no path is given.
"""

import json
import re
import sys
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

PINS = {'scikit-learn': '1.9.1', 'numpy': '2.4.6'}
if PINS != {'scikit-learn': sklearn.__version__, 'numpy': np.__version__}:
    raise SystemExit(f'golden numbers are made with {PINS}')
warnings.simplefilter('ignore')

CORPUS = [
    'The cat sat on the mat; the CAT sat!',
    "Don't sit on the dog_house, dog -- it's 3.14 metres.",
    'Ein Straßenname: STRASSE, Ärger, naïve façade, Ñandú',
    'ΑΣ ΟΔΟΣ Σίσυφος, İstanbul ILIK dijital ĲSSEL ǅ',
    'e\u0301te\u0301 \u1e9b\u0323 \ufb01ne \u2460 x\u00b2 \u2167 \u00bd \uff21\uff22',
    'Привет, мир. Мир привет! ёлка Ё',
    '中文字符 abc漢字 ラーメン 한국어 텍스트',
    'हिन्दी में पाठ สวัสดี שָׁלוֹם مُحَمَّد',
    'emoji 😀😀 👍🏽 👩\u200d💻 𝒳𝒴 𐐀𐐁𐐂 a\U00010400b',
    'tabs\tand\n\nnew  lines\x0b\x1c\x85here\xa0and\u2003there\u200bzero\ufeffbom',
    '   ',
    '',
    'the the the the the',
    'a b c d',
    'ﬀ ﬃ ŉ ǰ ΐ ẖ ạ̈',
    "cat's cats cat cat, mat mat",
]

COUNTS = [
    {},
    {'lowercase': False},
    {'binary': True},
    {'ngram_range': (1, 2)},
    {'ngram_range': (2, 3)},
    {'ngram_range': (1, 2), 'stop_words': ['the', 'on', 'cat']},
    {'min_df': 2},
    {'max_df': 2, 'ngram_range': (1, 2)},
    {'min_df': 0.13, 'max_df': 0.3},
    {'max_features': 1},
    {'max_features': 3, 'ngram_range': (1, 2)},
    {'strip_accents': 'unicode'},
    {'strip_accents': 'ascii'},
    {'strip_accents': 'unicode', 'lowercase': False},
    {'token_pattern': r'[^\W\d_]+', 'ngram_range': (1, 2)},
    {'token_pattern': r'(\w)\w*'},
    {'analyzer': 'char', 'ngram_range': (1, 3)},
    {'analyzer': 'char', 'ngram_range': (2, 2), 'strip_accents': 'unicode'},
    {'analyzer': 'char_wb', 'ngram_range': (1, 2)},
    {'analyzer': 'char_wb', 'ngram_range': (4, 6)},
    {'analyzer': 'char_wb', 'ngram_range': (5, 5), 'lowercase': False, 'min_df': 2},
]
HASHES = [
    {'n_features': 16, 'norm': None},
    {'norm': None},
    {'ngram_range': (1, 2), 'norm': 'l2'},
    {'ngram_range': (1, 2), 'norm': 'l1', 'alternate_sign': False, 'stop_words': ['the', 'on']},
    {'analyzer': 'char', 'ngram_range': (2, 3), 'norm': None},
    {'analyzer': 'char_wb', 'ngram_range': (4, 4), 'norm': None},
]


def rounded(x):
    return [float(f'{v:.13g}') for v in x]


def rows(x):
    x.sort_indices()
    return {'starts': x.indptr.tolist(), 'ids': x.indices.tolist(), 'values': rounded(x.data)}


def small():
    cases = []
    for options in COUNTS:
        v = CountVectorizer(**options)
        x = v.fit_transform(CORPUS)
        cases.append({'class': 'count', 'options': options, 'terms': v.get_feature_names_out().tolist(), **rows(x)})
    for binary, sublinear, idf, smooth, norm in product([False, True], [False, True], [False, True], [False, True], ['l1', 'l2', None]):
        options = {'binary': binary, 'sublinear_tf': sublinear, 'use_idf': idf, 'smooth_idf': smooth, 'norm': norm}
        v = TfidfVectorizer(ngram_range=(1, 2), min_df=2, **options)
        x = v.fit_transform(CORPUS)
        x.sort_indices()
        if binary and sublinear:
            continue  # 1 + ln 1 = 1
        case = {'class': 'tf-idf', 'options': {'ngram_range': (1, 2), 'min_df': 2, **options}, 'values': rounded(x.data)}
        if idf:
            case['idf'] = rounded(v.idf_)
        cases.append(case)
    for options in HASHES:
        x = HashingVectorizer(**options).transform(CORPUS)
        cases.append({'class': 'hashing', 'options': options, **rows(x)})
    return cases


AG = [
    ('count', CountVectorizer, {}),
    ('count', CountVectorizer, {'ngram_range': (1, 2), 'min_df': 2, 'max_df': 0.5}),
    ('count', CountVectorizer, {'binary': True}),
    ('count', CountVectorizer, {'analyzer': 'char_wb', 'ngram_range': (3, 3)}),
    ('tf-idf', TfidfVectorizer, {}),
    ('tf-idf', TfidfVectorizer, {'ngram_range': (1, 2), 'sublinear_tf': True}),
    ('tf-idf', TfidfVectorizer, {'norm': 'l1', 'smooth_idf': False, 'strip_accents': 'unicode'}),
    ('hashing', HashingVectorizer, {'norm': None, 'ngram_range': (1, 2)}),
    ('hashing', HashingVectorizer, {}),
]
SAMPLED = [0, 1, 4999, 10000]


def weighted_sum(numbers):
    """Where a number stands counts too: each is multiplied by its place modulo 97, plus 1."""
    return float(np.dot(np.asarray(numbers, dtype=np.float64), np.arange(len(numbers)) % 97 + 1))


def agnews(path):
    texts = [line.split('\t')[0] for line in path.read_text(encoding='utf8').split('\n') if line]
    cases = []
    for name, vectorizer, options in AG:
        v = vectorizer(**options)
        x = v.fit_transform(texts)
        x.sort_indices()
        case = {
            'class': name,
            'options': options,
            'texts': len(texts),
            'columns': x.shape[1],
            'entries': x.nnz,
            'sums': [weighted_sum(x.indptr), weighted_sum(x.indices), weighted_sum(x.data)],
            'rows': [{'ids': x[i].indices.tolist(), 'values': rounded(x[i].data)} for i in SAMPLED],
        }
        if name != 'hashing':
            terms = v.get_feature_names_out()
            case['terms'] = {int(i): terms[i] for i in np.linspace(0, len(terms) - 1, 9).astype(int)}
        cases.append(case)
    return {'sampled': SAMPLED, 'cases': cases}


SOUP = [tuple(pair) for pair in json.loads(Path(__file__).with_name('bag_of_words.json').read_text())['cases'][0]['corpus']]


def svm_objective(x, y, w, b, c):
    return 0.5 * (w @ w + b * b) + c * np.sum(np.maximum(0, 1 - y * (x @ w + b)) ** 2)


def classifiers():
    cases = []
    for corpus in (SOUP, [pair for pair in SOUP if pair[0] != 'rain']):
        labels, texts = zip(*corpus)
        for vectorizer, c, alpha in ((CountVectorizer, 1.0, 1.0), (TfidfVectorizer, 0.1, 0.01), (TfidfVectorizer, 10.0, 2.5)):
            v = vectorizer(ngram_range=(1, 2))
            x = v.fit_transform(texts)
            bayes = MultinomialNB(alpha=alpha).fit(x, labels)
            svm = LinearSVC(C=c, tol=1e-12, max_iter=1_000_000, dual=True, random_state=1).fit(x, labels)
            classes = svm.classes_.tolist()
            positive = classes if len(classes) > 2 else classes[1:]
            objectives = [
                svm_objective(x, np.where(np.array(labels) == label, 1, -1), svm.coef_[k], svm.intercept_[k], c)
                for k, label in enumerate(positive)
            ]
            cases.append({
                'weighting': 'count' if vectorizer is CountVectorizer else 'tf-idf',
                'C': c,
                'alpha': alpha,
                'corpus': corpus,
                'terms': v.get_feature_names_out().tolist(),
                'termLogProbabilities': [rounded(row) for row in bayes.feature_log_prob_],
                'labelLogProbabilities': rounded(bayes.class_log_prior_),
                'logProbabilities': [rounded(row) for row in bayes.predict_log_proba(x)],
                'coefficients': [rounded(row) for row in np.round(svm.coef_, 9)],
                'intercepts': rounded(np.round(svm.intercept_, 9)),
                'objectives': rounded(objectives),
            })
    return cases


def words():
    """Texts of characters drawn from everywhere, and the words that Python finds there: kept where Unicode 14 knows each character."""
    import random
    import unicodedata

    rng = random.Random(7)
    blocks = [(0, 0x250), (0x250, 0x600), (0x600, 0x1100), (0x1100, 0x2000), (0x2000, 0x3200), (0x4e00, 0x4f00), (0xa640, 0xac00), (0xf900, 0x10000), (0x10000, 0x10800), (0x1d400, 0x1d800), (0x1f300, 0x1f700), (0x20000, 0x20100)]
    cases = []
    for _ in range(60):
        text = ''
        for _ in range(40):
            low, high = rng.choice(blocks)
            c = chr(rng.randrange(low, high))
            if unicodedata.category(c) not in ('Cn', 'Cs', 'Co'):
                text += c + rng.choice(['', '', '', 'a', ' ', 'Z'])
        cases.append({'text': text, 'tokens': re.findall(r'(?u)\b\w\w+\b', text.lower())})
    return cases


path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / '../shared/data/classify/agnews/dev.tsv'
parts = {'versions': PINS, 'corpus': CORPUS, 'small': small(), 'agnews': agnews(path), 'classifiers': classifiers(), 'words': words()}


def block(value):
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return '[\n' + ',\n'.join(json.dumps(v, separators=(',', ':')) for v in value) + '\n]'
    return json.dumps(value, separators=(',', ':'))


Path(__file__).with_suffix('.json').write_text('{' + ',\n'.join(f'"{name}": {block(value)}' for name, value in parts.items()) + '}\n')

"""
How often scikit-learn is right on film reviews (SST-2), news (AG News) and questions (TREC), with the options of Loquent's defaults.

    python test/golden/bag_of_words_accuracy.py [CLASSIFY_FOLDER]      writes test/golden/bag_of_words_accuracy.json

SST-2 has its own split; of the others every fifth line, from the first on, is for the test. The data is read from ../shared/data/classify
where no folder is given. Beyond ASCII the words differ a little from Loquent's, which these three hold next to nothing of.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

PINS = {'scikit-learn': '1.9.1', 'numpy': '2.4.6'}
if PINS != {'scikit-learn': sklearn.__version__, 'numpy': np.__version__}:
    raise SystemExit(f'golden numbers are made with {PINS}')

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / '../shared/data/classify'
WORD_OR_MARK = r"[^\W_]+(?:'[^\W_]+)*|\S"


def lines(name, encoding='utf8'):
    return [line for line in (folder / name).read_text(encoding=encoding).split('\n') if line]


def table(name):
    return [tuple(line.split('\t')) for line in lines(name)]


def questions():
    pairs = [line.split(' ', 1) for line in lines('trec/train_5500.label', 'latin-1')]
    return [(text, label.split(':')[0]) for label, text in pairs]


def split(rows):
    return [row for i, row in enumerate(rows) if i % 5 != 0], rows[::5]


results = []
for name, (train, test) in {
    'sst2': (table('sst2/train.tsv'), table('sst2/dev.tsv')),
    'agnews': split(table('agnews/dev.tsv')),
    'trec': split(questions()),
}.items():
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD_OR_MARK)
    x = vectorizer.fit_transform([text for text, _ in train])
    y = [label for _, label in train]
    unseen, truth = vectorizer.transform([text for text, _ in test]), [label for _, label in test]
    models = {
        'logistic': LogisticRegression(C=10, max_iter=1000),
        'naive-bayes': MultinomialNB(alpha=0.3),
        'svm': LinearSVC(C=1),
    }
    accuracy = {kind: round(model.fit(x, y).score(unseen, truth), 5) for kind, model in models.items()}
    results.append({'data': name, 'train': len(train), 'test': len(test), 'terms': x.shape[1], 'accuracy': accuracy})
    print(results[-1])

text = ',\n'.join(json.dumps(result) for result in results)
Path(__file__).with_suffix('.json').write_text(f'{{"versions": {json.dumps(PINS)}, "results": [\n{text}\n]}}\n')

"""
Vectors, coefficients and probabilities of scikit-learn on small corpora.

    python test/golden/bag_of_words.py        writes test/golden/bag_of_words.json
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

PINS = {'scikit-learn': '1.9.1', 'numpy': '2.4.6'}
if PINS != {'scikit-learn': sklearn.__version__, 'numpy': np.__version__}:
    raise SystemExit(f'golden numbers are made with {PINS}')

WORD = r"[^\W_]+(?:'[^\W_]+)*"  # what words.ts finds in texts of letters, digits and apostrophes

SOUP = [
    ('warm', 'The soup was hot, hot and thick: a soup for winter.'),
    ('warm', "I didn't expect the bread; the bread was warm."),
    ('warm', 'Hot tea and warm bread by the fire'),
    ('warm', 'a warm evening, a hot stove'),
    ('warm', 'the fire was warm and the tea was hot'),
    ('cold', 'The soup was cold. Cold soup in winter!'),
    ('cold', "They didn't light the stove, so the evening was cold"),
    ('cold', 'ice on the bread, ice in the tea'),
    ('cold', 'winter ice, cold rain and no fire'),
    ('rain', 'rain on the roof, rain in the evening'),
    ('rain', 'No soup, no bread, only rain'),
    ('rain', 'The rain was thick and the roof was thin'),
]
UNSEEN = ['hot soup in the rain', "the ice wasn't cold", 'winter rain, winter evening', 'entirely unheard matters', '']

MODELS = [
    {'ngramRange': [1, 1], 'minDocumentFrequency': 1, 'weighting': 'count', 'C': 1.0},
    {'ngramRange': [1, 2], 'minDocumentFrequency': 1, 'weighting': 'tf-idf', 'C': 10.0},
    {'ngramRange': [1, 3], 'minDocumentFrequency': 2, 'weighting': 'tf-idf', 'C': 0.5},
    {'ngramRange': [2, 2], 'minDocumentFrequency': 2, 'weighting': 'count', 'C': 100.0},
]


def case(config, corpus):
    labels, texts = zip(*corpus)
    vectorizer = (TfidfVectorizer if config['weighting'] == 'tf-idf' else CountVectorizer)(
        token_pattern=WORD, ngram_range=tuple(config['ngramRange']), min_df=config['minDocumentFrequency']
    )
    vectors = vectorizer.fit_transform(texts)
    terms = vectorizer.get_feature_names_out()
    model = LogisticRegression(C=config['C'], tol=1e-10, max_iter=100_000).fit(vectors, labels)
    first = vectors[0].tocoo()
    return {
        'config': config,
        'labels': model.classes_.tolist(),
        'corpus': [list(pair) for pair in corpus],
        'firstVector': {terms[i]: float(value) for i, value in zip(first.col, first.data)},
        'coefficients': {term: np.round(model.coef_[:, i], 7).tolist() for i, term in enumerate(terms)},
        'intercepts': model.intercept_.tolist(),
        'unseen': UNSEEN,
        'probabilities': model.predict_proba(vectorizer.transform(UNSEEN)).tolist(),
    }


two_labels = [pair for pair in SOUP if pair[0] != 'rain']
cases = [case(config, corpus) for corpus in (SOUP, two_labels) for config in MODELS]
lines = ',\n'.join(json.dumps(case) for case in cases)
Path(__file__).with_suffix('.json').write_text(f'{{"versions": {json.dumps(PINS)},\n"cases": [\n{lines}\n]}}\n')

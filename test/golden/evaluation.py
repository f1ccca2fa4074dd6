"""
Metrics, quantiles and exact tests as scikit-learn, NumPy and SciPy compute them.

    python test/golden/evaluation.py        writes test/golden/evaluation.json
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.stats import binom, binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

PINS = {'scikit-learn': '1.9.1', 'scipy': '1.17.1', 'numpy': '2.4.6'}
if PINS != {'scikit-learn': sklearn.__version__, 'scipy': scipy.__version__, 'numpy': np.__version__}:
    raise SystemExit(f'golden numbers are made with {PINS}')
warnings.filterwarnings('ignore')  # a class that is never predicted is the point of some cases

PREDICTIONS = {
    'two labels': ('a a a b b b b a', 'a b a b b a b a'),
    'three labels, uneven': ('cat cat dog bird dog cat dog dog cat bird', 'cat dog dog dog dog cat cat dog cat bird'),
    'a label that is never predicted': ('a b c a b c', 'a b b a a b'),
    'a label that only the predictions have': ('a b a b', 'a z a b'),
    'nothing right': ('a a b', 'b b a'),
    'one label': ('a a', 'a a'),
}


def metrics(title, truth, predicted):
    truth, predicted = truth.split(), predicted.split()
    precision, recall, f1, support = precision_recall_fscore_support(truth, predicted, zero_division=0)
    return {
        'title': title,
        'truth': truth,
        'predicted': predicted,
        'labels': sorted({*truth, *predicted}),
        'counts': confusion_matrix(truth, predicted).tolist(),
        'accuracy': accuracy_score(truth, predicted),
        'precision': precision.tolist(),
        'recall': recall.tolist(),
        'f1': f1.tolist(),
        'support': support.tolist(),
        'macroF1': f1_score(truth, predicted, average='macro', zero_division=0),
        'microF1': f1_score(truth, predicted, average='micro', zero_division=0),
    }


def quantiles(values, *shares):
    return [{'values': values, 'q': q, 'quantile': float(np.quantile(values, q))} for q in shares]


golden = {
    'versions': PINS,
    'metrics': [metrics(title, *lists) for title, lists in PREDICTIONS.items()],
    'quantiles': quantiles([3, 1, 2], 0, 0.1, 0.5, 1) + quantiles([7], 0.3) + quantiles([-1.5, 4, 4, 0.25, 9], 0.025, 0.975),
    # the two counts of McNemar's table in which one contestant is right and the other wrong
    'mcnemar': [
        {'onlyFirst': b, 'onlySecond': c, 'pValue': binomtest(b, b + c, 0.5).pvalue if b + c else 1.0}
        for b, c in [(0, 0), (1, 0), (5, 5), (0, 6), (3, 12), (25, 8), (140, 101), (1500, 1620), (4000, 100)]
    ],
    # resampling k ones among n scores, the number of ones drawn is binomial: what the bootstrap approaches
    'bootstrap': [
        {'ones': k, 'size': n, 'level': level, 'low': binom.ppf((1 - level) / 2, n, k / n) / n, 'high': binom.ppf((1 + level) / 2, n, k / n) / n}
        for k, n, level in [(160, 200, 0.95), (160, 200, 0.5), (692, 872, 0.95), (10, 10, 0.95)]
    ],
}
lists = ',\n'.join(
    f'{json.dumps(key)}: ' + ('[\n' + ',\n'.join(map(json.dumps, items)) + '\n]' if isinstance(items, list) else json.dumps(items))
    for key, items in golden.items()
)
Path(__file__).with_suffix('.json').write_text('{' + lists + '}\n')

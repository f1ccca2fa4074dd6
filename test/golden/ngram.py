"""
Interpolated Kneser-Ney over dictionaries of tuples, in float64: the definitions written down, nothing shared with src/models/ngram.

    python test/golden/ngram.py        writes test/golden/ngram.json

An id is the place of a character among the sorted characters; `vocabSize` adds ids that no text has. The first k - 1 tokens of a text
are predicted from the shorter context that there is; the beginning of a text counts as a token that may stand before an n-gram.

The KneserNeyInterpolated of nltk could not be the reference: it takes one constant discount for all lengths, gives nothing to tokens
that the text lacks, and where an n-gram stands at the beginning of the text alone, its probabilities do not sum to 1, or it divides by
zero. Where none of these shows, it must give the same numbers, and that is checked here.
"""

import json
import math
import platform
from collections import Counter, defaultdict
from pathlib import Path

import nltk
from nltk.lm import KneserNeyInterpolated

PIN = '3.10.4'
if nltk.__version__ != PIN:
    raise SystemExit(f'the reference is checked against nltk {PIN}, found {nltk.__version__}')

CAT = 'the cat sat on the mat; the rat sat on the cat, and that cat ate the rat on the mat.\nthat was that, said the rat at last.'
TONGUE = ['she sells sea shells', 'by the sea shore', 'the shells she sells', 'are sea shells', 's', '']
HELD_OUT = ['the rat ate the mat', 'zzz shells', 'that', 'e']
FALLBACK = {'kneser-ney': (0.75, 0.75, 0.75), 'modified-kneser-ney': (0.5, 1.0, 1.5)}

CASES = [
    {'texts': [CAT], 'order': 1, 'unseenIds': 2},
    {'texts': [CAT], 'order': 3, 'unseenIds': 0},
    {'texts': [CAT], 'order': 6, 'unseenIds': 1},
    {'texts': TONGUE, 'order': 4, 'unseenIds': 3},
    {'texts': ['ab'], 'order': 6, 'unseenIds': 1},
    {'texts': ['a' * 40], 'order': 2, 'unseenIds': 0},
]


def counts_of_length(texts, n, order):
    """Occurrences of full n-grams; of shorter ones the number of distinct tokens before them."""
    if n == order:
        return Counter(tuple(ids[i : i + n]) for ids in texts for i in range(len(ids) - n + 1))
    before = defaultdict(set)
    for ids in texts:
        for i in range(len(ids) - n + 1):
            before[tuple(ids[i : i + n])].add(ids[i - 1] if i > 0 else 'beginning')
    return {gram: len(tokens) for gram, tokens in before.items()}


def discounts_of(counts, smoothing):
    n1, n2, n3, n4 = (sum(1 for c in counts.values() if c == k) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2) if n1 + n2 > 0 else math.nan
    if smoothing == 'kneser-ney':
        formula = [y, y, y]
        limits = [1, 1, 1]
    else:
        formula = [1 - 2 * y * n2 / n1 if n1 else math.nan, 2 - 3 * y * n3 / n2 if n2 else math.nan, 3 - 4 * y * n4 / n3 if n3 else math.nan]
        limits = [1, 2, 3]
    return [d if 0 < d < limit else other for d, limit, other in zip(formula, limits, FALLBACK[smoothing])]


class KneserNey:
    def __init__(self, texts, vocab_size, order, smoothing):
        self.vocab_size, self.order = vocab_size, order
        self.counts = {n: counts_of_length(texts, n, order) for n in range(1, order + 1)}
        self.discounts = {n: discounts_of(self.counts[n], smoothing) for n in self.counts}

    def discount(self, n, count):
        return 0 if count == 0 else self.discounts[n][min(count, 3) - 1]

    def probability(self, context, token):
        context = tuple(context[max(0, len(context) - self.order + 1) :])
        n = len(context) + 1
        counts = [self.counts[n].get((*context, v), 0) for v in range(self.vocab_size)]
        shorter = self.probability(context[1:], token) if context else 1 / self.vocab_size
        if sum(counts) == 0:
            return shorter
        freed = sum(self.discount(n, c) for c in counts)
        count = counts[token]
        return max(count - self.discount(n, count), 0) / sum(counts) + freed / sum(counts) * shorter

    def loss(self, ids):
        return -sum(math.log(self.probability(ids[:i], token)) for i, token in enumerate(ids)) / len(ids)


def check_against_nltk(text, order, discount):
    ids = [sorted(set(text)).index(c) for c in text]
    ids += ids[:order]  # so that no n-gram stands at the beginning alone
    vocab_size = max(ids) + 1
    model = KneserNey([ids], vocab_size, order, 'kneser-ney')
    for n in range(1, order):
        for gram in model.counts[n]:
            model.counts[n][gram] -= 1 if gram == tuple(ids[:n]) else 0  # nltk sees no token at the beginning
        model.discounts[n + 1] = [discount] * 3
    model.discounts[1] = [0, 0, 0]
    reference = KneserNeyInterpolated(order, discount)
    grams = [[tuple(map(str, ids[i : i + n])) for i in range(len(ids) - n + 1)] for n in range(1, order + 1)]
    reference.fit(grams, map(str, ids))
    contexts = [ids[i : i + n] for n in range(order) for i in range(0, len(ids) - n, 5)] + [[0] * (order - 1)]
    for context, token in ((c, t) for c in contexts for t in range(vocab_size)):
        expected = reference.unmasked_score(str(token), tuple(map(str, context)))
        assert abs(model.probability(context, token) - expected) < 1e-12


def case(smoothing, texts, order, unseenIds):
    characters = sorted(set(''.join(texts)))
    vocab_size = len(characters) + unseenIds
    texts = [[characters.index(c) for c in text] for text in texts]
    held_out = [[characters.index(c) if c in characters else vocab_size - 1 for c in text] for text in HELD_OUT] + texts[:1]
    model = KneserNey(texts, vocab_size, order, smoothing)
    contexts = [[], texts[0][:2], texts[0][3:12], held_out[0][:7], [vocab_size - 1], [0] * 8, [texts[0][0], vocab_size - 1, texts[0][1]]]
    return {
        'config': {'vocabSize': vocab_size, 'order': order, 'smoothing': smoothing},
        'texts': texts,
        'discounts': [model.discounts[n] for n in range(1, order + 1)],
        'predictions': [{'context': c, 'probabilities': [model.probability(c, v) for v in range(vocab_size)]} for c in contexts],
        'losses': [{'ids': ids, 'loss': model.loss(ids)} for ids in held_out],
    }


def main():
    for order, discount in [(2, 0.75), (3, 0.1), (5, 0.6)]:
        check_against_nltk(CAT, order, discount)
    cases = [case(smoothing, **options) for options in CASES for smoothing in FALLBACK]
    for prediction in (p for c in cases for p in c['predictions']):
        assert abs(sum(prediction['probabilities']) - 1) < 1e-12
    lines = ',\n'.join(json.dumps(c) for c in cases)
    head = f'{{"versions": {{"python": "{platform.python_version()}", "nltk": "{PIN}"}},\n"tolerance": 1e-6,\n"cases": [\n'
    Path(__file__).with_suffix('.json').write_text(f'{head}{lines}\n]}}\n')


if __name__ == '__main__':
    main()

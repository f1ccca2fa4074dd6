"""
scikit-learn's side of bag-of-words.mjs: for each line {"weighting", "ngrams", "share"} of standard input fits and transforms that share of
the texts once and answers the milliseconds.

    python bench/bag_of_words_sklearn.py TEXTS.json
"""

import json
import sys
import time

import sklearn
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

with open(sys.argv[1], encoding='utf8') as file:
    texts = json.load(file)
print(json.dumps({'version': sklearn.__version__}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    part = texts[: round(len(texts) * job['share'])]
    vectorizer = (CountVectorizer if job['weighting'] == 'count' else TfidfVectorizer)(ngram_range=(1, job['ngrams']))
    started = time.perf_counter()
    rows = vectorizer.fit_transform(part)
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({'ms': ms, 'shape': rows.shape, 'entries': rows.nnz}), flush=True)

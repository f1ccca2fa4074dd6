"""BM25 scores by the definition, with ln(1 + (N - n + 1/2) / (n + 1/2)) as idf. Standard library only."""
import json
import math
from pathlib import Path

TEXTS = [
    "the cat sat on the mat",
    "the dog chased the cat and the cat ran",
    "rain fell on the town all day",
    "a dog is a dog",
    "sun",
    "the town council met in the town hall of the old town",
]
QUERIES = ["cat", "the cat", "dog dog", "town rain", "unknown sun", "of the"]


def scores(query, k1, b):
    docs = [text.split() for text in TEXTS]
    mean = sum(map(len, docs)) / len(docs)
    result = []
    for doc in docs:
        score = 0.0
        for word in query.split():
            n = sum(word in other for other in docs)
            tf = doc.count(word)
            idf = math.log(1 + (len(docs) - n + 0.5) / (n + 0.5))
            score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(doc) / mean))
        result.append(score)
    return result


cases = [
    {"query": query, "k1": k1, "b": b, "scores": scores(query, k1, b)}
    for query in QUERIES
    for k1, b in [(1.2, 0.75), (2.0, 0.0), (0.5, 1.0)]
]
out = Path(__file__).with_name("bm25.json")
out.write_text(json.dumps({"texts": TEXTS, "cases": cases}) + "\n")

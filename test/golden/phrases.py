"""
Phrases of gensim in samples/reviews.csv: which pairs it joins, and how often.

    python test/golden/phrases.py        writes test/golden/phrases.json; needs gensim as pinned below
"""

import csv
import json
import re
from collections import Counter
from pathlib import Path

from gensim.models.phrases import Phrases
from golden import require_pins

HERE = Path(__file__).parent
PINS = {'gensim': '4.4.0'}
SCORINGS = {'mikolov': 'default', 'npmi': 'npmi'}
CASES = [
    {'scoring': 'mikolov', 'passes': 1, 'minCount': 5, 'threshold': 10},
    {'scoring': 'mikolov', 'passes': 1, 'minCount': 2, 'threshold': 1},
    {'scoring': 'mikolov', 'passes': 2, 'minCount': 2, 'threshold': 3},
    {'scoring': 'npmi', 'passes': 1, 'minCount': 3, 'threshold': 0.5},
    {'scoring': 'npmi', 'passes': 2, 'minCount': 2, 'threshold': 0.4},
]


def main():
    require_pins(PINS)
    with open(HERE.parent.parent / 'samples/reviews.csv', newline='') as file:
        texts = [row['text'] for row in csv.DictReader(file)]
    sentences = [re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace('’', "'")) for text in texts]
    cases = []
    for case in CASES:
        joined = sentences
        for _ in range(case['passes']):
            phrases = Phrases(joined, min_count=case['minCount'], threshold=case['threshold'], scoring=SCORINGS[case['scoring']])
            joined = [list(phrases[sentence]) for sentence in joined]
        counts = Counter(word for sentence in joined for word in sentence)
        found = {word: n for word, n in sorted(counts.items()) if '_' in word}
        cases.append({**case, 'words': sum(counts.values()), 'distinct': len(counts), 'phrases': found})
    lines = ',\n'.join(json.dumps(case) for case in cases)
    (HERE / 'phrases.json').write_text(f'{{"generator": "test/golden/phrases.py", "gensim": "{PINS["gensim"]}", "cases": [\n{lines}\n]}}\n')


if __name__ == '__main__':
    main()

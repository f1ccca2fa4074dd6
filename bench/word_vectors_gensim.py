"""The twin of word-vectors.mjs: does what a line of standard input names, and answers with the milliseconds it took."""

import sys
import time
from pathlib import Path

from gensim.models import KeyedVectors

folder = Path(sys.argv[1])
vectors = KeyedVectors.load_word2vec_format(str(folder / 'vectors.bin'), binary=True)
words = vectors.index_to_key
work = {
    'load binary': lambda: KeyedVectors.load_word2vec_format(str(folder / 'vectors.bin'), binary=True),
    'load text': lambda: KeyedVectors.load_word2vec_format(str(folder / 'vectors.txt')),
    'ten neighbours, 20 times': lambda: [vectors.most_similar(words[17 * i]) for i in range(20)],
    'analogies, 200': lambda: vectors.evaluate_word_analogies(str(folder / 'analogies.txt')),
}
print('ready', flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    work[line.strip()]()
    print((time.perf_counter() - start) * 1000, flush=True)

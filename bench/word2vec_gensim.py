"""The twin of word2vec.mjs: gensim and fastText, asked by JSON lines on standard input, one answer a line."""

import json
import sys
import time

import fasttext
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath

SETTINGS = dict(vector_size=100, window=5, negative=5, min_count=5, sample=1e-3, alpha=0.025, min_alpha=0.0001)


def gensim_model(tokens, sg, threads, seed):
    model = Word2Vec(sg=sg, workers=threads, seed=seed, **SETTINGS)
    model.build_vocab(corpus_file=tokens)
    return model


def gensim_train(model, tokens, epochs):
    started = time.perf_counter()
    model.train(corpus_file=tokens, total_words=model.corpus_total_words, total_examples=model.corpus_count, epochs=epochs)
    return time.perf_counter() - started


def speed(tokens, threads, sg):
    """Seconds of an epoch in gensim's fastest mode, and the words of the vocabulary in it."""
    model = gensim_model(tokens, sg, threads, 1)
    words = sum(model.wv.get_vecattr(word, 'count') for word in model.wv.key_to_index)
    return {'words': int(words), 'seconds': gensim_train(model, tokens, 1)}


def speed_fasttext(tokens, threads, sg, maxn):
    """Seconds of an epoch: what two more epochs take, as its timer counts the reading of the vocabulary too."""

    def run(epoch):
        started = time.perf_counter()
        fasttext.train_unsupervised(
            tokens, model='skipgram' if sg else 'cbow', dim=100, ws=5, neg=5, minCount=5, t=1e-3, lr=0.025, minn=3 if maxn else 0,
            maxn=maxn, thread=threads, epoch=epoch, bucket=2000000 if maxn else 0, verbose=0,
        )
        return time.perf_counter() - started

    once = run(1)
    return {'seconds': (run(3) - once) / 2}


def train(tokens, threads, sg, seed, epochs, out):
    # Not from corpus_file: there each of several workers lowers the rate by its own words over those of all, so that it never ends near 0.
    model = Word2Vec(LineSentence(tokens), sg=sg, workers=threads, seed=seed, epochs=epochs, **SETTINGS)
    model.wv.save_word2vec_format(out, binary=True)
    return {}


def evaluate(path, analogies):
    """By gensim's own rules and files, whoever made the vectors."""
    vectors = KeyedVectors.load_word2vec_format(path, binary=True)
    pairs = {name: vectors.evaluate_word_pairs(datapath(file)) for name, file in [('wordsim353', 'wordsim353.tsv'), ('simlex999', 'simlex999.txt')]}
    accuracy = vectors.evaluate_word_analogies(analogies)[0]
    return {'analogies': accuracy, **{name: float(found[1].statistic) for name, found in pairs.items()}}


COMMANDS = {'speed': speed, 'speed_fasttext': speed_fasttext, 'train': train, 'evaluate': evaluate}
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(COMMANDS[request.pop('do')](**request)), flush=True)

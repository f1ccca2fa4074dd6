"""
BLEU, chrF and paired bootstrap tests of SacreBLEU.

    python test/golden/translation_metrics.py        writes test/golden/translation_metrics.json
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

PINS = {'sacrebleu': '2.6.0', 'numpy': '2.4.6'}
if PINS != {name: version(name) for name in PINS}:
    raise SystemExit(f'golden numbers are made with {PINS}: pip install -r test/golden/requirements.txt')

# One test set a title: hypotheses, then whole lists of references (None where a sentence has fewer).
SETS = {
    'german': (
        ['Ein Mann mit rotem Hut fährt Fahrrad.', 'Zwei Hunde spielen im Schnee, während es dämmert.', 'Das Mädchen lacht!'],
        [['Ein Mann mit einem roten Hut fährt Fahrrad.', 'Zwei Hunde spielen im Schnee.', 'Das kleine Mädchen lacht.']],
    ),
    'two references, and cases': (
        ['The Cat sat on the mat.', 'It cost 1,250.50 dollars in 2019.', 'NATO said: "No comment"'],
        [
            ['the cat is sitting on the mat.', 'In 2019 it cost $1,250.50.', 'NATO had no comment.'],
            ['The Cat lay on the mat, asleep.', 'It cost 1250.50 dollars in 2019 .', 'Nato said "no comment"'],
        ],
    ),
    'unequal references': (
        ['a b c d e f', 'one two three four', 'x y z'],
        [['a b c d x f', 'one two five four', 'x y z w'], ['a b d e f', None, 'y z'], [None, None, 'x y y z']],
    ),
    'entities and marks': (
        [
            'He said &quot;yes&quot; &amp; left &lt;quickly&gt;.',
            'state-of-the-art, 3-4 items; 5,000.00 (50%) and/or 3.',
            '<skipped>a-\nb c\nd &amp;lt; e',
            "don't re-enter e-mail@host.org: http://a.b/c?d=e&f=g#h",
            '~tilde `tick` {brace} [box] a_b ^ c|d \\ e * f = g + h',
        ],
        [
            [
                'He said "yes" & left <quickly> .',
                'State-of-the-art, 3 - 4 items; 5,000.00 (50 %) or 3 .',
                'ab c d < e',
                "do n't re-enter e-mail @ host.org : http://a.b/c?d=e&f=g",
                '~ tilde ` tick ` { brace } [ box ] a _ b ^ c | d \\ e * f = g + h',
            ]
        ],
    ),
    'chinese': (
        ['我们今天去北京的天安门广场。', '他花了25.5元，买了3本“好书”——真的！', '𠀋𠮷野家 abc测试', 'ＡＢＣ，１２３ ★ ☆'],
        [['我们今天去了北京天安门广场。', '他用25.5元买了3本“好书”，真的！', '𠮷野家 abc 测试', 'ＡＢＣ、１２３ ★☆']],
    ),
    'many scripts': (
        [
            'Москва — столица России, не так ли?',
            'السلام عليكم، كيف حالك؟',
            'नमस्ते दुनिया। यह १,२३४ है।',
            'お茶を飲みますか？「はい」',
            '오늘 날씨가 좋네요.',
            '¿Dónde está «la biblioteca»? ¡Aquí! 5€ · 10£ ½ ²',
            'İstanbul ΟΔΥΣΣΕΥΣ Straße ǅ ﬁn',
        ],
        [
            [
                'Москва – столица России, правда?',
                'السلام عليكم كيف حالكم؟',
                'नमस्ते, दुनिया। यह १,२३४ था।',
                'お茶を飲みませんか？「はい」',
                '오늘은 날씨가 좋아요.',
                '¿Dónde está la «biblioteca»? ¡Aquí! 5 € · 10 £ ½ ²',
                'istanbul Οδυσσευς strasse ǆ fin',
            ]
        ],
    ),
    'spaces and emoji': (
        ['  a\u00a0b\u2003c\td \u3000', 'x\ufeffy z\u200bw', 'a\x1cb\x85c\x1fd', '👍🏽 great 👩‍👩‍👧 day 🎉!', 'tail \n', 'e\u0301 \u2028 é'],
        [['a b c d', 'x y z w', 'a b c d', '👍 great 👩‍👩‍👧 day 🎉 !', 'tail', 'é \u2029 e\u0301']],
    ),
    'empty lines': (['', 'a b', '   ', 'c'], [['', '', 'x', 'c d']]),
    'identical': (['The same sentence, word for word.', 'And 1 more.'], [['The same sentence, word for word.', 'And 1 more.']]),
    'disjoint': (['alpha beta gamma delta epsilon'], [['one two three four five six']]),
    'nothing said': (['', ''], [['one two', 'three']]),
    'short': (['a', 'b c', 'hi (there)'], [['a', 'b d', '(hi) there']]),
    'long': (
        [' '.join(f'w{i % 17}' for i in range(180)) + '.', 'much longer than its reference is, or ever was, by far'],
        [[' '.join(f'w{i % 19}' for i in range(200)) + '.', 'much shorter']],
    ),
    'repeated words': (['the the the the the the the', 'no no no yes'], [['the cat is on the mat', 'no yes no']]),
}

BLEU_OPTIONS = [
    *[{'tokenize': name} for name in ('13a', 'none', 'intl', 'zh', 'char')],
    {'lowercase': True},
    {'tokenize': 'intl', 'lowercase': True},
    {'smooth_method': 'none'},
    {'smooth_method': 'floor'},
    {'smooth_method': 'floor', 'smooth_value': 0.01},
    {'smooth_method': 'add-k'},
    {'smooth_method': 'add-k', 'smooth_value': 2.5},
    {'effective_order': True},
    {'effective_order': True, 'smooth_method': 'none', 'tokenize': 'char'},
    {'max_ngram_order': 2},
    {'max_ngram_order': 6, 'tokenize': 'zh'},
]
CHRF_OPTIONS = [
    {},
    {'word_order': 2},
    {'word_order': 1, 'beta': 3},
    {'beta': 1, 'lowercase': True},
    {'char_order': 3, 'whitespace': True},
    {'eps_smoothing': True},
    {'eps_smoothing': True, 'word_order': 2, 'lowercase': True, 'whitespace': True},
]


def camel(options):
    names = {'smooth_method': 'smooth', 'max_ngram_order': 'maxOrder'}

    def name(key):
        first, *rest = key.split('_')
        return names.get(key, first + ''.join(map(str.title, rest)))

    return {name(key): value for key, value in options.items()}


def cases(kind, options, sentence_options):
    for title, (hypotheses, references) in SETS.items():
        for o in options:
            metric = kind(**o)
            corpus = metric.corpus_score(hypotheses, references)
            single = kind(**{**sentence_options, **o})
            sentences = [
                single.sentence_score(h, [r[i] for r in references if r[i] is not None]).score for i, h in enumerate(hypotheses)
            ]
            yield title, o, corpus, sentences, str(metric.get_signature())


def bleu_case(title, options, corpus, sentences, signature):
    return {
        'set': title,
        'options': camel(options),
        'score': corpus.score,
        'precisions': corpus.precisions,
        'brevityPenalty': corpus.bp,
        'lengths': [corpus.sys_len, corpus.ref_len],
        'matches': corpus.counts,
        'totals': corpus.totals,
        'sentences': sentences,
        'signature': signature,
    }


def chrf_case(title, options, corpus, sentences, signature):
    return {
        'set': title,
        'options': camel(options),
        'score': corpus.score,
        'name': corpus.name,
        'sentences': sentences,
        'signature': signature,
    }


def systems(seed, size=60):
    """Two systems that err at different rates, and their reference."""
    random.seed(seed)
    vocabulary = [f'w{i}' for i in range(40)]
    reference = [[random.choice(vocabulary) for _ in range(random.randint(4, 14))] for _ in range(size)]

    def worse(rate):
        return [' '.join(w if random.random() > rate else random.choice(vocabulary) for w in line) for line in reference]

    return worse(0.3), worse(0.3 + 0.04 * seed), [' '.join(line) for line in reference]


def paired(seed):
    first, second, reference = systems(seed)
    metrics = {'bleu': BLEU(), 'chrf': CHRF()}
    _, scores = PairedTest([('first', first), ('second', second)], metrics, [reference], test_type='bs', n_samples=20_000)()
    results = {name: {'first': a.score, 'second': b.score, 'pValue': b.p_value} for name, (a, b) in list(scores.items())[1:]}
    return {'first': first, 'second': second, 'reference': reference, 'results': {k[:4]: v for k, v in results.items()}}


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


def lines(items):
    return '[\n' + ',\n'.join(json.dumps(i, ensure_ascii=False, separators=(',', ':'), default=plain) for i in items) + '\n]'


parts = {
    'sets': lines({'title': t, 'hypotheses': h, 'references': r} for t, (h, r) in SETS.items()),
    'bleu': lines(bleu_case(*case) for case in cases(BLEU, BLEU_OPTIONS, {'effective_order': True})),
    'chrf': lines(chrf_case(*case) for case in cases(CHRF, CHRF_OPTIONS, {})),
    'paired': lines(paired(seed) for seed in range(3)),
}
body = ',\n'.join(f'"{key}":{value}' for key, value in {'versions': json.dumps(PINS), **parts}.items())
Path(__file__).with_suffix('.json').write_text('{' + body + '}\n')

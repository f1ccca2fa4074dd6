"""
Every part of a tokenizer.json, and the pipelines of well-known tokenizers with small vocabularies, run by Hugging Face tokenizers on
the lines of tokenizer_lines.py: tokenizers/parts.json.

    python test/golden/tokenizer_parts.py

A case names its parts; together with the models, which stand there once, they make its tokenizer.json. Normalizers and pre-tokenizers
are seen through a model whose tokens are the bytes of each word. What comes out is kept as hashes, of the first lines in full.
"""

import base64
import hashlib
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers
from tokenizer_lines import FRAGMENTS, line, pick, utf16_offsets
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

PIN = '0.23.3'
LINES = 60
FULL = 1
TOGETHER = 6  # lines that share a hash
TEXT = [line(i) for i in range(20_000, 20_400)] * 2 + [
    'the cat sat on the mat and the hat', 'a cat and a rat and a bat', 'there is a hat on the mat', 'lower lowest newer newest wider widest',
    'The Cat Sat On The Mat', "it's the dog's dinner, isn't it? we'll see; they've gone", '12 345 6789 2020 1999', 'hello world hello there',
] * 40  # fmt: skip
PROSE = [*TEXT[800:], *FRAGMENTS['fragments']['prose'] * 3, *FRAGMENTS['fragments']['marks'][:4] * 3]

GPT2 = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
O200K = '|'.join([
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
    r"""\p{N}{1,3}""", r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""", r"""\s*[\r\n]+""", r"""\s+(?!\S)""", r"""\s+""",
])  # fmt: skip
QWEN2 = LLAMA3.replace('{1,3}', '')
CLIP = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
DEEPSEEK = [r'[\r\n]', r'\s?\p{L}+', r'\s?\p{P}+', '[一-龥\u0800-一가-\ud7ff]+'.replace('\ud7ff', '\ud7a3')]
DEEPSEEK3 = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
)

REGEXES = [
    GPT2, LLAMA3, CL100K, O200K, QWEN2, CLIP, *DEEPSEEK, DEEPSEEK3,
    r'.', r'.+', r'^.', r'.$', r'^', r'$', r'\A.', r'.\z', r'.\Z', r'\s', r'\S+', r'\w+', r'\W', r'\d+', r'\D+', r'\h+', r'\H', r'\b', r'\bt\w*', r'\Bt',
    r'\p{Lu}', r'\P{L}+', r'\p{^L}', r'\p{Han}+', r'\p{Hiragana}', r'\p{Greek}+', r'\p{Alpha}+', r'\p{punct}', r'[[:alpha:]]+', r'[[:^alpha:]]+',
    r'[[:punct:]]', r'[[:space:][:digit:]]+', r'[[:upper:]]', r'[[:alnum:]_]+', r'[[:cntrl:]]', r'[[:xdigit:]]{2}', r'[a-z&&[^aeiou]]+',
    r'[^\w\s]+', r'[^a-zA-Z[0-9]]+', r'[]a]+', r'[a\-z]', r'[\x{4e00}-\x{9fff}]', r'[\u3040-\u30ff]+', r'\x41', r'\t', r'\e', r'\n|\r\n?',
    r'\R', r'(?i)the', r'(?i:THE|cat)', r'the(?i)CAT|SAT', r'(?i:s)', r'(?i:[a-c]+)', r'(?i:\p{Lu}+)', r'(?i:σ|k|å)', r'(?m:.)', r'(?m).+', r'(?x: a b )',
    r'(?#c)e', r'(?>a|ab)c?', r'(?>\s+)\S', r'\s*+\w', r'[a-z]++', r'a?+t', r'e{2}', r'e{1,2}', r'e{,2}t', r'l{1,}', r'\d{1,3}(?=(?:\d{3})*\b)', r'o{1,2}?',
    r'(?=t)', r'(?!\s)\W', r'(?<=\s)\w', r'(?<!\w)\d', r'(.)\1', r'(?<x>l)o', r'(t)(h)(e)', r'a|b|', r'x*', r'\.', r'\-', r"\'", r'\/', r'a{', r'[,;:]', r'\s+$',
    r'\s+(?!\S)', r'(?:\r?\n)+', r'\p{Emoji_Presentation}', r'\p{So}+', r'\p{Mn}', r'\p{Zs}', r'\p{Cc}', r'\p{Letter}', r'\p{L}{1,2}+',
]  # fmt: skip

STRINGS = [' ', 'the', '.', '', '\u2581', '(', 'e\u0301']
BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']


def part(kind, **fields):
    return {'type': kind, **fields}


def chain(kind, parts):
    key = {'n': 'normalizers', 'p': 'pretokenizers', 'd': 'decoders', 'o': 'processors'}[kind]
    return part('Sequence', **{key: parts})


def split(pattern, behavior='Isolated', invert=False, kind='Regex'):
    return part('Split', pattern={kind: pattern}, behavior=behavior, invert=invert)


def replace(pattern, content, kind='String'):
    return part('Replace', pattern={kind: pattern}, content=content)


def byte_level(space=False, regex=True, trim=True):
    return part('ByteLevel', add_prefix_space=space, trim_offsets=trim, use_regex=regex)


def metaspace(scheme='always', splits=True):
    return part('Metaspace', replacement='▁', prepend_scheme=scheme, split=splits)


def bert(**options):
    return part('BertNormalizer', **{'clean_text': True, 'handle_chinese_chars': True, 'strip_accents': None, 'lowercase': True, **options})


def template(single, pair, specials):
    def piece(word):
        name, _, kind = word.partition(':')
        if name.startswith('$'):
            return {'Sequence': {'id': name[1:], 'type_id': int(kind or 0)}}
        return {'SpecialToken': {'id': name, 'type_id': int(kind or 0)}}

    tokens = {name: {'id': name, 'ids': [number], 'tokens': [name]} for name, number in specials.items()}
    return part('TemplateProcessing', single=[*map(piece, single.split())], pair=[*map(piece, pair.split())], special_tokens=tokens)


def charsmap():
    """A small one, of rules that a sentence of SentencePiece's own would not need."""
    rules = ['FB01\t66 69', 'FF21\t41', '2122\t54 4D', '65 301\tE9', 'A0\t20', '3000\t20', '0A\t20', '09\t20', '1F600\t3A 29', '200B\t', 'AC00\t1100 1161', '41 42\t43']
    model = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'rules.tsv'
        path.write_text('\n'.join(rules) + '\n')
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(['the cat sat on the mat'] * 20), model_writer=model, vocab_size=20, normalization_rule_tsv=str(path), minloglevel=2,
            hard_vocab_limit=False,
        )  # fmt: skip
    return base64.b64encode(field(field(model.getvalue(), 3), 2)).decode()


def field(message, wanted):
    """A field of bytes of a protobuf message: 3 of a model are its rules, of which 2 is the compiled map."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = number()
        if key & 7 == 0:
            number()
        else:
            length = {1: 8, 5: 4}.get(key & 7) or number()
            if key >> 3 == wanted:
                return message[at : at + length]
            at += length
    raise ValueError(f'no field {wanted}')


def trained(model, trainer, normalizer=None, pre_tokenizer=None, text=TEXT):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(text, trainer)
    return json.loads(tokenizer.to_str())['model']


def the_models():
    quiet = {'show_progress': False}
    byte_tokens = [f'<0x{byte:02X}>' for byte in range(256)]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    levels = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain = models.BPE
    spaces = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    special = ['<unk>', '<s>', '</s>', '<pad>', '<mask>']
    found = {
        'bytes': {'type': 'BPE', 'vocab': {'<unk>': 0, **{token: i + 1 for i, token in enumerate(byte_tokens)}}, 'merges': [], 'byte_fallback': True, 'unk_token': '<unk>'},
        'levels': trained(plain(), trainers.BpeTrainer(vocab_size=420, initial_alphabet=letters, special_tokens=special, **quiet), None, levels),
        'clip': trained(
            plain(unk_token='<unk>', end_of_word_suffix='</w>'),
            trainers.BpeTrainer(vocab_size=700, initial_alphabet=letters, special_tokens=special, end_of_word_suffix='</w>', **quiet),
            normalizers.Lowercase(), levels,
        ),
        'bpe': trained(plain(unk_token='<unk>'), trainers.BpeTrainer(vocab_size=150, limit_alphabet=60, special_tokens=special, **quiet), None, pre_tokenizers.Whitespace()),
        'prefixed': trained(
            plain(unk_token='<unk>', continuing_subword_prefix='##'),
            trainers.BpeTrainer(vocab_size=180, limit_alphabet=60, special_tokens=special, continuing_subword_prefix='##', **quiet), None, pre_tokenizers.Whitespace(),
        ),
        'fallback': trained(
            plain(byte_fallback=True, unk_token='<unk>', fuse_unk=True),
            trainers.BpeTrainer(vocab_size=420, limit_alphabet=60, special_tokens=['<unk>', '<s>', '</s>', *byte_tokens], **quiet), spaces,
        ),
        'wordpiece': trained(
            models.WordPiece(unk_token='<unk>', max_input_chars_per_word=20), trainers.WordPieceTrainer(vocab_size=300, limit_alphabet=80, special_tokens=special, **quiet),
            normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(),
        ),
        'unigram': trained(
            models.Unigram(), trainers.UnigramTrainer(vocab_size=300, special_tokens=['<pad>', '</s>', '<unk>'], unk_token='<unk>', **quiet),
            normalizers.NFKC(), pre_tokenizers.Metaspace(), PROSE,
        ),
        'words': trained(models.WordLevel(unk_token='<unk>'), trainers.WordLevelTrainer(vocab_size=120, special_tokens=special, **quiet), None, pre_tokenizers.Whitespace()),
    }  # fmt: skip
    found['unigram'] = {**found['unigram'], 'vocab': [[token, round(score, 4)] for token, score in found['unigram']['vocab']]}
    return found


def cases():
    seen = {'model': 'bytes'}

    def normal(name, normalizer, **more):
        return {'name': f'normalizer {name}', **seen, 'normalizer': normalizer, **more}

    def pre(name, pre_tokenizer, **more):
        return {'name': f'pre-tokenizer {name}', **seen, 'pre_tokenizer': pre_tokenizer, **more}

    for form in ['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt', 'ByteLevel']:
        yield normal(form, part(form))
    for left in [False, True]:
        for right in [False, True]:
            yield normal(f'Strip {left} {right}', part('Strip', strip_left=left, strip_right=right))
    yield normal('Prepend', part('Prepend', prepend='▁▁'))
    for string in STRINGS:
        yield normal(f'Replace String {string!r}', replace(string, '<>'))
    for regex in [r'\s+', r'(?i:the)', r'^', r'\p{M}', r'[^a-z ]', r' {2,}', r'(.)\1']:
        yield normal(f'Replace Regex {regex}', replace(regex, '' if 'M' in regex else '€', 'Regex'))
    for i in range(16):
        flags = dict(zip(['clean_text', 'handle_chinese_chars', 'strip_accents', 'lowercase'], [bool(i & 1 << b) for b in range(4)]))
        yield normal(f'Bert {i}', bert(**flags))
    yield normal('Bert cased, accents as case', bert(lowercase=False))
    yield normal('Bert, accents as case', bert())
    yield normal('Precompiled', part('Precompiled', precompiled_charsmap=charsmap()))
    yield normal('Sequence', chain('n', [part('NFD'), part('StripAccents'), part('Lowercase'), replace(' ', '▁'), part('Prepend', prepend='▁'), part('NFC')]))
    yield normal('Sequence of none', chain('n', []))
    yield normal('Strip before Metaspace', part('Strip', strip_left=True, strip_right=True), pre_tokenizer=metaspace('first'))

    for kind in ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit', 'UnicodeScripts']:
        yield pre(kind, part(kind))
    for space in [False, True]:
        for regex in [False, True]:
            yield pre(f'ByteLevel {space} {regex}', byte_level(space, regex))
    for scheme in ['always', 'first', 'never']:
        for splits in [False, True]:
            yield pre(f'Metaspace {scheme} {splits}', metaspace(scheme, splits), added_tokens=[added(0, '<unk>')])
    yield pre('Metaspace, older, with space', part('Metaspace', replacement='_', str_rep='_', add_prefix_space=True))
    for regex in REGEXES:
        yield pre(f'Split Regex {regex}', split(regex))
    for behavior in BEHAVIORS:
        for invert in [False, True]:
            yield pre(f'Split {behavior} {invert}', split(r'\s|[aeiou]+', behavior, invert))
        yield pre(f'Punctuation {behavior}', part('Punctuation', behavior=behavior))
    for string in STRINGS:
        yield pre(f'Split String {string!r}', split(string, 'MergedWithNext', kind='String'))
    for individual in [False, True]:
        yield pre(f'Digits {individual}', part('Digits', individual_digits=individual))
    yield pre('CharDelimiterSplit', part('CharDelimiterSplit', delimiter='e'))
    for length in [1, 5]:
        yield pre(f'FixedLength {length}', part('FixedLength', length=length))
    yield pre('Sequence', chain('p', [part('WhitespaceSplit'), part('Punctuation', behavior='Contiguous'), part('Digits', individual_digits=True), metaspace('first')]))
    yield from model_cases()
    yield from known_cases()
    yield from added_cases()
    yield from processor_cases()
    yield from decoder_cases()


def added(number, content, special=True, **options):
    return {'id': number, 'content': content, 'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': False, 'special': special, **options}


SPECIAL = [added(i, content) for i, content in enumerate(['<unk>', '<s>', '</s>', '<pad>', '<mask>'])]


def model_cases():
    words = part('Whitespace')
    for name in ['bpe', 'prefixed', 'wordpiece', 'words']:
        yield {'name': f'model {name}', 'model': name, 'pre_tokenizer': words}
        yield {'name': f'model {name}, no pre-tokenizer', 'model': name}
    yield {'name': 'model bpe, unknown fused', 'model': 'bpe', 'options': {'fuse_unk': True}, 'pre_tokenizer': words}
    yield {'name': 'model bpe, merges ignored', 'model': 'bpe', 'options': {'ignore_merges': True}, 'pre_tokenizer': words}
    yield {'name': 'model levels', 'model': 'levels', 'pre_tokenizer': byte_level(), 'decoder': byte_level()}
    yield {'name': 'model levels, merges ignored', 'model': 'levels', 'options': {'ignore_merges': True}, 'pre_tokenizer': byte_level(), 'decoder': byte_level()}
    yield {'name': 'model clip', 'model': 'clip', 'pre_tokenizer': byte_level()}
    yield {'name': 'model fallback', 'model': 'fallback', 'pre_tokenizer': metaspace()}
    yield {'name': 'model fallback, no bytes', 'model': 'fallback', 'options': {'byte_fallback': False}, 'pre_tokenizer': metaspace()}
    yield {'name': 'model fallback, no bytes, unknown apart', 'model': 'fallback', 'options': {'byte_fallback': False, 'fuse_unk': False}}
    yield {'name': 'model unigram', 'model': 'unigram', 'pre_tokenizer': metaspace()}
    yield {'name': 'model unigram, no pre-tokenizer', 'model': 'unigram'}
    yield {'name': 'model unigram, bytes', 'model': 'unigram', 'bytes': True, 'pre_tokenizer': metaspace()}
    yield {'name': 'model wordpiece, short words', 'model': 'wordpiece', 'options': {'max_input_chars_per_word': 4}, 'pre_tokenizer': words}


def known_cases():
    roberta = part('RobertaProcessing', sep=['</s>', 2], cls=['<s>', 1], trim_offsets=True, add_prefix_space=False)
    bos = template('<s> $A', '<s> $A <s>:1 $B:1', {'<s>': 1})
    spm = chain('d', [replace('▁', ' '), part('ByteFallback'), part('Fuse'), part('Strip', content=' ', start=1, stop=0)])
    mask = [*SPECIAL[:4], added(4, '<mask>', lstrip=True)]

    def levels(name, pattern, normalizer=None, **more):
        cut = pattern if isinstance(pattern, list) else [split(pattern)]
        pre = chain('p', [*cut, byte_level(regex=False)])
        return {'name': name, 'model': 'levels', 'normalizer': normalizer, 'pre_tokenizer': pre, 'decoder': byte_level(True), 'added_tokens': SPECIAL, **more}

    yield {'name': 'GPT-2', 'model': 'levels', 'pre_tokenizer': byte_level(), 'post_processor': byte_level(True, trim=False), 'decoder': byte_level(True), 'added_tokens': [added(1, '<s>', normalized=True)]}
    yield {'name': 'RoBERTa', 'model': 'levels', 'pre_tokenizer': byte_level(), 'post_processor': roberta, 'decoder': byte_level(), 'added_tokens': mask, 'pairs': True}
    yield levels('Llama 3', LLAMA3, options={'ignore_merges': True}, post_processor=chain('o', [byte_level(True), bos]))
    yield levels('Qwen 2', QWEN2, part('NFC'), post_processor=byte_level(trim=False))
    yield levels('GPT-4', CL100K)
    yield levels('GPT-4o', O200K)
    yield levels('Whisper', [byte_level()], post_processor=template('<s> $A </s>', '<s> $A $B </s>', {'<s>': 1, '</s>': 2}))
    yield levels('DeepSeek', [*map(split, DEEPSEEK[:3]), split(DEEPSEEK[3]), part('Digits', individual_digits=True)])
    yield levels('DeepSeek 3', [split(r'\p{N}{1,3}'), split(DEEPSEEK[3]), split(DEEPSEEK3)], chain('n', []))
    yield {
        'name': 'CLIP', 'model': 'clip', 'normalizer': chain('n', [part('NFC'), replace(r'\s+', ' ', 'Regex'), part('Lowercase')]),
        'pre_tokenizer': chain('p', [split(CLIP, 'Removed', True), byte_level()]), 'decoder': byte_level(),
        'post_processor': part('RobertaProcessing', sep=['</s>', 2], cls=['<s>', 1], trim_offsets=False, add_prefix_space=False), 'added_tokens': SPECIAL,
    }  # fmt: skip
    yield {'name': 'BERT', 'model': 'wordpiece', 'normalizer': bert(), 'pre_tokenizer': part('BertPreTokenizer'), 'decoder': part('WordPiece', prefix='##', cleanup=True), 'post_processor': template('<s> $A </s>', '<s> $A </s> $B:1 </s>:1', {'<s>': 1, '</s>': 2}), 'added_tokens': SPECIAL, 'pairs': True}
    yield {'name': 'BERT, cased', 'model': 'wordpiece', 'normalizer': bert(lowercase=False), 'pre_tokenizer': part('BertPreTokenizer'), 'decoder': part('WordPiece', prefix='##', cleanup=False), 'post_processor': part('BertProcessing', sep=['</s>', 2], cls=['<s>', 1]), 'added_tokens': SPECIAL, 'pairs': True}
    yield {'name': 'Llama 2', 'model': 'fallback', 'normalizer': chain('n', [part('Prepend', prepend='▁'), replace(' ', '▁')]), 'decoder': spm, 'post_processor': bos, 'added_tokens': SPECIAL[:3], 'pairs': True}
    yield {'name': 'Phi 3', 'model': 'fallback', 'normalizer': chain('n', [part('Prepend', prepend='▁'), replace(' ', '▁')]), 'decoder': spm, 'added_tokens': [*SPECIAL[:2], added(2, '</s>', False, rstrip=True), added(9000, '[UNK]', rstrip=True), added(9001, '[SEP]')]}
    yield {'name': 'Mistral', 'model': 'fallback', 'pre_tokenizer': metaspace('first', False), 'decoder': spm, 'post_processor': bos, 'added_tokens': SPECIAL[:3]}
    yield {'name': 'Gemma', 'model': 'fallback', 'normalizer': replace(' ', '▁'), 'pre_tokenizer': split(' ', 'MergedWithPrevious', kind='String'), 'decoder': chain('d', [replace('▁', ' '), part('ByteFallback'), part('Fuse')]), 'post_processor': bos, 'added_tokens': SPECIAL[:3]}
    yield {'name': 'T5', 'model': 'unigram', 'normalizer': part('NFKC'), 'pre_tokenizer': metaspace(), 'decoder': metaspace(), 'post_processor': template('$A </s>', '$A </s> $B </s>', {'</s>': 1}), 'added_tokens': [added(0, '<pad>'), added(1, '</s>'), added(2, '<unk>'), added(9000, '<mask>')]}
    yield {'name': 'T5, older', 'model': 'unigram', 'normalizer': part('NFKC'), 'pre_tokenizer': chain('p', [part('WhitespaceSplit'), metaspace()]), 'decoder': metaspace(), 'added_tokens': [added(1, '</s>')]}
    yield {'name': 'XLM-R', 'model': 'unigram', 'normalizer': chain('n', [part('Nmt'), part('NFKC'), replace(' {2,}', ' ', 'Regex')]), 'pre_tokenizer': metaspace(), 'decoder': metaspace(), 'post_processor': template('<pad> $A </s>', '<pad> $A </s> </s> $B </s>', {'<pad>': 0, '</s>': 1}), 'added_tokens': [added(9000, '<mask>', lstrip=True)], 'pairs': True}
    yield {'name': 'ALBERT', 'model': 'unigram', 'normalizer': chain('n', [replace('``', '"'), replace("''", '"'), part('NFKD'), part('StripAccents'), part('Lowercase'), replace(' {2,}', ' ', 'Regex')]), 'pre_tokenizer': metaspace(), 'decoder': metaspace(), 'added_tokens': [added(1, '</s>'), added(9000, '[MASK]', lstrip=True)]}
    yield {'name': 'DeBERTa', 'model': 'unigram', 'normalizer': chain('n', [part('Strip', strip_left=True, strip_right=True), part('NFKC')]), 'pre_tokenizer': metaspace(), 'decoder': metaspace(), 'added_tokens': [added(2, '<unk>', True, normalized=True), added(9000, '[MASK]')]}


def added_cases():
    base = {'model': 'wordpiece', 'normalizer': bert(), 'pre_tokenizer': part('BertPreTokenizer')}
    for i in range(16):
        flags = dict(zip(['single_word', 'lstrip', 'rstrip', 'normalized'], [bool(i & 1 << b) for b in range(4)]))

        def tokens(first):
            found = [('ther', False), ('[SEP]', True), ('Th', False), ('第三', False), (' a', True)]
            # A special token that the normalizer changes is not known as special any more when the library decodes.
            return [added(first + j, content, special and not flags['normalized'], **flags) for j, (content, special) in enumerate(found)]

        yield {'name': f'added {i}', **base, 'added_tokens': tokens(9000)}
        yield {'name': f'added {i}, in bytes', 'model': 'bytes', 'pre_tokenizer': metaspace('first'), 'added_tokens': tokens(9000)}


def processor_cases():
    base = {'model': 'levels', 'pre_tokenizer': byte_level(True), 'pairs': True}
    for trim in [False, True]:
        for space in [False, True]:
            yield {'name': f'processor ByteLevel {trim} {space}', **base, 'post_processor': byte_level(space, trim=trim)}
            yield {'name': f'processor Roberta {trim} {space}', **base, 'post_processor': part('RobertaProcessing', sep=['</s>', 2], cls=['<s>', 1], trim_offsets=trim, add_prefix_space=space)}
    yield {'name': 'processor Bert', **base, 'post_processor': part('BertProcessing', sep=['</s>', 2], cls=['<s>', 1])}
    yield {'name': 'processor template, types', **base, 'post_processor': template('<s>:2 $A:3 </s>:4', '$B:1 <s> $A:7 </s> <s>:2', {'<s>': 1, '</s>': 2})}
    yield {'name': 'processor Sequence', **base, 'post_processor': chain('o', [byte_level(True), template('<s> $A', '<s> $A </s> $B:1', {'<s>': 1, '</s>': 2})])}
    for direction in ['Left', 'Right']:
        for strategy in ['LongestFirst', 'OnlyFirst', 'OnlySecond']:
            for stride in [0, 2]:
                cut = {'direction': direction, 'max_length': 12, 'strategy': strategy, 'stride': stride}
                fill = {'strategy': {'Fixed': 16} if stride else 'BatchLongest', 'direction': direction, 'pad_to_multiple_of': 8 if stride else None, 'pad_id': 3, 'pad_type_id': 5, 'pad_token': '<pad>'}
                yield {'name': f'truncation {direction} {strategy} {stride}', **base, 'post_processor': template('<s> $A </s>', '<s> $A </s> $B:1 </s>:1', {'<s>': 1, '</s>': 2}), 'truncation': cut, 'padding': fill}


def decoder_cases():
    def decoder(name, model, decoder, **more):
        return {'name': f'decoder {name}', 'model': model, 'decoder': decoder, 'pre_tokenizer': part('Whitespace'), 'added_tokens': SPECIAL[:3], 'decodes': True, **more}

    yield decoder('none', 'levels', None)
    yield decoder('ByteLevel', 'levels', byte_level())
    yield decoder('ByteFallback', 'fallback', part('ByteFallback'))
    for cleanup in [False, True]:
        yield decoder(f'WordPiece {cleanup}', 'wordpiece', part('WordPiece', prefix='##', cleanup=cleanup))
        yield decoder(f'CTC {cleanup}', 'bpe', part('CTC', pad_token='<pad>', word_delimiter_token='e', cleanup=cleanup))
    for scheme in ['always', 'first', 'never']:
        yield decoder(f'Metaspace {scheme}', 'fallback', metaspace(scheme))
    yield decoder('BPEDecoder', 'clip', part('BPEDecoder', suffix='</w>'))
    yield decoder('Fuse', 'bpe', part('Fuse'))
    yield decoder('Strip', 'bpe', part('Strip', content='e', start=1, stop=1))
    yield decoder('Replace String', 'bpe', replace('t', 'TT'))
    yield decoder('Replace Regex', 'bpe', replace('[aeiou]', '', 'Regex'))
    spm = [replace('▁', ' '), part('ByteFallback'), part('Fuse'), part('Strip', content=' ', start=1, stop=0)]
    yield decoder('Llama', 'fallback', chain('d', spm))
    yield decoder('Llama, and more behind', 'fallback', chain('d', [*spm, replace('t', 'T'), part('Strip', content='a', start=2, stop=3)]))
    yield decoder('Fuse, then Strip', 'bpe', chain('d', [part('Fuse'), part('Strip', content='t', start=2, stop=2)]))
    yield decoder('ByteLevel, then Replace', 'clip', chain('d', [byte_level(), replace('</w>', ' ')]))
    yield decoder('Sequence of none', 'bpe', chain('d', []))


def file_of(case, shared):
    model = {**shared[case['model']], **case.get('options', {})}
    if case.get('bytes'):
        model = {**model, 'byte_fallback': True, 'vocab': model['vocab'] + [[f'<0x{byte:02X}>', -20.0] for byte in range(256)]}
    # Added tokens that are in no model come after its own, as the library would number them.
    tokens = [{**token, 'id': len(model['vocab']) + token['id'] - 9000 if token['id'] >= 9000 else token['id']} for token in case.get('added_tokens', [])]
    keys = ['truncation', 'padding', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder']
    return {'version': '1.0', **{key: case.get(key) for key in keys}, 'added_tokens': tokens, 'model': model}


def flat(encoding, texts):
    """One list of numbers and texts for an encoding and what overflows; offsets count in the text that they belong to."""
    # What overflows forgets which text it is of, but for its types.
    texts_of = [types if sequence is None else sequence for types, sequence in zip(encoding.type_ids, encoding.sequence_ids)]
    offsets = [utf16_offsets(texts[1 if s == 1 and len(texts) > 1 else 0], [o])[0] for o, s in zip(encoding.offsets, texts_of)]
    fields = [encoding.ids, encoding.tokens, offsets, encoding.type_ids, encoding.attention_mask, encoding.special_tokens_mask, encoding.word_ids]
    return [*fields, [flat(part, texts)[:-1] for part in encoding.overflowing]]


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode()).hexdigest()[:8]


def outcome(tokenizer, case, texts):
    try:
        encoding = tokenizer.encode(*texts)
    except BaseException:  # some texts are refused, and some end the library in a panic
        return None
    return [flat(encoding, texts), tokenizer.decode(encoding.ids), tokenizer.decode(encoding.ids, skip_special_tokens=False)]


def decoded(tokenizer, case, i):
    """Ids that no text has, to try a decoder."""
    size = tokenizer.get_vocab_size(with_added_tokens=False)
    ids = [pick(j, 7000 + i, size) for j in range(1 + pick(99, 7000 + i, 30))]
    try:
        return [ids, tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=False)]
    except BaseException:  # Strip panics where a token is shorter than what it takes off
        return None


def run(case, shared):
    tokenizer = Tokenizer.from_str(json.dumps(file_of(case, shared)))
    if case.get('decodes'):
        results = [decoded(tokenizer, case, i) for i in range(LINES)]
    else:
        singles = [[line(i)] for i in range(LINES)] + [['']]
        pairs = [[line(i), line(i + 1000)] for i in range(LINES // 3)] if case.get('pairs') else []
        results = [outcome(tokenizer, case, texts) for texts in singles + pairs]
    hashes = ''.join(digest(results[i : i + TOGETHER]) for i in range(0, len(results), TOGETHER))
    panics = [i for i, result in enumerate(results) if result is None]
    return {**case, 'hashes': hashes, 'panics': panics, 'full': results[:FULL] if case['model'] != 'bytes' else []}


def main():
    if tokenizers.__version__ != PIN:
        raise SystemExit(f'made with tokenizers {PIN}, found {tokenizers.__version__}')
    shared = the_models()
    done = []
    for case in cases():
        try:
            done.append(run(case, shared))
        except BaseException as error:
            print(case['name'], 'is refused:', str(error)[:150])
            done.append({**case, 'refused': True})
    path = Path(__file__).parent / 'tokenizers' / 'parts.json'
    compact = [json.dumps(case, ensure_ascii=False, separators=(',', ':')) for case in done]
    names = [f'{json.dumps(name)}:{json.dumps(model, ensure_ascii=False, separators=(",", ":"))}' for name, model in shared.items()]
    path.write_text('{"models":{\n' + ',\n'.join(names) + '\n},"cases":[\n' + ',\n'.join(compact) + '\n]}\n', encoding='utf-8')


if __name__ == '__main__':
    main()

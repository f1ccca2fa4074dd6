"""
Tokenizers of encoder–decoders as Hugging Face's transformers run them: Marian's two SentencePiece models beside a vocabulary, M2M-100's
one, and those that carry the tags of languages: translation_tokenizers.json.

    python test/golden/translation_tokenizers.py

A folder's files are base64 of gzip. `source` and `target` are the ids of every text; `decoded`, what becomes of the target's ids.
"""

import base64
import contextlib
import csv
import gzip
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers.pre_tokenizers import ByteLevel
from transformers import BartTokenizer, M2M100Tokenizer, MarianTokenizer, MBart50Tokenizer, MBartTokenizer, NllbTokenizer

from golden import HERE, MODEL_PINS, require_pins

PIN = '0.2.3'
SENTENCES = json.loads((HERE / 'sentences.json').read_text(encoding='utf8'))['sets']


def sentences(*locales):
    return [sentence for one in SENTENCES if one['locale'] in locales for sentence in one['sentences']]


def reviews():
    return [row[0] for row in csv.reader((HERE / '../../samples/reviews.csv').open(encoding='utf8'))][1:]


def train(corpus, **options):
    model = io.BytesIO()
    common = {'minloglevel': 2, 'hard_vocab_limit': False, 'num_threads': 1, 'shuffle_input_sentence': False, 'model_type': 'unigram'}
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=model, **common, **options)
    return model.getvalue()


def pieces(model):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [processor.id_to_piece(i) for i in range(processor.get_piece_size()) if not processor.is_control(i) and not processor.is_unknown(i)]


def texts():
    locales = [one['locale'] for one in SENTENCES]
    some = [sentence for locale in locales for sentence in sentences(locale)[:9]]
    odd = [
        '', ' ', '  two  spaces ', 'ﬁne ½ ①', 'tab\tand\nline', 'naïve café', '東京 the 京', 'unknown 😀 and 😀😀 here', '<s> in a text', '<unk>',
        'a </s> in it', '</s>', 'x<pad>y', '▁', '▁ ▁a', '>>', '>>not a tag', 'Größe ß ÄÖÜ', 'Füße und Straße', 'ΑΒΓ αβγ', 'e\u0301', '3.14, 42!',
    ]  # fmt: skip
    return list(dict.fromkeys(some + odd + reviews()[:12]))


def packed(folder, names):
    return {name: base64.b64encode(gzip.compress((folder / name).read_bytes(), 9, mtime=0)).decode() for name in names}


SOURCE = train(reviews() + sentences('en'), vocab_size=380, normalization_rule_name='identity')
TARGET = train(sentences('de', 'fr', 'ru') * 3, vocab_size=420, normalization_rule_name='identity')


def marian(folder, texts, tags, separate):
    """Ids unlike those of the SentencePiece models; some pieces have none."""
    (folder / 'source.spm').write_bytes(SOURCE)
    (folder / 'target.spm').write_bytes(TARGET)
    source, target = pieces(SOURCE), pieces(TARGET)
    number = lambda tokens: {token: i for i, token in enumerate(tokens)}
    kept = [piece for i, piece in enumerate(source[::-1] if separate else [*target, *source]) if i % 23 != 5]
    vocab = number(dict.fromkeys(['</s>', '<unk>', *kept, *tags, '<pad>']))
    (folder / 'vocab.json').write_text(json.dumps(vocab, ensure_ascii=False), encoding='utf8')
    config = {'source_lang': 'en', 'target_lang': 'de', 'model_max_length': 512, 'separate_vocabs': separate, 'tokenizer_class': 'MarianTokenizer'}
    names = ['source.spm', 'target.spm', 'vocab.json', 'tokenizer_config.json']
    if separate:
        other = number(dict.fromkeys(['</s>', '<unk>', *target, '<pad>']))
        (folder / 'target_vocab.json').write_text(json.dumps(other, ensure_ascii=False), encoding='utf8')
        names.append('target_vocab.json')
    (folder / 'tokenizer_config.json').write_text(json.dumps(config))
    files = {'source_spm': 'source.spm', 'target_spm': 'target.spm', 'vocab': 'vocab.json'}
    if separate:
        files['target_vocab_file'] = 'target_vocab.json'
    tokenizer = MarianTokenizer(**{key: str(folder / name) for key, name in files.items()}, separate_vocabs=separate)
    prefix = f'{tags[1]} ' if tags else ''
    source_ids = [tokenizer(prefix + text).input_ids for text in texts]
    target_ids = [tokenizer(text_target=text).input_ids for text in texts]
    return {
        'files': packed(folder, names), 'prefix': prefix, 'tags': len(tags), 'source': source_ids, 'target': target_ids,
        'decoded': [tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False) for ids in target_ids],
    }  # fmt: skip


def tagged(folder, texts, tokenizer, source, target, names, tags):
    """Of a tokenizer that puts the tags of languages around texts."""
    tokenizer.save_pretrained(folder)
    tokenizer.src_lang, tokenizer.tgt_lang = source, target
    source_ids = [tokenizer(text).input_ids for text in texts]
    target_ids = [tokenizer(text_target=text).input_ids for text in texts]
    tag = tokenizer.convert_tokens_to_ids(tokenizer.get_lang_token(target) if hasattr(tokenizer, 'get_lang_token') else target)
    decoded = [tokenizer.decode([i for i in ids if i != tag], skip_special_tokens=True, clean_up_tokenization_spaces=False) for ids in target_ids]
    return {
        'files': packed(folder, names), 'languages': [source, target], 'tags': tags, 'tag': tag,
        'source': source_ids, 'target': target_ids, 'decoded': decoded,
    }  # fmt: skip


def m2m100(folder, texts):
    (folder / 'sentencepiece.bpe.model').write_bytes(TARGET)
    vocab = {token: i for i, token in enumerate(dict.fromkeys(['<s>', '<pad>', '</s>', '<unk>', *pieces(TARGET)[::-1][:-9]]))}
    (folder / 'vocab.json').write_text(json.dumps(vocab, ensure_ascii=False), encoding='utf8')
    tokenizer = M2M100Tokenizer(str(folder / 'vocab.json'), str(folder / 'sentencepiece.bpe.model'))
    names = ['sentencepiece.bpe.model', 'vocab.json', 'tokenizer_config.json']
    return tagged(folder, texts, tokenizer, 'en', 'fr', names, 100)


def scores(model):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]


def fairseq(folder, texts, kind, tags):
    tokenizer = kind(vocab=scores(SOURCE), src_lang='en_XX', tgt_lang='de_DE')
    return tagged(folder, texts, tokenizer, 'en_XX', 'de_DE', ['tokenizer.json', 'tokenizer_config.json'], tags)


def nllb(folder, texts):
    letters = sorted({character for text in reviews() for character in text.replace(' ', '▁')})
    tokens = ['<s>', '<pad>', '</s>', '<unk>', *letters, 'th', '▁th', 'the', '▁the', 'in', 'er']
    merges = [('t', 'h'), ('▁', 'th'), ('th', 'e'), ('▁th', 'e'), ('i', 'n'), ('e', 'r')]
    tokenizer = NllbTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=merges, src_lang='eng_Latn', tgt_lang='deu_Latn')
    return tagged(folder, texts, tokenizer, 'eng_Latn', 'deu_Latn', ['tokenizer.json', 'tokenizer_config.json'], 202)


def t5(folder, texts):
    """No file but config.json says of which class the tokenizer is."""
    model = train(reviews() + sentences('en'), vocab_size=380, normalization_rule_name='identity', pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    (folder / 'spiece.model').write_bytes(model)
    (folder / 'config.json').write_text('{"model_type": "t5"}')
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    whole = [[*processor.encode(text), 1] for text in texts]
    decoded = [processor.decode([i for i in ids if i > 2]) for ids in whole]
    return {'files': packed(folder, ['spiece.model', 'config.json']), 'tags': 0, 'source': whole, 'target': whole, 'decoded': decoded}


def bart(folder, texts):
    letters = ByteLevel.alphabet()
    tokens = ['<s>', '<pad>', '</s>', '<unk>', *sorted(letters), 'th', 'Ġth', 'the', 'Ġthe', 'in', 'er', '<mask>']
    merges = [('t', 'h'), ('Ġ', 'th'), ('th', 'e'), ('Ġth', 'e'), ('i', 'n'), ('e', 'r')]
    vocab = {token: i for i, token in enumerate(tokens)}
    (folder / 'vocab.json').write_text(json.dumps(vocab))
    (folder / 'merges.txt').write_text('#version: 0.2\n' + ''.join(f'{a} {b}\n' for a, b in merges))
    (folder / 'config.json').write_text('{"model_type": "bart"}')
    tokenizer = BartTokenizer(vocab=vocab, merges=merges)
    ids = [tokenizer(text).input_ids for text in texts]
    decoded = [tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False) for row in ids]
    return {
        'files': packed(folder, ['vocab.json', 'merges.txt', 'config.json']), 'tags': 0, 'source': ids, 'target': ids, 'decoded': decoded
    }  # fmt: skip


def main():
    require_pins(MODEL_PINS | {'sentencepiece': PIN})
    cases = texts()
    makers = {
        'marian': lambda folder: marian(folder, cases, [], False),
        'marian-languages': lambda folder: marian(folder, cases, ['>>deu<<', '>>fra<<', '>>rus<<'], False),
        'marian-separate': lambda folder: marian(folder, cases, [], True),
        'm2m100': lambda folder: m2m100(folder, cases),
        'mbart50': lambda folder: fairseq(folder, cases, MBart50Tokenizer, 52),
        'mbart': lambda folder: fairseq(folder, cases, MBartTokenizer, 25),
        't5': lambda folder: t5(folder, cases),
        'bart': lambda folder: bart(folder, cases),
        'nllb': lambda folder: nllb(folder, cases),
    }
    folders = []
    for name, make in makers.items():
        with tempfile.TemporaryDirectory() as path, contextlib.redirect_stderr(io.StringIO()):
            folders.append({'name': name, **make(Path(path))})
        for key in ('source', 'target'):
            folders[-1][key] = [' '.join(map(str, ids)) for ids in folders[-1][key]]
        print(name, folders[-1]['tags'], {key: len(value) for key, value in folders[-1]['files'].items()})
    head = {'generator': 'test/golden/translation_tokenizers.py', **MODEL_PINS, 'sentencepiece': PIN, 'texts': cases}
    lines = ',\n'.join(json.dumps(one, ensure_ascii=False) for one in folders)
    path = HERE / 'translation_tokenizers.json'
    path.write_text(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "folders": [\n{lines}\n]}}\n', encoding='utf8')


if __name__ == '__main__':
    main()

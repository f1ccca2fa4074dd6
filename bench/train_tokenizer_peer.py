"""The peers of train-tokenizer.mjs: one training by Hugging Face tokenizers or SentencePiece; prints its seconds."""

import sys
import time
from tempfile import TemporaryDirectory

name, path, vocab_size = sys.argv[1], sys.argv[2], int(sys.argv[3])
side, kind = name.split('-')

if side == 'spm':
    import sentencepiece

    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        sentencepiece.SentencePieceTrainer.train(
            input=path,
            model_prefix=f'{folder}/model',
            vocab_size=vocab_size,
            model_type=kind,
            num_threads=1,
            byte_fallback=kind == 'bpe',
            minloglevel=2,
        )
        print(time.perf_counter() - start)
    sys.exit()

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers  # noqa: E402

if kind == 'bpe':
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ['<|endoftext|>']
    options = {'initial_alphabet': alphabet}
    trainer = trainers.BpeTrainer
elif kind == 'wordpiece':
    tokenizer = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
    options = {}
    trainer = trainers.WordPieceTrainer
else:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    special = ['<pad>', '</s>', '<unk>']
    options = {'unk_token': '<unk>'}
    trainer = trainers.UnigramTrainer
start = time.perf_counter()
tokenizer.train([path], trainer(vocab_size=vocab_size, show_progress=False, special_tokens=special, **options))
print(time.perf_counter() - start)

"""
Attention weights of Hugging Face's transformers: tiny models of test/golden/checkpoints.

    python test/golden/attention.py       writes test/golden/attention.json

Of each model one text, its ids in the JSON; weights of every layer and head, rounded to seven digits.
"""

import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from golden import HERE, MODEL_PINS, PINS, require_pins, write

require_pins({**PINS, **MODEL_PINS})

CAUSAL = {'gpt2-tiny': [5, 17, 60, 2, 33, 8], 'llama-tiny': [5, 17, 60, 2, 33]}
SEQ2SEQ = {
    'marian-tiny': ([7, 31, 2, 44, 0], [66, 12, 5, 40, 9, 3]),
    'marian-tiny-separate': ([7, 31, 2, 44, 12, 0], [50, 12, 5]),
    't5-tiny': ([7, 31, 2, 44, 1], [0, 12, 5, 9]),
}


def plain(layers):
    """[layers][heads][rows][columns] of one text."""
    return [[[[float(f'{w:.7g}') for w in row] for row in head] for head in layer[0].tolist()] for layer in layers]


def load(kind, name):
    return kind.from_pretrained(HERE / 'checkpoints' / name, attn_implementation='eager').eval()


@torch.no_grad()
def causal(name, ids):
    out = load(AutoModelForCausalLM, name)(torch.tensor([ids]), output_attentions=True)
    return {'model': name, 'ids': ids, 'self': plain(out.attentions)}


@torch.no_grad()
def seq2seq(name, source, read):
    model = load(AutoModelForSeq2SeqLM, name)
    out = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([read]), output_attentions=True)
    attentions = {'encoder': out.encoder_attentions, 'decoder': out.decoder_attentions, 'cross': out.cross_attentions}
    return {'model': name, 'source': source, 'read': read, **{kind: plain(layers) for kind, layers in attentions.items()}}


write(
    HERE / 'attention.json',
    MODEL_PINS,
    causal=[causal(name, ids) for name, ids in CAUSAL.items()],
    seq2seq=[seq2seq(name, *ids) for name, ids in SEQ2SEQ.items()],
)

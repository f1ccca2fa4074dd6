"""
GPT-2 as Hugging Face's transformers compute it: two tiny checkpoints, and fifty training steps.

    python test/golden/gpt2.py        writes gpt2.json, gpt2_training.json and checkpoints/gpt2-*/ of test/golden
"""

from transformers import GPT2Config

from causal_lm import start, write_checkpoints, write_training

TINY = {'vocab_size': 97, 'n_positions': 32, 'n_embd': 32, 'n_layer': 2, 'n_head': 4, 'bos_token_id': 96, 'eos_token_id': 96}
NO_DROPOUT = {'resid_pdrop': 0.0, 'embd_pdrop': 0.0, 'attn_pdrop': 0.0}
CHECKPOINTS = {
    'gpt2-tiny': GPT2Config(**TINY),
    # whatever the family lets a config change
    'gpt2-tiny-variant': GPT2Config(
        **{**TINY, 'n_embd': 24, 'n_layer': 3, 'n_head': 3},
        n_inner=80,
        activation_function='gelu',
        layer_norm_epsilon=1e-6,
        scale_attn_by_inverse_layer_idx=True,
        tie_word_embeddings=False,
    ),
}


def base_of(model):
    return model.transformer.h, model.transformer.ln_f


def published(config):
    """The same config.json in the words of older versions, which left out a value that is the default."""
    older = {**config, 'torch_dtype': config['dtype'], 'transformers_version': '4.30.0'}
    del older['dtype'], older['pad_token_id'], older['add_cross_attention']
    if older['tie_word_embeddings']:
        del older['tie_word_embeddings']
    return older


def main():
    start()
    exact = lambda model: model.double()
    write_checkpoints('gpt2', CHECKPOINTS, (1, 7, 32), exact, base_of, published)
    write_training('gpt2', GPT2Config(**TINY, **NO_DROPOUT), exact)


if __name__ == '__main__':
    main()

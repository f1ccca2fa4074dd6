"""
Llama as Hugging Face's transformers compute it: three tiny checkpoints, and fifty training steps.

    python test/golden/llama.py        writes llama.json, llama_training.json and checkpoints/llama-*/ of test/golden
"""

import math

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from causal_lm import start, write_checkpoints, write_training
from golden import decimals

TINY = {
    'vocab_size': 101, 'hidden_size': 32, 'intermediate_size': 88, 'num_hidden_layers': 2, 'num_attention_heads': 4,
    'num_key_value_heads': 2, 'max_position_embeddings': 64,
}  # fmt: skip
CHECKPOINTS = {
    'llama-tiny': LlamaConfig(**TINY),
    # the frequencies of six pairs of channels fall into all three bands of llama3
    'llama-tiny-variant': LlamaConfig(
        **{**TINY, 'max_position_embeddings': 1024},
        head_dim=12,
        rms_norm_eps=1e-5,
        attention_bias=True,
        mlp_bias=True,
        tie_word_embeddings=True,
        rope_parameters={
            'rope_type': 'llama3',
            'rope_theta': 500000.0,
            'factor': 8.0,
            'low_freq_factor': 1.0,
            'high_freq_factor': 4.0,
            'original_max_position_embeddings': 128,
        },
    ),
    'llama-tiny-linear': LlamaConfig(
        **{**TINY, 'num_key_value_heads': 1},
        rope_parameters={'rope_type': 'linear', 'rope_theta': 10000.0, 'factor': 4.0},
    ),
}


def frequencies(config):
    """Angle a position of each pair of channels, in float64."""
    rope = config.rope_parameters
    D = config.head_dim
    f = rope['rope_theta'] ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)
    if rope['rope_type'] == 'linear':
        return f / rope['factor']
    if rope['rope_type'] == 'llama3':
        low, high = rope['low_freq_factor'], rope['high_freq_factor']
        turns = rope['original_max_position_embeddings'] * f / (2 * math.pi)
        kept = ((turns - low) / (high - low)).clamp(0, 1)
        return kept * f + (1 - kept) * f / rope['factor']
    return f


class Rotary(torch.nn.Module):
    """The angles in float64, where transformers compute them in float32 whatever the model's dtype."""

    def __init__(self, config):
        super().__init__()
        self.frequencies = frequencies(config)

    def forward(self, x, position_ids):
        angles = position_ids[..., None] * self.frequencies
        angles = torch.cat([angles, angles], -1)
        return angles.cos(), angles.sin()


def exact(model):
    """The model in float64 throughout: its norm and its angles would stay in float32."""
    assert torch.allclose(model.model.rotary_emb.inv_freq.double(), frequencies(model.config), rtol=1e-6, atol=0)
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, LlamaRMSNorm):
                norm = torch.nn.RMSNorm(child.weight.shape, child.variance_epsilon)
                norm.weight = child.weight
                setattr(module, name, norm)
    model.model.rotary_emb = Rotary(model.config)
    return model.double()


def base_of(model):
    return model.model.layers, model.model.norm


def published(config):
    """The same config.json in the words of older versions, which kept theta and the scaling apart."""
    older = {**config, 'torch_dtype': config['dtype'], 'transformers_version': '4.45.0'}
    rope = older.pop('rope_parameters')
    del older['dtype'], older['pad_token_id']
    theta, kind = rope.pop('rope_theta'), rope.pop('rope_type')
    # the oldest name of the kind is `type`; llama3 is younger than that
    scaling = {'default': None, 'linear': {'type': kind, **rope}, 'llama3': {'rope_type': kind, **rope}}[kind]
    if older['head_dim'] * older['num_attention_heads'] == older['hidden_size']:
        del older['head_dim']
    return {**older, 'rope_theta': theta, 'rope_scaling': scaling}


def main():
    start()
    lengths = (1, 7, 32, 64)
    inverse_frequencies = lambda model: decimals(model.model.rotary_emb.inv_freq)
    write_checkpoints('llama', CHECKPOINTS, lengths, exact, base_of, published, rotaryFrequencies=inverse_frequencies)
    write_training('llama', LlamaConfig(**TINY), exact)


if __name__ == '__main__':
    main()

"""
The activations that a config.json may name, as Hugging Face's transformers compute them.

    python test/golden/activations.py     writes activations.json
"""

import torch
from golden import HERE, MODEL_PINS, PINS, decimals, require_pins, write
from transformers.activations import ACT2FN

NAMES = [
    'relu', 'gelu', 'gelu_python', 'gelu_new', 'gelu_pytorch_tanh', 'gelu_python_tanh', 'gelu_accurate', 'gelu_fast', 'quick_gelu', 'silu',
    'swish', 'relu2', 'relu6', 'tanh', 'sigmoid', 'linear',
]  # fmt: skip
INPUTS = [-9, -3.5, -1.25, -0.5, -0.01, 0, 0.02, 0.75, 1.5, 3, 7]


def main():
    require_pins({**PINS, 'transformers': MODEL_PINS['transformers']})
    x = torch.tensor(INPUTS, dtype=torch.float32)
    head = {'generator': 'test/golden/activations.py', 'transformers': MODEL_PINS['transformers'], 'tolerance': 1e-6, 'inputs': INPUTS}
    write(HERE / 'activations.json', head, cases=[{'name': name, 'outputs': decimals(ACT2FN[name](x))} for name in NAMES])


main()

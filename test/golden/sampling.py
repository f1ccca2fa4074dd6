"""
Rows of logits through the logits processors of Hugging Face transformers, in the order in which `generate` puts them.

    python test/golden/sampling.py        writes test/golden/sampling.json

Computed in float64 on rows that are exact in float32. A case's `options` are in the words of src/generation/sampling-options.ts.
"""

import numpy as np
import torch
import transformers
from golden import HERE, MODEL_PINS, PINS, checksum, integers, require_pins, values, write
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

require_pins({**PINS, **MODEL_PINS})
TOLERANCE = 1e-6
SIZE = 48

NAMES = {
    'temperature': 'temperature',
    'topK': 'top_k',
    'topP': 'top_p',
    'minP': 'min_p',
    'repetitionPenalty': 'repetition_penalty',
}
BEFORE_CUTS = ('SequenceBiasLogitsProcessor', 'RepetitionPenaltyLogitsProcessor')
NEUTRAL = {'top_k': 0, 'top_p': 1.0, 'temperature': 1.0}

spread = {'title': 'spread', 'size': SIZE, 'salt': 1, 'scale': 12.0, 'offset': 1.0}
close = {'title': 'close', 'size': SIZE, 'salt': 2, 'scale': 2.0, 'offset': -0.5}
tied = {'title': 'tied', 'size': SIZE, 'salt': 3, 'below': 7}
flat = {'title': 'flat', 'size': 16, 'salt': 4, 'below': 1}
many = {'title': 'many', 'size': 20000, 'salt': 5, 'scale': 30.0, 'offset': 0.0}
many_tied = {'title': 'many, tied', 'size': 20000, 'salt': 6, 'below': 13}

PROMPT = [0, 3, 3, 7, 11, 20, 21, 22, 40]

CASES = [
    *({'row': row, 'options': {'temperature': t}} for row in (spread, tied) for t in (0.3, 1.0, 2.5)),
    *({'row': row, 'options': {'topK': k}} for row in (spread, close, tied) for k in (1, 2, 9, 47, 48, 100)),
    *({'row': row, 'options': {'topP': p}} for row in (spread, close, tied) for p in (0.05, 0.5, 0.9, 0.99)),
    {'row': flat, 'options': {'topP': 0.5}, 'title': 'a share that equal tokens reach exactly'},
    {'row': flat, 'options': {'topP': 0.51}, 'title': 'a share just beyond'},
    *({'row': row, 'options': {'minP': p}} for row in (spread, close, tied) for p in (0.01, 0.2, 1.0)),
    *({'row': row, 'options': {'repetitionPenalty': r}, 'prompt': PROMPT} for row in (spread, close, tied) for r in (0.7, 1.3)),
    *({'row': row, 'options': {'logitBias': {3: 2.5, 8: -60.0, 47: 7.25}}, 'prompt': PROMPT} for row in (spread, tied)),
    {
        'row': spread,
        'options': {'logitBias': {3: -9.5, 8: 4.0}, 'repetitionPenalty': 1.5},
        'prompt': PROMPT,
        'title': 'a bias that turns the sign the penalty goes by',
    },
    *(
        {
            'row': row,
            'options': {'logitBias': {5: 3.0}, 'repetitionPenalty': 1.2, 'temperature': 0.8, 'topK': 20, 'topP': p, 'minP': m},
            'prompt': PROMPT,
        }
        for row in (spread, close, tied)
        for p, m in ((0.95, 0.02), (0.7, 0.3))
    ),
    *({'row': many, 'options': o} for o in ({'topP': 0.3}, {'topK': 50}, {'topP': 0.9, 'temperature': 2.0}, {'minP': 0.1})),
    *({'row': many_tied, 'options': o} for o in ({'topP': 0.3}, {'topK': 50}, {'topP': 0.9, 'temperature': 0.7})),
]


def logits_of(row):
    if 'below' in row:
        return integers([row['size']], row['salt'], row['below']).astype(np.float32)
    return values([row['size']], row['salt'], row['scale'], row['offset'])


def processors_of(options):
    """What `generate` itself would apply, from a model that is asked for nothing else."""
    config = GenerationConfig(do_sample=True, **{**NEUTRAL, **{NAMES[k]: v for k, v in options.items() if k in NAMES}})
    if 'logitBias' in options:
        config.sequence_bias = [[[token], bias] for token, bias in options['logitBias'].items()]
    return model._get_logits_processor(generation_config=config, input_ids_seq_length=1, device='cpu')


def apply(processors, prompt, scores):
    for processor in processors:
        scores = processor(torch.tensor([prompt]), scores)
    return scores


def case(row, options, prompt=(), title=''):
    ids = list(prompt) or [0]  # processors want some, though only the penalty looks at them
    scores = torch.from_numpy(logits_of(row)).double()[None]
    processors = processors_of(options)
    logprobs = apply(processors, ids, scores).log_softmax(-1)[0]
    kept = torch.isfinite(logprobs)
    before_cuts = apply([p for p in processors if type(p).__name__ in BEFORE_CUTS], ids, scores)[0]
    splits_ties = not kept.all() and bool(before_cuts[kept].min() == before_cuts[~kept].max())
    told = title or ', '.join(f'{name} {value}' for name, value in options.items())
    return {
        'title': f'{row["title"]}: {told}',
        'row': {key: value for key, value in row.items() if key != 'title'},
        'options': options,
        **({'prompt': prompt} if prompt else {}),
        'processors': [type(processor).__name__ for processor in processors],
        'kept': int(kept.sum()),
        'splitsTies': splits_ties,
        **(
            {'logprobs': [float(f'{x:.9g}') if np.isfinite(x) else None for x in logprobs.tolist()]}
            if row['size'] <= SIZE
            else {'probabilities': checksum(logprobs.exp().sort(descending=True).values)}
        ),
    }


transformers.logging.set_verbosity_error()
model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=1, n_embd=4, vocab_size=64, bos_token_id=0, eos_token_id=1))
write(
    HERE / 'sampling.json',
    {
        'generator': 'test/golden/sampling.py',
        'transformers': MODEL_PINS['transformers'],
        'tolerance': TOLERANCE,
        'rules': {
            'row': 'formula data of README.md: scale and offset, or whole numbers below a bound, which tie',
            'logprobs': 'log-softmax of what the processors leave; null where they leave nothing',
            'probabilities': 'checksum of the softmax, the largest first',
            'splitsTies': 'equal logits lie on both sides of the cut: which of them stay is up to the sort, how many is not',
        },
    },
    cases=[case(**c) for c in CASES],
)

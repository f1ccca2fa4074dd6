"""
Whether transformers load an encoder–decoder's folder, and what logits they compute: a check by hand, no test runs it.

    python test/golden/seq2seq_check.py FOLDER PAIRS.json OUT.json

PAIRS.json: { pairs: [{ source: […], target: […], logits?: […] }, …] }: ids of a source and of a target with its start token; logits are
[tokens, vocabulary] row by row. All sources go through the model in one padded batch. OUT.json: { torch, transformers, architecture,
parameters, logits, greatestDifference? }, where greatestDifference is that of the two logits. Ends with an error where the folder lacks a
parameter, has one too many, or has one of another shape.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers

from causal_lm import start
from golden import decimals


def load(folder):
    model, found = transformers.AutoModelForSeq2SeqLM.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, ignore_mismatched_sizes=True, output_loading_info=True
    )  # shapes that differ are told with the rest
    # sines and cosines of positions, of which Pegasus' class makes parameters and which it computes where they are missing
    found['missing_keys'] = {name for name in found['missing_keys'] if 'embed_positions' not in name or model.config.model_type != 'pegasus'}
    wrong = {kind: sorted(map(str, names)) for kind, names in found.items() if names}
    if wrong:
        sys.exit(f'{folder} does not fit {type(model).__name__}: {wrong}')
    return model.eval()


def padded(rows, pad):
    return torch.tensor([row + [pad] * (max(map(len, rows)) - len(row)) for row in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('folder', 'pairs', 'out'):
        parser.add_argument(name, type=Path)
    o = parser.parse_args()
    start()
    pairs = json.loads(o.pairs.read_text())['pairs']
    model = load(o.folder)
    pad = model.config.pad_token_id or 0
    sources = [pair['source'] for pair in pairs]
    mask = padded([[1] * len(source) for source in sources], 0)
    targets = padded([pair['target'] for pair in pairs], pad)
    with torch.no_grad():
        batch = model(input_ids=padded(sources, pad), attention_mask=mask, decoder_input_ids=targets).logits
    logits = [row[: len(pair['target'])] for row, pair in zip(batch, pairs, strict=True)]
    report = {
        'torch': torch.__version__,
        'transformers': transformers.__version__,
        'architecture': type(model).__name__,
        'parameters': sum(p.numel() for p in model.parameters()),
    }
    if all('logits' in pair for pair in pairs):
        # NaN is the greatest of all
        differences = [(x - torch.tensor(pair['logits']).view(x.shape)).abs().max() for x, pair in zip(logits, pairs, strict=True)]
        report['greatestDifference'] = torch.stack(differences).max().item()
    print(json.dumps(report))
    o.out.write_text(json.dumps({**report, 'logits': [decimals(x) for x in logits]}))


if __name__ == '__main__':
    main()

"""
Whether transformers load a language model's folder, and what logits they compute: a check by hand, no test runs it.

    python test/golden/lm_check.py FOLDER IDS.json OUT.json

IDS.json: { ids: [[…], …], logits?: [[…], …] }, a list a sequence; logits are [tokens, vocabulary] row by row. OUT.json: { torch,
transformers, architecture, parameters, ids, logits, greatestDifference? }, where greatestDifference is that of the two logits.
Ends with an error where the folder lacks a parameter, has one too many, or has one of another shape.
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
    model, found = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, ignore_mismatched_sizes=True, output_loading_info=True
    )  # shapes that differ are told with the rest
    wrong = {kind: sorted(map(str, names)) for kind, names in found.items() if names}
    if wrong:
        sys.exit(f'{folder} does not fit {type(model).__name__}: {wrong}')
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('folder', 'ids', 'out'):
        parser.add_argument(name, type=Path)
    o = parser.parse_args()
    start()
    given = json.loads(o.ids.read_text())
    model = load(o.folder)
    with torch.no_grad():
        logits = [model(torch.tensor([ids])).logits[0] for ids in given['ids']]
    report = {
        'torch': torch.__version__,
        'transformers': transformers.__version__,
        'architecture': type(model).__name__,
        'parameters': sum(p.numel() for p in model.parameters()),
    }
    if 'logits' in given:
        pairs = zip(logits, given['logits'], strict=True)
        # NaN is the greatest of all
        differences = torch.stack([(ours - torch.tensor(theirs).view(ours.shape)).abs().max() for ours, theirs in pairs])
        report['greatestDifference'] = differences.max().item()
    print(json.dumps(report))
    o.out.write_text(json.dumps({**report, 'ids': given['ids'], 'logits': [decimals(x) for x in logits]}))


if __name__ == '__main__':
    main()

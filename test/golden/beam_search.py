"""
Greedy and beam search of Hugging Face transformers over tables instead of a model.

The logits of a token after `prev`, `cur` (at the start `prev` is 0) for a source that begins with `s` are A[prev, cur] + C[s], with `endBias`
more for each end; A [V, V, V] and C [V, V] are formula data with the salts `salt` and `salt + 1`. So a case tests the search alone.
"""

import torch
from golden import HERE, MODEL_PINS, PINS, number, require_pins, value, values, write
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

CASES = 320
START, PAD = 1, 0


class TableConfig(PretrainedConfig):
    model_type = 'table'


class Encoder(torch.nn.Module):
    main_input_name = 'input_ids'

    def forward(self, input_ids, attention_mask=None, **_):
        return BaseModelOutput(last_hidden_state=input_ids.float()[..., None])


class Table(PreTrainedModel, GenerationMixin):
    config_class = TableConfig
    main_input_name = 'input_ids'

    def __init__(self, config, case):
        super().__init__(config)
        V = case['vocabSize']
        self.encoder = Encoder()
        self.anchor = torch.nn.Parameter(torch.zeros(1))
        self.a = torch.tensor(values((V, V, V), case['salt'], case['scale']))
        self.c = torch.tensor(values((V, V), case['salt'] + 1, case['scale'] / 2))
        self.c[:, case['ends']] += case['endBias']
        self.post_init()

    def get_encoder(self, *_, **__):
        return self.encoder

    def forward(self, input_ids=None, attention_mask=None, decoder_input_ids=None, encoder_outputs=None, **_):
        cur = decoder_input_ids[:, -1]
        prev = decoder_input_ids[:, -2] if decoder_input_ids.shape[1] > 1 else torch.zeros_like(cur)
        source = encoder_outputs[0][:, 0, 0].long()
        return Seq2SeqLMOutput(logits=(self.a[prev, cur] + self.c[source])[:, None])

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, decoder_input_ids=None, encoder_outputs=None, **_):
        return {'decoder_input_ids': input_ids, 'encoder_outputs': encoder_outputs}


def draw(i):
    """The i-th case: options that meet each other often."""
    at = iter(value(range(1, 40), 7000 + i) + 0.5)

    def pick(*choices):
        return choices[int(next(at) * len(choices))]

    beams = pick(1, 2, 2, 3, 4, 4, 5, 6)
    V = 4 * beams + 4 + pick(*range(12))
    ends = [2, 3] if pick(False, False, True) else [2]
    case = {
        'vocabSize': V,
        'salt': 2 * i,
        'scale': pick(2, 4, 8),
        'endBias': pick(0, 1, 2, 3),
        'ends': ends,
        'beams': beams,
        'lengthPenalty': pick(1, 1, 0.6, 0, 2, -0.5),
        'earlyStopping': pick(False, False, True, 'never'),
        'nBest': 1 + int(next(at) * beams),
        'maxTokens': pick(1, 2, 4, 8, 12, 16),
        'minTokens': pick(0, 0, 0, 3),
        'noRepeatNgram': pick(0, 0, 0, 1, 2, 3),
        'prefix': pick(*[[]] * 4, [5], [5, 6]),
        'forcedBos': pick(None, None, None, 4),
        'forcedEos': pick(None, None, 2),
        'suppressed': pick([], [], [5, 7]),
        'sources': [int(V * next(at)) for _ in range(pick(1, 2, 3))],
    }
    case['noRepeatNgram'] = 0 if V <= case['maxTokens'] + 2 * beams + 4 and case['noRepeatNgram'] == 1 else case['noRepeatNgram']
    case['minTokens'] = min(case['minTokens'], case['maxTokens'] - 1)
    if case['prefix']:
        case['forcedBos'] = None  # transformers force it only right after the start
    return case


def run(case):
    torch.manual_seed(0)
    model = Table(TableConfig(is_encoder_decoder=True), case).eval()
    sources = torch.tensor(case['sources'])[:, None]
    prompt = [START, *case['prefix']]
    out = model.generate(
        sources,
        attention_mask=torch.ones_like(sources),
        decoder_input_ids=torch.tensor([prompt] * len(sources)),
        decoder_start_token_id=START,
        pad_token_id=PAD,
        eos_token_id=case['ends'],
        num_beams=case['beams'],
        num_return_sequences=case['nBest'] if case['beams'] > 1 else 1,
        length_penalty=float(case['lengthPenalty']),
        early_stopping=case['earlyStopping'],
        max_new_tokens=case['maxTokens'],
        min_new_tokens=case['minTokens'] or None,
        no_repeat_ngram_size=case['noRepeatNgram'] or None,
        forced_bos_token_id=case['forcedBos'],
        forced_eos_token_id=case['forcedEos'],
        suppress_tokens=case['suppressed'] or None,
        do_sample=False,
        use_cache=False,
        return_dict_in_generate=True,
        output_scores=True,
    )
    rows = []
    for r, sequence in enumerate(out.sequences.tolist()):
        ids = sequence[len(prompt) :]
        end = next((i for i, id in enumerate(ids) if id in case['ends']), None)
        row = {'ids': ids[: len(ids) if end is None else end], 'stop': end is not None}
        if case['beams'] > 1:
            score = out.sequences_scores[r].item()
            row['score'] = round(score, 6)
        rows.append(row)
    n = len(rows) // len(case['sources'])
    # Where there are fewer hypotheses than were asked for, transformers fill up with ones that have a score of -1e9.
    real = [[row for row in rows[b * n : (b + 1) * n] if row.get('score', 0) > -1e6] for b in range(len(case['sources']))]
    return {**case, 'hypotheses': real}


def main():
    require_pins({**PINS, **{'transformers': MODEL_PINS['transformers']}})
    torch.set_num_threads(1)
    rules = {
        'ids': 'what follows the start and the prefix, without the end',
        'stop': 'whether an end was chosen; otherwise maxTokens were reached',
        'score': 'sequences_scores; greedy search has none',
    }
    head = {'generator': 'beam_search.py', 'transformers': MODEL_PINS['transformers'], 'start': START, 'pad': PAD, 'rules': rules}
    write(HERE / 'beam_search.json', head, cases=[run(draw(i)) for i in range(CASES)])


main()

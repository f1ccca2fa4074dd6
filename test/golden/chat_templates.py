"""
Conversations as transformers write them by chat templates: chat_templates.json.

    python test/golden/chat_templates.py

The templates are written for this project, in the style of published ones; that of TinyLlama is read where it lies.
"""

import datetime
import json
from pathlib import Path

import transformers
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

PIN = '5.23.0'
HERE = Path(__file__).parent
TINYLLAMA = HERE / '../../../shared/data/tokenizers/tinyllama/chat_template.jinja'

CHATML = """{%- for message in messages -%}
  {{- '<|im_start|>' + message.role + '\\n' + message['content'] | trim + '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}
"""

LLAMA3 = """{{- bos_token }}
{%- if date_string is not defined %}
    {%- set date_string = strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' %}
{%- endif %}
{%- if messages[0].role == 'system' %}
    {%- set system_message = messages[0].content | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: ' + date_string + '\\n\\n' }}
{%- if tools is not none %}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- '\\n\\n' }}
    {%- endfor %}
{%- endif %}
{{- system_message + '<|eot_id|>' }}
{%- for message in messages %}
    {%- if message.role in ['tool', 'ipython'] %}
        {{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}
        {%- if message.content is mapping or message.content is iterable and message.content is not string %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls | length == 1 %}
            {{- raise_exception('This model only supports single tool-calls at once!') }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + tool_call.name + '", "parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- '}<|eot_id|>' }}
    {%- else %}
        {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL = """{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}
{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}
{{ bos_token }}
{% for message in loop_messages %}
    {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {% endif %}
    {% if loop.last and system_message != false %}{% set content = system_message ~ '\\n\\n' ~ message['content'] %}
    {% else %}{% set content = message['content'] %}{% endif %}
    {% if message['role'] == 'user' %}
{{ '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + eos_token }}{% endif %}
{% endfor %}
"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{% for message in messages %}{% if message['role'] == 'assistant' %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}
{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}
{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}
"""

QWEN2 = """{%- macro describe(tool) -%}
{{ '\\n' ~ (tool | tojson) }}
{%- endmacro -%}
{%- set ns = namespace(calls=0, last=messages | length - 1) -%}
{%- if tools -%}
<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}{% else %}You are a helpful assistant.{% endif %}


# Tools

You may call one or more functions:
<tools>
{%- for tool in tools -%}{{ describe(tool) }}{%- endfor %}

</tools><|im_end|>
{% elif messages[0].role != 'system' -%}
<|im_start|>system
You are a helpful assistant.<|im_end|>
{% endif -%}
{%- for message in messages -%}
{%- if message.role == 'system' and tools -%}{%- continue -%}{%- endif -%}
{%- if message.tool_calls is defined and message.tool_calls -%}
<|im_start|>assistant{% if message.content %}{{ '\\n' + message.content }}{% endif %}
{%- for call in message.tool_calls -%}
{%- set ns.calls = ns.calls + 1 -%}
{{ '\\n<tool_call id="' ~ ns.calls ~ '">\\n' }}{{ {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}
</tool_call>
{%- endfor -%}
{{ '<|im_end|>\\n' }}
{%- elif message.role == 'tool' -%}
{%- if loop.first or messages[loop.index0 - 1].role != 'tool' -%}{{ '<|im_start|>user' }}{%- endif -%}
{{ '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
{%- if loop.last or messages[loop.index0 + 1].role != 'tool' -%}{{ '<|im_end|>\\n' }}{%- endif -%}
{%- else -%}
{%- set think = message.content.split('</think>')[-1].lstrip('\\n') if '</think>' in message.content else message.content -%}
{{ '<|im_start|>' + message.role + '\\n' + think + '<|im_end|>' + '\\n' }}
{%- endif -%}
{%- endfor -%}
{%- for document in documents or [] -%}
{{ '[' ~ loop.index ~ '] ' ~ document.title | default('untitled', true) | upper ~ ': ' ~ document.text[:20] ~ '\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false -%}{{ '<think>\\n\\n</think>\\n\\n' }}{%- endif -%}
{%- endif -%}
"""

TOKENS = {'bos_token': '<s>', 'eos_token': '</s>', 'unk_token': '<unk>'}
PLAIN = [{'role': 'user', 'content': 'What is 2 + 2?'}]
TURNS = [
    {'role': 'user', 'content': '  Hello there,\nfriend  '}, {'role': 'assistant', 'content': 'Hi "you" <b>&</b> 😀'},
    {'role': 'user', 'content': 'naïve ‘quotes’ {{ not_a_variable }} {% if %}'},
]  # fmt: skip
SYSTEM = [{'role': 'system', 'content': ' Be brief. '}, *TURNS]
WRONG = [PLAIN[0], PLAIN[0]]
TOOL = {
    'type': 'function',
    'function': {
        'name': 'get_weather', 'description': 'Weather of a city, in °C: "now" <or> \'later\'',
        'parameters': {'type': 'object', 'properties': {'city': {'type': 'string'}, 'days': {'type': 'integer', 'enum': [1, 2]}}, 'required': ['city']},
    },
}  # fmt: skip
CALL = [
    {'role': 'user', 'content': 'Weather in Kraków?'},
    {'role': 'assistant', 'content': '', 'tool_calls': [{'type': 'function', 'function': {'name': 'get_weather', 'arguments': {'city': 'Kraków', 'days': 1, 'exact': True, 'unit': None, 'scale': 0.5}}}]},
    {'role': 'tool', 'content': '{"temperature": 21}'},
    {'role': 'assistant', 'content': '<think>\nhm\n</think>\n\n21 °C.'},
]  # fmt: skip
TWO = [CALL[0], {**CALL[1], 'tool_calls': CALL[1]['tool_calls'] * 2}, CALL[2], CALL[2], CALL[3]]
DOCUMENTS = [{'title': 'a title', 'text': 'a text that is longer than twenty characters'}, {'title': '', 'text': 'short'}]

PROMPT = {'add_generation_prompt': True}
CASES = [
    *((name, messages, options) for name in ['tinyllama', 'chatml', 'llama3', 'mistral', 'gemma', 'qwen2'] for messages in (PLAIN, TURNS, SYSTEM) for options in ({}, PROMPT)),
    ('mistral', WRONG, {}), ('gemma', WRONG, {}), ('qwen2', WRONG, {}),
    *((name, messages, {**PROMPT, 'tools': [TOOL, TOOL]}) for name in ['llama3', 'qwen2'] for messages in (PLAIN, SYSTEM, CALL, TWO)),
    ('llama3', PLAIN, {'date_string': '1 Jan 2030'}), ('qwen2', TURNS, {**PROMPT, 'documents': DOCUMENTS}),
    ('qwen2', PLAIN, {**PROMPT, 'enable_thinking': False}), ('qwen2', PLAIN, {**PROMPT, 'enable_thinking': True}),
]  # fmt: skip


class Noon(datetime.datetime):
    """The same day for every run; the tests put the same one into their clock."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 5, 12, 34, 56)


def main():
    if transformers.__version__ != PIN:
        raise SystemExit(f'made with transformers {PIN}, found {transformers.__version__}')
    chat_template_utils.datetime = Noon
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({'<unk>': 0}, unk_token='<unk>')), **TOKENS)
    templates = {'chatml': CHATML, 'llama3': LLAMA3, 'mistral': MISTRAL, 'gemma': GEMMA, 'qwen2': QWEN2}
    sources = {**templates, 'tinyllama': TINYLLAMA.read_text(encoding='utf8')}
    conversations, cases = [], []
    for name, messages, options in CASES:
        if messages not in conversations:
            conversations.append(messages)
        case = {'template': name, 'conversation': conversations.index(messages), 'options': options}
        try:
            case['text'] = tokenizer.apply_chat_template(messages, chat_template=sources[name], tokenize=False, **options)
        except Exception as error:
            case['error'] = str(error)
        cases.append(case)
    out = {'generator': 'test/golden/chat_templates.py', 'transformers': PIN, 'now': '2026-03-05T12:34:56', 'tokens': TOKENS, 'templates': templates}
    lines = {key: ',\n'.join(json.dumps(item, ensure_ascii=False) for item in items) for key, items in (('conversations', conversations), ('cases', cases))}
    head = json.dumps(out, ensure_ascii=False, indent=1)[:-2]
    body = ',\n'.join(f'"{key}": [\n{items}\n]' for key, items in lines.items())
    (HERE / 'chat_templates.json').write_text(f'{head},\n{body}\n}}\n', encoding='utf8')


main()

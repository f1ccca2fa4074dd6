"""
What Hugging Face tokenizers makes of the tokenizer.json that WordTokenizer writes, on strings that are easy to split wrongly.

    npm run build && python test/golden/word_tokenizer.py        writes test/golden/word_tokenizer.json

The tokenizer is trained on the strings themselves, so that every word has an id and a wrong split shows.
"""

import json
import subprocess
from pathlib import Path

import tokenizers

HERE = Path(__file__).parent
PIN = '0.22.1'
if tokenizers.__version__ != PIN:
    raise SystemExit(f'golden ids are made with tokenizers {PIN}, found {tokenizers.__version__}')

TEXTS = [
    '',
    ' ',
    'the cat sat on the mat',
    'The Cat SAT on The MAT.',
    "don't won't y'all 'tis rock'n'roll o'clock",
    'don’t ‘single’ “double” «guillemets» ‹single›',
    'well-known state-of-the-art e-mail -- --- – — ―',
    'a...b ... … !!! ?! ¿Qué? ¡No!',
    'snake_case __init__ a_b _',
    'user@example.com https://example.com/a?b=c&d=e#f',
    '$5 5$ €5 £5 ¥5 ¢ 100% 1,000.50 1e-5 +1 −1 ±2 ×3 ÷4',
    'a+b=c a<b>c a^b a|b ~a `code` \\ / * # % & @',
    '3.14 ½ ² ³ ₂ Ⅷ ① ٣ ३',
    'café cafe\u0301 naïve Zoë Ångström Ærø Øre Łódź',
    'ÀÉÎÕÜ àéîõü ÇÑ çñ Šš Žž ő ű',
    'ǅ ǆ Ǆ ﬁ ﬀ ĳ ŉ ſ ẞ ß STRASSE Straße',
    'İstanbul ISPARTA ıspanak IĞDIR',
    'ΟΔΟΣ Οδυσσεύς ΣΊΣΥΦΟΣ ΑΣ Σ',
    'Ελληνικά άέήίόύώ ϊΐ',
    'Привет, мир! Ёлка й и\u0306',
    'עברית שָׁלוֹם עולם',
    'العربية السَّلام عليكم ؟ ، ؛',
    'فارسی می\u200cخواهم',
    'हिन्दी नमस्ते दुनिया क्षत्रिय',
    'বাংলা தமிழ் తెలుగు മലയാളം',
    'ภาษาไทย สวัสดี น้ำ',
    'မြန်မာ ខ្មែរ ລາວ',
    '한국어 안녕하세요 가 \u1100\u1161',
    '日本語 ひらがな カタカナ ｶﾀｶﾅ ガ カ\u3099',
    '漢字 中文测试,中文。「引号」、《书》',
    'abc中文def 1中2 中',
    '\u3400 \u4dbf \u9fff \uf900 \u2f00 \u3007 \u3005',
    '\U00020000 \U0002a6df \U0002b740 \U0002b81f \U0002b820 \U0002ceaf \U0002f800 \U00030000',
    'Ａｌｐｈａ １２３ ！＂＃',
    'emoji 😀😃 text😀text ❤ ❤️ ☺️ ✨',
    '👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 1️⃣',
    '🫠 🫨 🪿 new emoji',
    '© ® ™ § ¶ † ‡ • ‰ № ℃',
    '→ ← ↑ ↓ ⇒ ∀ ∃ ∈ ∑ √ ∞ ≈ ≠ ≤',
    '♠ ♥ ♦ ♣ ♪ ★ ☆ ■ □ ▲',
    'tab\there new\nline car\rriage \r\n both',
    'a\u00a0b a\u2003b a\u2009b a\u3000b a\u1680b a\u202fb',
    'a\u2028b a\u2029b a\u0085b a\u000bb a\u000cb',
    'a\u200bb a\u200cb a\u200db a\u2060b a\ufeffb',
    'a\u00adb soft\u00adhyphen',
    'a\u0000b a\u0001b a\u001fb a\u007fb a\u0080b a\ufffdb',
    'a\u200eb a\u200fb \u202aa\u202c \u202eb\u202c \u2066c\u2069',
    'a\ue000b a\U000f0000b a\U0010fffdb',
    'a\u0378b a\uffffb a\U0001fffeb',
    '\u0301 \u0301a a\u0301\u0302\u0303 \u20dd a\u20dd \u0903',
    'z\u0335a\u0336l\u0337g\u0338o\u0334',
    '\ufe0f a\ufe0f \ufe0e \U000e0100',
    'Ω Å K ﹏ ＿ ‿ ⁀',
    '𝐁𝐨𝐥𝐝 𝓢𝓬𝓻𝓲𝓹𝓽 𝟙𝟚𝟛 Ⓐ ⓐ',
    '𐐀𐐨 𞤀𞤢 Ꭰ ꭰ Ა ა',
    '·middle·dot a·b ׳ ״ ־ ׀ ߷ ฯ ๚ ༄ ၊ ።',
    '\u2e3a \u2e43 \u2e52 \U00010af0 \U0001e95e',
    'word[PAD]word [UNK] [pad] [ PAD ] [CLS]',
    '[PAD][UNK]',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'constructor toString hasOwnProperty valueOf 0 1 10 01 1990',
]  # fmt: skip

TRAIN = """
import { WordTokenizer } from './dist/tokenizers/word.js'
const texts = JSON.parse(process.argv[1])
console.log(JSON.stringify(WordTokenizer.train(texts, { vocabSize: 10_000 })))
"""


def main():
    command = ['node', '--input-type=module', '-e', TRAIN, json.dumps(TEXTS)]
    written = subprocess.run(command, cwd=HERE.parent.parent, capture_output=True, check=True, text=True, encoding='utf-8').stdout
    tokenizer = tokenizers.Tokenizer.from_str(written)
    encodings = [tokenizer.encode(text) for text in TEXTS]
    cases = [{'text': text, 'ids': e.ids} for text, e in zip(TEXTS, encodings)]
    lines = ',\n'.join(json.dumps(case) for case in cases)
    Path(__file__).with_suffix('.json').write_text(
        f'{{"versions": {{"tokenizers": "{PIN}"}},\n"tokenizer": {json.dumps(json.loads(written))},\n"cases": [\n{lines}\n]}}\n'
    )


def split(tokenizer, text):
    return tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))


if __name__ == '__main__':
    main()

/**
 * Pre-tokenisers by the name that `tokenizer.ggml.pre` gives: a GGUF file carries no pattern. Names and patterns as llama.cpp knows
 * them (`llama_vocab::impl::load`); where it approximates the pattern of the original tokenizer, the original stands here.
 */
import { PATTERNS } from './tiktoken.ts'

export type PreTokenizer = {
  /** Each cuts what the one before has left whole. */
  patterns: readonly string[]
  /** A piece that is a token needs no merging. */
  ignoreMerges?: true
  /** Not bytes but characters with ▁ for a space, and byte tokens for what is missing. */
  spaces?: true
  addBos?: true
}

const { gpt2, llama3, qwen2, o200k } = PATTERNS
const GPT2_GAPS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"
/** Cased letters as DeepSeek lists them; escaped where an editor might normalise them. */
const LATIN =
  'A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\u1f5f-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌ\u1fd0-\u1fd3\u1fd6-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-\u212dℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃'
const CJK = '[一-龥ࠀ-一가-\ud7ff]+'
const HAN_KANA = '[一-龥\u3040-ゟ゠-ヿ]+'
const DEEPSEEK3 =
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]'
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
const JUMP =
  '\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}'
const REST = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
const NOT_HAN = (set: string) => `(?:(?!\\p{Han})${set})`
const O200K_CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
const KIMI = [
  '\\p{Han}+',
  `[^\\r\\n\\p{L}\\p{N}]?${NOT_HAN(UPPER)}*${NOT_HAN(LOWER)}+${O200K_CONTRACTION}`,
  `[^\\r\\n\\p{L}\\p{N}]?${NOT_HAN(UPPER)}+${NOT_HAN(LOWER)}*${O200K_CONTRACTION}`,
  '\\p{N}{1,3}',
  ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*',
  REST,
].join('|')
const TEKKEN = [
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+`,
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*`,
  '\\p{N}',
  ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
  REST,
].join('|')

const one = (pattern: string, more: Omit<PreTokenizer, 'patterns'> = {}): PreTokenizer => ({ patterns: [pattern], ...more })
const digitsThenGpt2: PreTokenizer = { patterns: ['\\p{N}', GPT2_GAPS] }
const deepseek3: PreTokenizer = { patterns: ['\\p{N}{1,3}', HAN_KANA, DEEPSEEK3] }
const bloom = ' ?[^(\\s|.,!?…。，、।۔،)]+'
const lines: PreTokenizer = { patterns: ['[^\\n]+|[\\n]+'], spaces: true }

/** Several names of one pre-tokeniser. */
const named = (names: string, pre: PreTokenizer): [string, PreTokenizer][] => names.split(' ').map((name) => [name, pre])

export const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map([
  ...named('default', { patterns: ['[\\p{P}\\$\\+<=>\\^~\\|]+', GPT2_GAPS, '\\p{N}+', '[0-9][0-9][0-9]'] }),
  ...named(
    'llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano',
    one(llama3, { ignoreMerges: true, addBos: true }),
  ),
  ...named('dbrx smaug-bpe glm4 chatglm-bpe', one(llama3)),
  ...named(
    'gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert jina-v1-en jina-v2-code roberta-bpe',
    one(gpt2),
  ),
  ...named('mpt olmo jais trillion granite-docling exaone4', one(gpt2)),
  ...named('starcoder refact command-r smollm codeshell exaone minerva-7b mellum2', digitsThenGpt2),
  ...named('qwen2 deepseek-r1-qwen kormo f2llmv2 stablelm2 hunyuan solar-open megrez grok-2', one(qwen2)),
  ...named(
    'qwen35',
    one(qwen2.replace('?\\p{L}+', '?[\\p{L}\\p{M}]+').replace('[^\\s\\p{L}\\p{N}]+', '[^\\s\\p{L}\\p{M}\\p{N}]+')),
  ),
  ...named('ufakzeka', one(qwen2.slice(qwen2.indexOf('|[^') + 1))),
  ...named('gpt-4o llama4 kanana2 talkie minimax-m2', one(o200k)),
  ...named('granite-embed-multi-97m', one(o200k, { ignoreMerges: true })),
  ...named('tiny_aya cohere2moe', { patterns: ['\\d{1,3}(?=(?:\\d{3})*\\b)', o200k] }),
  ...named('tekken', one(TEKKEN, { ignoreMerges: true, addBos: true })),
  ...named('kimi-k2', one(KIMI)),
  ...named('deepseek-llm', {
    patterns: ['[\\r\\n]', `\\s?[${LATIN}]+`, '\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+', '\\s+$', CJK, '\\p{N}+'],
  }),
  ...named('deepseek-coder', { patterns: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', CJK, '\\p{N}'] }),
  ...named('deepseek-v3 hunyuan-dense joyai-llm hy_v4', deepseek3),
  ...named('spark2_5', {
    patterns: ['\\p{N}{1,3}', HAN_KANA, DEEPSEEK3.replace('+[\\r\\n]*|\\s*[\\r\\n]+|', '+|[\\r\\n]|'), '\\p{N}'],
  }),
  ...named('falcon', { patterns: ['[\\p{P}\\$\\+<=>\\^~\\|`]+', GPT2_GAPS, '[0-9][0-9][0-9]'] }),
  ...named('poro-chat bloom gpt3-finnish', one(bloom)),
  ...named('viking', { patterns: [bloom, '\\p{N}'] }),
  ...named('jais-2', one(llama3.replace('\\s+(?!\\S)|\\s+', JUMP))),
  ...named('minicpm5', { patterns: ['\\p{N}{1,3}', llama3.replace('\\p{N}{1,3}', '\\p{N}+')], ignoreMerges: true }),
  ...named('bailingmoe bailingmoe2 llada-moe', one(qwen2)),
  ...named('seed-coder', one(qwen2.replace(' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*', ' ?[^\\s\\p{L}\\p{N}\\r\\n]+'))),
  ...named('superbpe', { patterns: ['\\p{N}+', '\\d{1,3}(?=(?:\\d{3})*(?!\\d))'] }),
  ...named('laguna', { patterns: ['[^\\n]+|[\\n]+', qwen2] }),
  ...named(
    'exaone-moe',
    one(qwen2.replace('?\\p{L}+', '?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+').replace('[\\r\\n]*|', '[\\r\\n/]?|')),
  ),
  ...named('chameleon', {
    patterns: [
      '<sentinel:[0-9]+>',
      '(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z',
      '([\\t\\n]|    |  )',
      '\\p{N}',
      '[\\p{P}!-/:-@\\[-`{-~]',
      GPT2_GAPS,
    ],
    addBos: true,
  }),
  ...named('youtu', {
    patterns: [
      '[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥\u3040-ゟ゠-ヿ]+',
      o200k.replace('\\p{N}{1,3}', '\\p{N}'),
    ],
    ignoreMerges: true,
  }),
  ...named('gemma4 granite-embed-multi-311m', { ...lines, addBos: true }),
  ...named('sarvam-moe', lines),
])

import { Command, InvalidArgumentError, Option } from 'commander'
import type { Languages } from '../checkpoints/seq2seq-tokenizers.ts'
import { DataError } from '../errors.ts'
import type { AttentionKind, AttentionMap, Choice } from '../explain/attention-map.ts'
import type { Explainer } from '../explain/open.ts'
import { wholeNumber } from './options.ts'
import { ability } from './text-model.ts'

export function explainCommand(): Command {
  return new Command('explain')
    .description('show what a model with attention looks at: the weights of every layer and head, as a table, data or a picture')
    .argument('<model>', 'the folder of a translator, a language model or an encoder')
    .argument('<text>', 'what it reads')
    .option('--target <text>', "what a translator is taken to write (default: the model's own translation)")
    .option('--source-lang <tag>', 'language of the text, for a translator of many')
    .option('--target-lang <tag>', 'language of the target, for a translator of many')
    .option('--prefix <text>', 'put before the text, such as "translate English to German: "')
    .addOption(new Option('--kind <kind>', 'which attention').choices(['cross', 'encoder', 'decoder', 'self']))
    .option('--layer <n>', 'one layer, counted from 1, or all, or mean', choice, 'mean')
    .option('--head <n>', 'one head, counted from 1, or all, or mean', choice, 'mean')
    .option('--svg <file>', 'write a heat map')
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print the weights for machines')
    .action(run)
}

function choice(text: string): Choice {
  if (text === 'all' || text === 'mean') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError("a number, 'all' or 'mean' is wanted")
}

type Options = {
  target?: string
  sourceLang?: string
  targetLang?: string
  prefix?: string
  kind?: AttentionKind
  layer: Choice
  head: Choice
  svg?: string
  threads?: number
  json?: true
}

async function run(reference: string, text: string, { svg, json, ...cli }: Options): Promise<void> {
  const { sourceLang, targetLang, prefix = '', ...options } = cli
  const { openExplainer } = await import('../explain/open.ts')
  const explainer = await openExplainer(reference)
  const languages = { sourceLanguage: sourceLang, targetLanguage: targetLang }
  const needsTarget = explainer.isTranslator && options.kind !== 'encoder'
  const read = prefix + text
  const target = options.target ?? (needsTarget ? await translation(reference, read, languages, options.threads) : undefined)
  const maps = await explainer.attention(read, { ...options, ...languages, target })
  if (svg !== undefined) await writePicture(svg, explainer, maps)
  if (json) process.stdout.write(`${JSON.stringify({ model: reference, text: read, target, maps })}\n`)
  else if (svg === undefined) for (const map of maps) process.stdout.write(`${await tableOf(map, maps.length > 1)}\n`)
}

/** What the model itself makes of the text. */
async function translation(reference: string, text: string, languages: Languages, threads: number | undefined): Promise<string> {
  const { loadModel } = await import('../load.ts')
  await using model = await loadModel(reference, { threads })
  const [translated] = await ability(model, 'translate')([text], { ...languages, overflow: 'error' })
  if (translated!.text !== '') return translated!.text
  throw new DataError({
    place: `explain ${reference}`,
    rule: 'needs a target',
    got: 'an empty translation',
    hint: 'give one with --target',
  })
}

async function writePicture(path: string, { modelType }: Explainer, maps: readonly AttentionMap[]): Promise<void> {
  const { heatMapSvg } = await import('../report/heat-map.ts')
  const { writeFileAtomic } = await import('../formats/atomic.ts')
  const [{ kind, rows, columns, layer, head }] = maps as [AttentionMap]
  const [rowTitle, columnTitle] = kind === 'cross' ? ['target', 'source'] : ['token', 'looks at']
  const one = maps.length === 1
  const title = `${modelType}: ${TITLES[kind]}${one ? `, ${nameOf({ layer, head })}` : ''}`
  const panels = maps.map((map) => ({ ...(!one && { title: nameOf(map) }), values: map.weights }))
  const hue = kind === 'encoder' || modelType === 'loquent-encoder' ? 'teal' : 'pink'
  await writeFileAtomic(
    path,
    heatMapSvg({ title, rows, columns, rowTitle, columnTitle, valueTitle: 'attention weight', panels }, { hue }),
  )
}

const TITLES: Record<AttentionKind, string> = {
  cross: 'attention to the source',
  encoder: "the encoder's self-attention",
  decoder: "the decoder's self-attention",
  self: 'self-attention',
}

/** `layer 2, head 1`, `mean of all layers, head 1` */
function nameOf({ layer, head }: Pick<AttentionMap, 'layer' | 'head'>): string {
  const part = (what: string, value: number | 'mean') => (value === 'mean' ? `mean of all ${what}s` : `${what} ${value}`)
  return `${part('layer', layer)}, ${part('head', head)}`
}

const SHADES = [' ', '░', '▒', '▓', '█']

/** For each token what it looks at most, and a line of shades over all. */
async function tableOf(map: AttentionMap, named: boolean): Promise<string> {
  const { terminalTable } = await import('../report/table.ts')
  const { rows, columns, weights, kind } = map
  const highest = Math.max(...weights.map((row) => Math.max(...row)))
  const cells = rows.map((row, r) => {
    const strongest = weights[r]!.indexOf(Math.max(...weights[r]!))
    const shades = weights[r]!.map((weight) => SHADES[Math.round((weight / highest) * (SHADES.length - 1))]).join('')
    return [row.trim(), columns[strongest]!.trim(), weights[r]![strongest]!.toFixed(3), shades]
  })
  const titles =
    kind === 'cross' ? ['target', 'looks most at', 'weight', 'over the source'] : ['token', 'looks most at', 'weight', 'over all']
  const table = terminalTable(
    titles.map((title, i) => ({ title, align: i === 2 ? ('right' as const) : ('left' as const) })),
    cells,
    { color: process.stdout.isTTY },
  )
  return named ? `${nameOf(map)}\n${table}\n` : table
}

import type { Translation } from '../generation/translator.ts'
import { StatusLine } from './status-line.ts'

/** @param numberFrom  the number of the first text, for messages */
type Translate = (texts: readonly string[], numberFrom: number) => Promise<Translation[]>

/** Translations as lines of output, and what there is to say of all of them at the end. */
export class TranslationLines {
  readonly #translate: Translate
  readonly #json: boolean
  readonly #numbered: boolean
  readonly #status = new StatusLine()
  readonly #started = performance.now()
  #texts = 0
  #tokens = 0
  #cut = 0
  #long = 0
  #broken = 0

  /** @param options.numbered  several translations of a text, a line each: with its number and their scores */
  constructor(translate: Translate, { json = false, numbered = false }: { json?: boolean; numbered?: boolean }) {
    this.#translate = translate
    this.#json = json
    this.#numbered = numbered
  }

  /** How many were translated. */
  get texts(): number {
    return this.#texts
  }

  /** Translates, and counts. */
  async translate(texts: readonly string[]): Promise<Translation[]> {
    const translations = await this.#translate(texts, this.#texts + 1)
    this.#texts += texts.length
    for (const { tokens, cut, finishReason } of translations) {
      this.#tokens += tokens
      if (cut) this.#cut++
      if (finishReason === 'length') this.#long++
    }
    this.#status.show(() => `${this.#texts} texts translated, ${this.#speed()} tokens/s`)
    return translations
  }

  /** The output for groups of texts, in order. Ends where the signal aborts. */
  async *of(groups: AsyncIterable<string[]> | Iterable<string[]>, signal?: AbortSignal): AsyncGenerator<string> {
    for await (const texts of groups) {
      const before = this.#texts
      const translations = await this.translate(texts).catch((error) => {
        if (signal?.aborted) return undefined
        throw error
      })
      if (!translations) return
      this.#status.clear()
      yield translations.map((translation, i) => this.#line(translation, before + i + 1)).join('')
    }
  }

  /** Tells on standard error what the output does not show. */
  report(out?: string): void {
    this.#status.clear()
    const note = (count: number, what: string) => count > 0 && process.stderr.write(`note: ${what}: ${count}\n`)
    if (out !== undefined) process.stderr.write(`${this.#texts} texts translated: ${out}\n`)
    note(this.#cut, 'texts longer than the model reads, of which only the beginning was translated')
    note(this.#long, 'translations that ended because they reached the greatest length')
    note(this.#broken, 'translations with line breaks, which became spaces')
  }

  #line(translation: Translation, number: number): string {
    if (this.#json) return `${JSON.stringify(translation)}\n`
    if (!this.#numbered) return `${this.#oneLine(translation.text)}\n`
    const all = [translation, ...(translation.alternatives ?? [])]
    return all.map(({ text, score }) => `${number}\t${score.toFixed(4)}\t${this.#oneLine(text)}\n`).join('')
  }

  #oneLine(text: string): string {
    if (!/[\r\n]/.test(text)) return text
    this.#broken++
    return text.replaceAll(/[\r\n]+/g, ' ')
  }

  #speed(): string {
    return ((1000 * this.#tokens) / (performance.now() - this.#started)).toFixed(0)
  }
}

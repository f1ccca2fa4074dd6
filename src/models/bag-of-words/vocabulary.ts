import { ConfigError } from '../../errors.ts'
import type { VectorizerConfig } from './config.ts'
import type { RowBuilder } from './sparse-rows.ts'
import { orderTerms } from './term-order.ts'
import { MAX_TERMS, TermTree, tooManyTerms } from './term-tree.ts'
import { Tokens } from './tokens.ts'
import { WordTable } from './word-table.ts'

type Shape = Pick<VectorizerConfig, 'analyzer' | 'ngramRange'>

/**
 * Words, the terms that they form, and the column of each term in the vectors. A term is a word, neighbouring words with a space
 * between, or, where the analyzer cuts characters, neighbouring characters.
 */
export class Vocabulary {
  private readonly shape: Shape
  private readonly words = new WordTable()
  private readonly tree = new TermTree()
  private readonly stopWords: number
  /** Whether every term is one word: then the words' numbers are the nodes. */
  private readonly single: boolean
  /** Node → column, or below 0; undefined while the vocabulary grows. */
  private columns: Int32Array | undefined
  /** Column → node. */
  private nodes: Int32Array = new Int32Array(0)
  private texts: readonly string[] | undefined
  private sequence = new Int32Array(256)
  /** The words of one term. */
  private readonly pieces = new Tokens()

  /** @param stopWords  words that stand in no term */
  constructor(shape: Shape, stopWords: readonly string[] = []) {
    this.shape = shape
    this.single = shape.analyzer === 'word' && shape.ngramRange[1] === 1
    const tokens = new Tokens()
    tokens.fill(stopWords)
    this.words.look(tokens, new Int32Array(tokens.count), true)
    this.stopWords = this.words.size // they have the first numbers
  }

  /** How many columns the vectors have. */
  get size(): number {
    return this.nodes.length
  }

  /** How many nodes there are: different terms, and what else has a number. */
  get seen(): number {
    return this.single ? this.words.size : this.tree.size
  }

  /** The terms by column. */
  get terms(): readonly string[] {
    this.texts ??= Array.from(this.nodes, (node) => this.termOf(node))
    return this.texts
  }

  /** The column of a term, or undefined where it has none. */
  columnOf(term: string): number | undefined {
    const node = this.nodeOf(term, false)
    const column = node < 0 ? -1 : this.columns![node]!
    return column < 0 ? undefined : column
  }

  /** Adds a text's terms to a row: each by its node while the vocabulary grows, then the known ones by their column. */
  count(tokens: Tokens, rows: RowBuilder): void {
    const { columns, tree } = this
    const { analyzer, ngramRange } = this.shape
    const [min, max] = ngramRange
    const length = this.findWords(tokens)
    const { sequence } = this
    if (this.single) {
      rows.addRow(sequence, length, columns)
      return
    }
    let start = 0
    for (const end of analyzer === 'word' ? [length] : tokens.breaks) {
      // a padded word shorter than every term is a term as a whole
      const least = analyzer === 'char_wb' ? Math.min(min, end - start) : min
      for (let first = start; first + least <= end; first++) {
        const last = Math.min(first + max, end) - 1
        let node = columns ? tree.findFirst(sequence[first]!) : tree.addFirst(sequence[first]!)
        for (let t = first; node >= 0; ) {
          const column = columns ? columns[node]! : node
          if (column >= 0 && t - first + 1 >= least) rows.add(column, 1)
          if (t++ === last) break
          node = columns ? tree.find(node, sequence[t]!) : tree.add(node, sequence[t]!)
        }
      }
      start = end
    }
    rows.endRow()
  }

  /** All nodes by the order of their terms' code points. */
  ordered(): Int32Array {
    const words = this.words.sorted()
    return this.single ? words : orderTerms(this.tree, words)
  }

  /**
   * Ends the growth: from now on texts are counted by columns.
   *
   * @param nodes  of the terms that get a column
   * @returns  node → column, or below 0
   */
  keep(nodes: Int32Array): Int32Array {
    const columns = new Int32Array(this.seen).fill(-1)
    for (let column = 0; column < nodes.length; column++) columns[nodes[column]!] = column
    this.nodes = nodes
    this.columns = columns
    return columns
  }

  /**
   * The vocabulary with these terms, in this order.
   *
   * @returns  undefined where one is there twice, or empty
   */
  static of(terms: readonly string[], shape: Shape, stopWords: readonly string[] = []): Vocabulary | undefined {
    const vocabulary = new Vocabulary(shape, stopWords)
    const nodes = Int32Array.from(terms, (term) => vocabulary.nodeOf(term, true))
    if (nodes.includes(-1) || new Set(nodes).size < terms.length) return undefined
    vocabulary.keep(nodes)
    return vocabulary
  }

  /** Writes the numbers of a text's words into `sequence`, stop words left out, -1 for one not known, and returns how many. */
  private findWords(tokens: Tokens): number {
    const { words, columns, stopWords } = this
    const known = words.size
    this.look(tokens, columns === undefined)
    for (let word = known; word < words.size; word++) this.checkWord(word)
    if (stopWords === 0) return tokens.count
    const { sequence } = this
    let length = 0
    for (let token = 0; token < tokens.count; token++) {
      const word = sequence[token]!
      if (word >= stopWords || word < 0) sequence[length++] = word
    }
    return length
  }

  /** Writes the numbers of all tokens into `sequence`. */
  private look(tokens: Tokens, grows: boolean): void {
    if (this.sequence.length < tokens.count) this.sequence = new Int32Array(2 * tokens.count)
    this.words.look(tokens, this.sequence, grows)
    if (this.words.size > MAX_TERMS) throw tooManyTerms()
  }

  /** A space within a word would make one term of two. */
  private checkWord(word: number): void {
    const { analyzer, ngramRange } = this.shape
    if (analyzer !== 'word' || ngramRange[1] === 1) return
    const text = this.words.text(word)
    if (!text.includes(' ')) return
    throw new ConfigError({
      place: 'bag-of-words: tokens',
      rule: 'the pattern must not match spaces where terms are longer than a word',
      got: JSON.stringify(text.slice(0, 100)),
      hint: 'another pattern, or ngramRange = [1, 1]',
    })
  }

  private termOf(node: number): string {
    if (this.single) return this.words.text(node)
    const words: string[] = []
    for (let at = node; at >= 0; at = this.tree.prefix(at)) words.push(this.words.text(this.tree.last(at)))
    return words.reverse().join(this.shape.analyzer === 'word' ? ' ' : '')
  }

  /** The node of a term, made where the vocabulary grows; else -1. */
  private nodeOf(term: string, grows: boolean): number {
    const { tree, single, pieces } = this
    if (this.shape.analyzer !== 'word') pieces.fill([...term])
    else pieces.fill(single ? [term] : term.split(' '))
    if (pieces.count === 0) return -1
    this.look(pieces, grows)
    const { sequence } = this
    if (single) return sequence[0]!
    let node = grows ? tree.addFirst(sequence[0]!) : tree.findFirst(sequence[0]!)
    for (let i = 1; i < pieces.count && node >= 0; i++) {
      node = grows ? tree.add(node, sequence[i]!) : tree.find(node, sequence[i]!)
    }
    return node
  }
}

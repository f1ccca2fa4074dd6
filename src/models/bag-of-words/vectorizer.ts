/**
 * Texts as sparse vectors: counts, tf-idf or hashed counts of words, characters and their neighbourhoods.
 *
 * The vectors of scikit-learn's CountVectorizer, TfidfVectorizer and HashingVectorizer, with columns in the same order.
 */
import { ConfigError, DataError } from '../../errors.ts'
import { type Analyzer, analyzerOf } from './analyzer.ts'
import { checkVectorizerConfig, stopWordList, VECTORIZER_DEFAULTS, type VectorizerConfig } from './config.ts'
import { TermHasher } from './hashing.ts'
import { RowBuilder, rowAt, rowCount, type SparseRows } from './sparse-rows.ts'
import { chooseTerms } from './term-choice.ts'
import { inverseDocumentFrequencies, weigh } from './tf-idf.ts'
import { Tokens } from './tokens.ts'
import { Vocabulary } from './vocabulary.ts'

/** What fitting learns. */
export type Fitted = {
  vocabulary: Vocabulary
  /** [V], where terms are weighted by their inverse document frequency. */
  idf: Float64Array | undefined
}

export class Vectorizer {
  readonly config: VectorizerConfig
  private readonly analyzer: Analyzer
  private readonly tokens = new Tokens()
  private readonly builder = new RowBuilder()
  private readonly hasher: TermHasher | undefined
  private fitted: Fitted | undefined

  /**
   * @param fitted  what another vectorizer of the same configuration has learnt
   * @throws ConfigError naming the option that cannot be followed
   */
  constructor(options: Partial<VectorizerConfig> = {}, fitted?: Fitted) {
    this.config = { ...VECTORIZER_DEFAULTS, ...options }
    checkVectorizerConfig(this.config, 'vectorizer')
    this.analyzer = analyzerOf(this.config)
    this.fitted = fitted
    if (this.config.weighting === 'hashing') this.hasher = new TermHasher(this.config, stopWordList(this.config))
  }

  /**
   * Learns the terms and, for tf-idf, how rare they are.
   *
   * @throws DataError where there is no text, or no term in enough of them
   */
  fit(texts: Iterable<string>): this {
    this.fitTransform(texts)
    return this
  }

  /**
   * Learns from the texts and returns their vectors: the same as `fit` and then `transform`, in one pass.
   *
   * @returns  [texts, terms]
   * @throws DataError where there is no text, or no term in enough of them
   */
  fitTransform(texts: Iterable<string>): SparseRows {
    if (this.hasher) return this.transform(texts)
    const { config } = this
    const vocabulary = new Vocabulary(config, stopWordList(config))
    const builder = new RowBuilder()
    this.countAll(texts, (tokens) => vocabulary.count(tokens, builder))
    const frequencies = builder.rowsOf(vocabulary.seen)
    const columns = vocabulary.keep(chooseTerms(vocabulary, builder, frequencies, config))
    const rows = builder.build(vocabulary.size, columns)
    let idf: Float64Array | undefined
    if (config.weighting === 'tf-idf' && config.useIdf) {
      const kept = new Int32Array(vocabulary.size)
      for (let node = 0; node < columns.length; node++) if (columns[node]! >= 0) kept[columns[node]!] = frequencies[node]!
      idf = inverseDocumentFrequencies(kept, builder.rows, config.smoothIdf)
    }
    this.fitted = { vocabulary, idf }
    return weigh(rows, config, idf)
  }

  /**
   * The vectors of texts. Terms that fitting did not meet are left out; a text without a known term has an empty row.
   *
   * @returns  [texts, terms]
   * @throws ConfigError before `fit`
   */
  transform(texts: Iterable<string>): SparseRows {
    const { builder, config, hasher } = this
    try {
      if (hasher) {
        this.countAll(texts, (tokens) => hasher.count(tokens, builder))
        return weigh(builder.build(config.hashFeatures), config, undefined)
      }
      const { vocabulary, idf } = this.state()
      this.countAll(texts, (tokens) => vocabulary.count(tokens, builder))
      return weigh(builder.build(vocabulary.size), config, idf)
    } finally {
      builder.clear()
    }
  }

  /** How many columns the vectors have. */
  get columns(): number {
    return this.hasher ? this.config.hashFeatures : this.state().vocabulary.size
  }

  /** The terms by column. */
  get terms(): readonly string[] {
    return this.state().vocabulary.terms
  }

  /** Inverse document frequencies by column, where the weighting has them. */
  get idf(): Float64Array | undefined {
    return this.state().idf
  }

  /** The column of a term, or undefined where it has none. */
  columnOf(term: string): number | undefined {
    return this.state().vocabulary.columnOf(term)
  }

  /** The terms of each row, by column: the way back from vectors, as far as there is one. */
  inverse(rows: SparseRows): string[][] {
    const { terms } = this
    if (rows.columns !== terms.length) {
      throw new DataError({
        place: 'inverse',
        rule: 'the rows must have a column for each term',
        got: `${rows.columns} columns, ${terms.length} terms`,
      })
    }
    return Array.from({ length: rowCount(rows) }, (_, row) => Array.from(rowAt(rows, row).ids, (id) => terms[id]!))
  }

  private countAll(texts: Iterable<string>, count: (tokens: Tokens) => void): void {
    if (typeof texts === 'string') {
      throw new DataError({ place: 'vectorizer', rule: 'wants a list of texts', got: 'one text', hint: 'put it in a list' })
    }
    for (const text of texts) {
      this.analyzer(text, this.tokens)
      count(this.tokens)
    }
  }

  private state(): Fitted {
    if (this.fitted) return this.fitted
    throw this.hasher
      ? new ConfigError({ place: 'vectorizer', rule: "keeps no terms with weighting 'hashing'" })
      : new ConfigError({ place: 'vectorizer', rule: 'must be fitted first', hint: 'call fit or fitTransform' })
  }
}

/**
 * word2vec's inner loop in plain JavaScript: negative sampling (Mikolov et al. 2013b, eq. 4) for skip-gram, continuous bag of words and
 * words made of n-grams. The twin of kernels/word2vec.ts, with which it agrees up to the rounding of its sums.
 *
 * An example is an input vector x and the words t to be predicted, the true one first, then the negatives. Its loss is
 * -log σ(x·t₀) - Σ log σ(-x·tₖ); all rows take one step of gradient descent at once: with gₖ = η (labelₖ - σ(x·tₖ)) it is
 * x += Σ gₖ tₖ and tₖ += gₖ x.
 *
 * What each model takes for x and t:
 * - skip-gram: x is the vector of a word beside, t₀ the word itself. The negatives are drawn once a word and serve all words beside it,
 *   which take their steps in pairs, both at once.
 * - skip-gram with n-grams: x is the mean of the word's rows, t₀ a word beside, each with negatives of its own, as fastText has it.
 * - bag of words: x is the mean of the rows of all words beside, t₀ the word itself.
 * Where x is a mean, every row under it takes the whole step of x, not its share of it, as word2vec.c, fastText and gensim have it.
 */

const SIX = 6
/** Of every sixteenth word the loss is measured. */
const MEASURED = 15

export class PlainKernel {
  #floats
  #ints
  #layout
  #own
  #settings
  /** Numbers of a row. */
  #stride
  #slots
  #random = new Uint32Array(4)
  /** Of each slot, 0 where it is empty. */
  #weights
  #probabilities = new Float64Array(2 * SIX)
  #measuring = false
  #loss = 0
  #examples = 0
  #rate = 0

  /**
   * @param {SharedArrayBuffer} buffer
   * @param {import('./layout.ts').Layout} layout
   * @param {import('./layout.ts').ThreadLayout} own
   * @param {import('./kernel.js').KernelSettings} settings
   */
  constructor(buffer, layout, own, settings) {
    this.#floats = new Float32Array(buffer)
    this.#ints = new Int32Array(buffer)
    this.#layout = layout
    this.#own = own
    this.#settings = settings
    this.#stride = layout.stride / 4
    this.#slots = Math.ceil((settings.negative + 1) / SIX) * SIX
    this.#weights = new Float32Array(this.#slots)
  }

  /**
   * Trains on the ids that lie in this thread's block.
   *
   * @param {number} count
   * @param {number} rate  η
   * @param {number} seed
   * @param {number} epoch  with the seed and the block it names the random numbers
   * @param {number} block
   */
  train(count, rate, seed, epoch, block) {
    this.#random.set([seed, epoch, block, 1])
    for (let i = 0; i < 15; i++) this.#bits()
    this.#rate = Math.fround(rate)
    this.#loss = 0
    this.#examples = 0
    const kept = this.#subsample(count)
    let [start, end] = [0, 0]
    for (let p = 0; p < kept.length; p++) {
      if (kept[p] < 0) continue
      if (p >= end) {
        start = p
        end = p + 1
        while (end < kept.length && kept[end] >= 0) end++
      }
      const reach = this.#settings.window - (this.#bits() % this.#settings.window)
      const [low, high] = [Math.max(start, p - reach), Math.min(end - 1, p + reach)]
      if (low === high) continue
      this.#measuring = (p & MEASURED) === 0
      const beside = [...kept.subarray(low, p), ...kept.subarray(p + 1, high + 1)]
      if (this.#settings.cbow) this.#continuousBag(kept[p], beside)
      else if (this.#layout.rowsAt === 0) this.#skipGram(kept[p], beside)
      else this.#skipGramOfRows(kept[p], beside)
    }
    return { loss: this.#loss, examples: this.#examples }
  }

  /** sfc32. */
  #bits() {
    const r = this.#random
    const out = (r[0] + r[1] + r[3]) >>> 0
    r[3]++
    r[0] = r[1] ^ (r[1] >>> 9)
    r[1] = r[2] + (r[2] << 3)
    r[2] = ((r[2] << 21) | (r[2] >>> 11)) + out
    return out
  }

  #uniform() {
    return this.#bits() / 2 ** 32
  }

  /** @param {number} count */
  #subsample(count) {
    const ids = this.#own.ids / 4
    const keep = this.#layout.keep / 4
    const kept = this.#ints.subarray(this.#own.kept / 4, this.#own.kept / 4 + count)
    let m = 0
    for (let i = 0; i < count; i++) {
      const id = this.#ints[ids + i]
      if (id < 0 || this.#uniform() < this.#floats[keep + id]) kept[m++] = id
    }
    return kept.subarray(0, m)
  }

  /** @param {number} word @param {number[]} beside */
  #skipGram(word, beside) {
    const rows = beside.map((id) => this.#own.input / 4 + id * this.#stride)
    this.#note(rows.length)
    this.#gather(word)
    for (let i = 0; i < rows.length; i += 2) {
      if (i + 1 < rows.length && rows[i] !== rows[i + 1]) this.#step([rows[i], rows[i + 1]])
      else for (const row of rows.slice(i, i + 2)) this.#step([row])
    }
    this.#scatter()
  }

  /** @param {number} word @param {number[]} beside */
  #skipGramOfRows(word, beside) {
    const hidden = this.#meanOf([word])
    this.#note(beside.length)
    for (const target of beside) {
      this.#gather(target)
      this.#step([hidden])
      this.#scatter()
    }
    this.#move([word])
  }

  /** @param {number} word @param {number[]} beside */
  #continuousBag(word, beside) {
    const hidden = this.#meanOf(beside)
    this.#note(1)
    this.#gather(word)
    this.#step([hidden])
    this.#scatter()
    this.#move(beside)
  }

  /** @param {number} examples */
  #note(examples) {
    if (this.#measuring) this.#examples += examples
  }

  /** Where in the memory the rows of a word's vector lie. @param {number} word */
  #rowsOf(word) {
    const { rowsAt, rowsOf } = this.#layout
    const input = this.#own.input / 4
    if (rowsAt === 0) return [input + word * this.#stride]
    const [from, to] = this.#ints.subarray(rowsAt / 4 + word, rowsAt / 4 + word + 2)
    return Array.from(this.#ints.subarray(rowsOf / 4 + from, rowsOf / 4 + to), (row) => input + row * this.#stride)
  }

  /** The mean of all rows of some words, in the hidden vector, and beside it as it was before. @param {number[]} ids */
  #meanOf(ids) {
    const [hidden, before] = [this.#own.hidden / 4, this.#own.before / 4]
    const rows = ids.flatMap((id) => this.#rowsOf(id))
    for (let d = 0; d < this.#stride; d++) {
      let sum = 0
      for (const row of rows) sum += this.#floats[row + d]
      this.#floats[before + d] = this.#floats[hidden + d] = sum / rows.length
    }
    return hidden
  }

  /** Moves all rows of some words by what the hidden vector has learnt. @param {number[]} ids */
  #move(ids) {
    const [hidden, before] = [this.#own.hidden / 4, this.#own.before / 4]
    for (const row of ids.flatMap((id) => this.#rowsOf(id))) {
      for (let d = 0; d < this.#stride; d++) this.#floats[row + d] += this.#floats[hidden + d] - this.#floats[before + d]
    }
  }

  #draw() {
    const i = Math.floor(this.#uniform() * this.#settings.words)
    return this.#uniform() < this.#floats[this.#layout.share / 4 + i] ? i : this.#ints[this.#layout.other / 4 + i]
  }

  /** Draws the negatives and copies the rows to be predicted. What is drawn twice is one row with twice the weight. @param {number} word */
  #gather(word) {
    const targets = this.#targets
    targets.fill(-1)
    this.#weights.fill(0)
    targets[0] = word
    this.#weights[0] = 1
    for (let k = 1; k <= this.#settings.negative; k++) {
      const drawn = this.#draw()
      if (drawn === word) continue
      const first = targets.indexOf(drawn)
      this.#weights[first < 0 ? k : first]++
      if (first < 0) targets[k] = drawn
    }
    this.#copyRows((row, slot) => this.#floats.copyWithin(slot, row, row + this.#stride))
  }

  #scatter() {
    this.#copyRows((row, slot) => this.#floats.copyWithin(row, slot, slot + this.#stride))
  }

  get #targets() {
    return this.#ints.subarray(this.#own.targets / 4, this.#own.targets / 4 + this.#slots)
  }

  /** @param {(row: number, slot: number) => void} copy */
  #copyRows(copy) {
    for (const [k, target] of this.#targets.entries()) {
      if (target >= 0) copy(this.#own.output / 4 + target * this.#stride, this.#own.gathered / 4 + k * this.#stride)
    }
  }

  /** One step of one or two inputs against what is gathered, six rows after six. @param {number[]} inputs */
  #step(inputs) {
    for (let first = 0; first < this.#slots; first += SIX) this.#stepSix(inputs, first)
  }

  /** @param {number[]} inputs @param {number} first */
  #stepSix(inputs, first) {
    const floats = this.#floats
    const stride = this.#stride
    const gathered = this.#own.gathered / 4
    const g = this.#probabilities
    for (const [j, x] of inputs.entries()) {
      for (let k = 0; k < SIX; k++) {
        g[j * SIX + k] = 0
        const weight = this.#weights[first + k]
        if (weight === 0) continue
        const t = gathered + (first + k) * stride
        let dot = 0
        for (let d = 0; d < stride; d++) dot += floats[x + d] * floats[t + d]
        const label = first + k === 0 ? 1 : 0
        const probability = 1 / (1 + Math.exp(-dot))
        if (this.#measuring) this.#loss -= Math.log(Math.max(1e-7, Math.abs(1 - label - probability)))
        g[j * SIX + k] = (label - probability) * weight * this.#rate
      }
    }
    for (let d = 0; d < stride; d++) {
      for (const [j, x] of inputs.entries()) {
        this.#values[j] = floats[x + d]
        let moved = this.#values[j]
        for (let k = 0; k < SIX; k++) moved += g[j * SIX + k] * floats[gathered + (first + k) * stride + d]
        floats[x + d] = moved
      }
      for (let k = 0; k < SIX; k++) {
        let moved = floats[gathered + (first + k) * stride + d]
        for (let j = 0; j < inputs.length; j++) moved += g[j * SIX + k] * this.#values[j]
        floats[gathered + (first + k) * stride + d] = moved
      }
    }
  }

  #values = new Float64Array(2)

  /**
   * Rows `from` to before `to`: the common ones take the changes of the copies, and the copies take that over. Of two copies that changed a
   * row both changes count whole; of more each so much less that they count as two. By their mean the vectors learn less from the same
   * text, and by the sum of many they overshoot until numbers overflow: both measured.
   *
   * @param {number} common  where the common rows begin; all in bytes
   * @param {number} first  where the first copy begins
   * @param {number} bytes  from one copy to the next
   * @param {number} copies
   * @param {number} from
   * @param {number} to
   */
  merge(common, first, bytes, copies, from, to) {
    const floats = this.#floats
    for (let row = from; row < to; row++) {
      const at = common / 4 + row * this.#stride
      const theirs = Array.from({ length: copies }, (_, k) => (first + k * bytes) / 4 + row * this.#stride)
      const changed = theirs.filter((copy) => {
        for (let d = 0; d < this.#stride; d++) if (floats[copy + d] !== floats[at + d]) return true
        return false
      })
      if (changed.length === 0) continue
      const part = Math.min(1, 2 / changed.length)
      for (let d = 0; d < this.#stride; d++) {
        const old = floats[at + d]
        let sum = 0
        for (const copy of changed) sum += floats[copy + d] - old
        floats[at + d] = old + sum * part
        for (const copy of theirs) floats[copy + d] = floats[at + d]
      }
    }
  }
}

import { IntList } from '../../tokenizers/trainers/int-list.ts'

/** The non-zero entries of one text's vector, by rising column. */
export type SparseRow = { ids: Int32Array; values: Float64Array }

/**
 * Texts by terms in compressed rows (CSR): row i holds the entries `starts[i]` up to `starts[i + 1]`, by rising column.
 * `ids` is what scipy calls `indices`, `starts` its `indptr`, `values` its `data`.
 */
export type SparseRows = { starts: Int32Array; ids: Int32Array; values: Float64Array; columns: number }

export const rowCount = ({ starts }: SparseRows): number => starts.length - 1

/** One row, in the memory of all. */
export function rowAt({ starts, ids, values }: SparseRows, row: number): SparseRow {
  const [start, end] = [starts[row], starts[row + 1]]
  return { ids: ids.subarray(start, end), values: values.subarray(start, end) }
}

/** Some of the rows, in the order given. */
export function selectRows(rows: SparseRows, picked: Int32Array): SparseRows {
  const starts = new Int32Array(picked.length + 1)
  for (const [i, row] of picked.entries()) starts[i + 1] = starts[i]! + rows.starts[row + 1]! - rows.starts[row]!
  const size = starts[picked.length]!
  const selected = { starts, ids: new Int32Array(size), values: new Float64Array(size), columns: rows.columns }
  for (const [i, row] of picked.entries()) {
    const { ids, values } = rowAt(rows, row)
    selected.ids.set(ids, starts[i])
    selected.values.set(values, starts[i])
  }
  return selected
}

/** Collects rows whose entries come in any order. */
export class RowBuilder {
  private starts = new IntList()
  /** [column, count] an entry. */
  private entries = new Int32Array(2048)
  private end = 0
  private start = 0
  /** [where in `entries` its latest count is, in how many rows it has one] a column; a count before this row's start is another row's. */
  private columns = new Int32Array(2048)

  constructor() {
    this.starts.push(0)
  }

  /** Adds to the row's entry in a column. */
  add(column: number, amount: number): void {
    if (2 * column >= this.columns.length) this.columns = grown(this.columns, 2 * column + 2)
    const at = this.columns[2 * column]!
    if (at > this.start) this.entries[at]! += amount
    else {
      if (this.end === this.entries.length) this.entries = grown(this.entries, this.end + 2)
      this.entries[this.end] = column
      this.entries[this.end + 1] = amount
      this.columns[2 * column] = this.end + 1
      this.columns[2 * column + 1]! += 1
      this.end += 2
    }
  }

  /** A whole row: an occurrence of each node, in the column that it has; nodes and columns below 0 are left out. */
  addRow(nodes: Int32Array, length: number, columnOf?: Int32Array): void {
    for (let i = 0; i < length; i++) {
      const node = nodes[i]!
      const column = columnOf && node >= 0 ? columnOf[node]! : node
      if (column >= 0) this.add(column, 1)
    }
    this.endRow()
  }

  endRow(): void {
    this.start = this.end
    this.starts.push(this.start >> 1)
  }

  /** Forgets all rows, in time in proportion to their entries, however many columns there are. */
  clear(): void {
    for (let at = 0; at < this.end; at += 2) this.columns.fill(0, 2 * this.entries[at]!, 2 * this.entries[at]! + 2)
    this.starts = new IntList()
    this.entries = new Int32Array(2048)
    this.end = this.start = 0
    this.starts.push(0)
  }

  get rows(): number {
    return this.starts.length - 1
  }

  /** In how many rows each column has an entry. */
  rowsOf(columns: number): Int32Array {
    const frequencies = new Int32Array(columns)
    for (let column = 0; column < columns; column++) frequencies[column] = this.columns[2 * column + 1] ?? 0
    return frequencies
  }

  /** The sum of each column. */
  totals(columns: number): Float64Array {
    const totals = new Float64Array(columns)
    for (let at = 0; at < this.end; at += 2) totals[this.entries[at]!]! += this.entries[at + 1]!
    return totals
  }

  /**
   * The rows with their entries sorted by column.
   *
   * @param target  counted column → column of the result, or below 0 where it is left out; without it each keeps its number
   */
  build(columns: number, target?: Int32Array): SparseRows {
    const counted = { starts: this.starts.view(), entries: this.entries.subarray(0, this.end) }
    return target ? sortedByColumns(counted, columns, target, this.rowsOf(target.length)) : sortedByRows(counted, columns)
  }
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.max(size, 2 * array.length))
  copy.set(array)
  return copy
}

/** Entries as pairs of column and count, rows by the number of entries before them. */
type Counted = { starts: Int32Array; entries: Int32Array }

/**
 * Sorts all rows at once, in time in proportion to entries and columns: lists each column's entries, row by row, then deals them out
 * to the rows, column by column.
 */
function sortedByColumns({ starts, entries }: Counted, columns: number, target: Int32Array, sizes: Int32Array): SparseRows {
  const rows = starts.length - 1
  const ends = new Int32Array(columns + 1)
  for (let node = 0; node < target.length; node++) if (target[node]! >= 0) ends[target[node]! + 1] = sizes[node]!
  for (let column = 0; column < columns; column++) ends[column + 1]! += ends[column]!
  const kept = ends[columns]!
  const listed = new Int32Array(2 * kept) // [row, count] an entry
  const rowStarts = new Int32Array(rows + 1)
  let size = 0
  for (let row = 0; row < rows; row++) {
    for (let e = 2 * starts[row]!; e < 2 * starts[row + 1]!; e += 2) {
      const column = target[entries[e]!]!
      if (column < 0) continue
      const at = 2 * ends[column]!++ // what was the start becomes the end
      listed[at] = row
      listed[at + 1] = entries[e + 1]!
      size++
    }
    rowStarts[row + 1] = size
  }
  const [ids, values] = [new Int32Array(kept), new Float64Array(kept)]
  const cursors = rowStarts.slice(0, rows)
  for (let column = 0, at = 0; column < columns; column++) {
    for (const end = 2 * ends[column]!; at < end; at += 2) {
      const to = cursors[listed[at]!]!++
      ids[to] = column
      values[to] = listed[at + 1]!
    }
  }
  return { starts: rowStarts, ids, values, columns }
}

/** Sorts row by row: for few rows, however many columns there are. */
function sortedByRows({ starts, entries }: Counted, columns: number): SparseRows {
  const size = entries.length >> 1
  const [ids, values] = [new Int32Array(size), new Float64Array(size)]
  for (let row = 0; row + 1 < starts.length; row++) {
    const [start, end] = [starts[row]!, starts[row + 1]!]
    const width = end - start
    // column and place in one number, so that one sort without a comparison function brings both in order
    const keys = new Float64Array(width)
    for (let i = 0; i < width; i++) keys[i] = entries[2 * (start + i)]! * width + i
    keys.sort()
    for (let i = 0; i < width; i++) {
      const column = Math.floor(keys[i]! / width)
      ids[start + i] = column
      values[start + i] = entries[2 * (start + keys[i]! - column * width) + 1]!
    }
  }
  return { starts: starts.slice(), ids, values, columns }
}

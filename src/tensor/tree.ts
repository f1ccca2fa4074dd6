/** Trees: values of one kind inside nested arrays and plain objects, as parameters, batches and states are. */
export type Tree<Leaf> = Leaf | readonly Tree<Leaf>[] | { readonly [key: string]: Tree<Leaf> }

/** The type of a tree whose leaves of type `From` become `To`. */
export type MapLeaves<T, From, To> = T extends From
  ? To
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: MapLeaves<T[K], From, To> }
    : T extends object
      ? { -readonly [K in keyof T]: MapLeaves<T[K], From, To> }
      : T

export type IsLeaf<Leaf> = (value: unknown) => value is Leaf

/** Applies `f` to every leaf; `path` is the keys from the root, joined by dots. */
export function mapTree<Leaf, T, To>(
  tree: T,
  isLeaf: IsLeaf<Leaf>,
  f: (leaf: Leaf, path: string) => To,
  path = '',
): MapLeaves<T, Leaf, To> {
  const inner = (value: unknown, key: string | number): unknown =>
    mapTree(value, isLeaf, f, path === '' ? `${key}` : `${path}.${key}`)
  let mapped: unknown
  if (isLeaf(tree)) mapped = f(tree, path)
  else if (Array.isArray(tree)) mapped = tree.map(inner)
  else if (isPlainObject(tree)) mapped = Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, inner(value, key)]))
  else throw new TypeError(`tree: a leaf, an array or a plain object belongs at '${path || 'the root'}', not ${describe(tree)}`)
  return mapped as MapLeaves<T, Leaf, To>
}

/** The leaves in order, each with its path. */
export function leavesOf<Leaf>(tree: unknown, isLeaf: IsLeaf<Leaf>): [path: string, leaf: Leaf][] {
  const leaves: [string, Leaf][] = []
  mapTree(tree, isLeaf, (leaf, path) => leaves.push([path, leaf]))
  return leaves
}

/** The tree with its leaves replaced in order. */
export function withLeaves<Leaf, T, To>(tree: T, isLeaf: IsLeaf<Leaf>, leaves: readonly To[]): MapLeaves<T, Leaf, To> {
  let next = 0
  return mapTree(tree, isLeaf, () => leaves[next++])
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const describe = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'object' ? value.constructor.name : typeof value

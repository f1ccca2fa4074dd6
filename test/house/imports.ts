/** Who imports whom: the files of src/ and their imports, read with vitest's own parser. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * `static` is loaded with the file, `dynamic` when its line runs (`import()`, a worker), `type` never.
 * `target` is a path such as `src/text/corpus.ts`, or a package's name.
 */
export type Import = { target: string; line: number; kind: 'static' | 'type' | 'dynamic' }
export type ImportGraph = Map<string, Import[]>

/** Imports of one source text that stands at `file`. */
export function readImports(source: string, file: string): Import[] {
  const found: Import[] = []
  const add = (specifier: string, start: number, kind: Import['kind']) =>
    found.push({ target: resolve(specifier, file), line: source.slice(0, start).split('\n').length, kind })
  visit(parseAst(source, { lang: 'ts' }), (node) => {
    const from = literal(node.source)
    if (node.type === 'ImportExpression') {
      if (from !== undefined) add(from, node.start, 'dynamic')
    } else if (from !== undefined) {
      add(from, node.start, node.importKind === 'type' || node.exportKind === 'type' ? 'type' : 'static')
    } else if (node.type === 'NewExpression' && node.callee?.name === 'URL') {
      const path = literal(node.arguments?.[0])
      if (path?.endsWith('.ts') || path?.endsWith('.js')) add(path, node.start, 'dynamic')
    }
  })
  return found
}

/** The imports of every file of src/ that ships: tests may know anyone. */
export function importGraph(): ImportGraph {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map(
    (file) => `src/${file.split(sep).join('/')}`,
  )
  const shipped = files.filter((file) => /\.(ts|js)$/.test(file) && !/\.(test|contract)\.ts$/.test(file)).sort()
  return new Map(shipped.map((file) => [file, readImports(readFileSync(join(root, file), 'utf8'), file)]))
}

/** The shortest chain of imports from `start` to a file that `isGoal` takes, or undefined. */
export function shortestPath(
  graph: ImportGraph,
  start: string,
  isGoal: (target: string) => boolean,
  follows: (edge: Import) => boolean,
): string[] | undefined {
  const paths = [[start]]
  const seen = new Set([start])
  for (const path of paths) {
    for (const edge of graph.get(path[path.length - 1]) ?? []) {
      if (!follows(edge)) continue
      if (isGoal(edge.target)) return [...path, edge.target]
      if (seen.has(edge.target)) continue
      seen.add(edge.target)
      paths.push([...path, edge.target])
    }
  }
  return undefined
}

type Node = {
  type: string
  start: number
  source?: unknown
  importKind?: string
  exportKind?: string
  callee?: { name?: string }
  arguments?: unknown[]
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return
  if ('type' in value && 'start' in value) see(value as Node)
  for (const child of Object.values(value)) visit(child, see)
}

function literal(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null || !('value' in node)) return undefined
  return typeof node.value === 'string' ? node.value : undefined
}

function resolve(specifier: string, file: string): string {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(file), specifier)
    const source = path.replace(/\.js$/, '.ts') // a process or a worker starts from the built file
    return existsSync(join(root, source)) ? source : path
  }
  const depth = specifier.startsWith('@') ? 2 : 1
  return specifier.split('/').slice(0, depth).join('/')
}

import { describe, expect, it } from 'vitest'
import { type Import, importGraph, readImports, shortestPath } from './imports.ts'
import { farApart, guardedPackages, known, roomOf, rooms } from './rooms.ts'

const graph = importGraph()
const edges = Array.from(graph, ([file, imports]) => imports.map((edge) => ({ file, ...edge }))).flat()
const isSource = (target: string) => target.startsWith('src/')
const loads = ({ kind }: Import) => kind === 'static'
const runs = ({ kind }: Import) => kind !== 'type'

describe('rooms', () => {
  it('are all in the table', () => {
    const strangers = [...graph.keys()].filter((file) => file !== 'src/errors.ts' && !(roomOf(file) in rooms))
    expect(strangers, 'a new room needs a line in test/house/rooms.ts').toEqual([])
  })

  it('import only the rooms they may know', () => {
    const wrong = edges
      .filter(({ target }) => isSource(target) && target !== 'src/errors.ts')
      .filter(({ file, target }) => file === 'src/errors.ts' || !known(roomOf(file)).has(roomOf(target)))
      .map(
        ({ file, line, target }) => `${file}:${line} imports ${target}; ${roomOf(file)} may know: ${list(known(roomOf(file)))}`,
      )
    expect(wrong, 'hand the thing in as an argument, or move it to a room that both may know (test/house/rooms.ts)').toEqual([])
  })

  it('name no room below themselves', () => {
    const circular = Object.keys(rooms).filter((room) => rooms[room].some((above) => known(above).has(room)))
    expect(circular).toEqual([])
  })
})

describe('files', () => {
  it('import files that exist, by their .ts names', () => {
    const missing = edges.filter(({ target }) => isSource(target) && !graph.has(target))
    expect(missing.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([])
  })

  it('form no cycle', () => {
    const cycles = [...graph.keys()].map((file) => shortestPath(graph, file, (target) => target === file, loads))
    expect(
      cycles.filter((cycle) => cycle !== undefined).map((cycle) => cycle.join(' → ')),
      'move what both need into a third file; `import type` is free',
    ).toEqual([])
  })

  it('leave guarded packages to the files that guard them', () => {
    const wrong = edges.filter(({ file, target }) => target in guardedPackages && !guardedPackages[target].test(file))
    expect(wrong.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([])
  })

  it.each(farApart.map((rule) => [`${rule.from.source} and ${rule.to.source}`, rule] as const))('keep %s apart', (_, rule) => {
    const follows = rule.lazily ? loads : runs
    const paths = [...graph.keys()]
      .filter((file) => rule.from.test(file))
      .map((file) => shortestPath(graph, file, (target) => rule.to.test(target), follows))
    expect(
      paths.filter((path) => path !== undefined).map((path) => path.join(' → ')),
      rule.because,
    ).toEqual([])
  })
})

describe('the import reader', () => {
  const source = [
    `/** import { a } from './comment.ts' */`,
    `import { a } from './a.ts'`,
    `import type { B } from '../text/b.ts'`,
    `import 'node:fs'`,
    `export {`,
    `  c,`,
    `} from './c.ts'`,
    `export type { D } from './d.ts'`,
    `export * from '@scope/name/part'`,
    `const text = "import x from './string.ts'"`,
    `const later = async () => import('./later.ts')`,
    `new Worker(new URL('./worker.ts', import.meta.url))`,
  ].join('\n')

  it('sees every form of import, and neither comments nor strings', () => {
    expect(readImports(source, 'src/formats/x.ts')).toEqual([
      { target: 'src/formats/a.ts', line: 2, kind: 'static' },
      { target: 'src/text/b.ts', line: 3, kind: 'type' },
      { target: 'node:fs', line: 4, kind: 'static' },
      { target: 'src/formats/c.ts', line: 5, kind: 'static' },
      { target: 'src/formats/d.ts', line: 8, kind: 'type' },
      { target: '@scope/name', line: 9, kind: 'static' },
      { target: 'src/formats/later.ts', line: 11, kind: 'dynamic' },
      { target: 'src/formats/worker.ts', line: 12, kind: 'dynamic' },
    ])
  })

  it('finds the shortest chain and honours the kind of import', () => {
    const edge = (target: string, kind: Import['kind'] = 'static'): Import => ({ target, line: 1, kind })
    const small = new Map([
      ['a', [edge('b'), edge('c', 'dynamic')]],
      ['b', [edge('d')]],
      ['c', [edge('goal')]],
      ['d', [edge('goal')]],
    ])
    const toGoal = (target: string) => target === 'goal'
    expect(shortestPath(small, 'a', toGoal, runs)).toEqual(['a', 'c', 'goal'])
    expect(shortestPath(small, 'a', toGoal, loads)).toEqual(['a', 'b', 'd', 'goal'])
    expect(shortestPath(small, 'goal', toGoal, runs)).toBeUndefined()
  })
})

const list = (names: Set<string>) => [...names].join(', ')

/** The imports of src/, read from its text. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** `static` is loaded with the file, `type` only exists for the compiler, `dynamic` is loaded when its line runs. */
export type Import = { specifier: string; line: number; kind: 'static' | 'type' | 'dynamic' }

const FROM = /^[ \t]*(?:import|export)\b(\s+type\b)?[^'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm
const BARE = /^[ \t]*import\s*()['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*()['"]([^'"]+)['"]\s*\)/g
const WORKER = /\bnew URL\(\s*()['"](\.[^'"]+\.ts)['"],\s*import\.meta\.url/g

/** Every import of a source text, in the order of its kinds. Comments that begin a line hide what they hold. */
export function readImports(source: string): Import[] {
  const code = source.replace(/^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*)/gm, (comment) => comment.replace(/[^\n]/g, ' '))
  const all = (pattern: RegExp, kind: Import['kind']) =>
    Array.from(code.matchAll(pattern), ([statement, isType, specifier], i): Import & { i: number } => ({
      specifier,
      line: 0,
      kind: isType?.trim() ? 'type' : kind,
      i,
    }))
  return [...all(FROM, 'static'), ...all(BARE, 'static'), ...all(DYNAMIC, 'dynamic'), ...all(WORKER, 'dynamic')]
}

/** The folder of a comparison: `report.json`, `report.md`, `predictions/NAME.jsonl`, and a model folder for each contestant. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { removeLeftovers, writeFileAtomic } from '../formats/atomic.ts'
import { fileError } from '../formats/file-error.ts'
import { readJson } from '../models/model-config.ts'
import { type AnyComparison, markdownReport } from './report.ts'

const REPORT = 'report.json'

/**
 * Makes the folder, or takes that of an earlier comparison over.
 *
 * @throws DataError where it holds anything else, or the system refuses
 */
export async function prepareFolder(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true })
    await removeLeftovers(out)
    const entries = await readdir(out)
    if (entries.length > 0 && !(await isComparison(out))) {
      throw new DataError({
        place: out,
        rule: 'a comparison goes into a new or empty folder, or replaces an earlier comparison',
        got: `a folder that holds ${entries.slice(0, 5).join(', ')}${entries.length > 5 ? ', …' : ''}`,
        hint: 'name another folder with --out',
      })
    }
    await mkdir(join(out, 'predictions'), { recursive: true })
  } catch (error) {
    throw fileError(out, error)
  }
}

async function isComparison(folder: string): Promise<boolean> {
  const report = await readJson(join(folder, REPORT)).catch(() => undefined)
  return typeof report === 'object' && report !== null && 'task' in report && 'rows' in report
}

/** Writes the report as far as the comparison has come. */
export async function writeReport(comparison: AnyComparison): Promise<void> {
  await writeFileAtomic(join(comparison.out, 'report.md'), markdownReport(comparison))
  await writeFileAtomic(join(comparison.out, REPORT), `${JSON.stringify(comparison, null, 2)}\n`)
}

/** Writes what a contestant said to each test text, beside the truth, a line of JSON each; returns the path. */
export async function writePredictions(out: string, model: string, lines: Iterable<object>): Promise<string> {
  const path = join(out, 'predictions', `${model}.jsonl`)
  async function* bytes() {
    for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`)
  }
  await writeFileAtomic(path, bytes())
  return path
}

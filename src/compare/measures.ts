/** What a contestant's process measures of itself. */
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile } from '../evaluation/quantile.ts'

const WARM_UP_TEXTS = 10
const TIMED_TEXTS = 300
const TIMING_MS = 10_000

/** Texts alone, one after another, once the code is warm: what somebody waits who sends one text. In milliseconds. */
export async function medianLatency(all: readonly string[], answer: (text: string) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  const texts = all.slice(0, TIMED_TEXTS)
  for (let i = 0; i < WARM_UP_TEXTS; i++) await answer(texts[i % texts.length])
  const end = performance.now() + TIMING_MS
  for (const text of texts) {
    const start = performance.now()
    await answer(text)
    times.push(performance.now() - start)
    if (performance.now() > end) break
  }
  return quantile(times, 0.5)
}

export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/**
 * Most memory this process ever held. Linux passes `ru_maxrss` on from the parent to the child, however small that is; the high-water
 * mark of its own memory is in /proc.
 */
export function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!
  return Number(kilobytes) * 1024
}

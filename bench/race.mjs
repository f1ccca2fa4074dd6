/** What the races against PyTorch share: a twin process, turns, medians, peak memory. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const THREADS = 2
const TURNS = { rounds: 12, steps: 8 }

async function timed(step, n) {
  const times = []
  for (let i = 0; i < n; i++) {
    const start = performance.now()
    await step()
    times.push(performance.now() - start)
  }
  return times
}

/** PyTorch's twin: asked for n steps, it answers their times. */
function torch(twin, mode, compiled, size) {
  const args = Object.entries({ threads: THREADS, ...size }).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const script = fileURLToPath(new URL(twin, import.meta.url))
  const child = spawn(process.env.PYTHON ?? 'python3', [script, '--mode', mode, ...(compiled ? ['--compile'] : []), ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value)
  let peak = 0
  return {
    started: answer(),
    run: async (n) => {
      child.stdin.write(`run ${n}\n`)
      const { stepMs, peakBytes } = await answer()
      peak = peakBytes
      return stepMs
    },
    peakBytes: () => peak,
    end: () => child.stdin.end(),
  }
}

/** Threads of the last one to run may still spin, and would take the next one's time. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 400))

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const peakBytes = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024

/**
 * One race, in turns of a few steps: ours, eager, compiled.
 *
 * @param ours  takes one step
 * @param twin  the script of PyTorch's side; `size` are its options
 */
export async function race(title, ours, twin, mode, size, { rounds, steps } = TURNS) {
  const peers = { eager: torch(twin, mode, false, size), compiled: torch(twin, mode, true, size) }
  const times = { ours: [], eager: [], compiled: [] }
  for (const { started } of Object.values(peers)) await started
  await timed(ours, 3)
  for (const peer of Object.values(peers)) await peer.run(3)
  for (let round = 0; round < rounds; round++) {
    times.ours.push(...(await timed(ours, steps)))
    await settle()
    for (const [name, peer] of Object.entries(peers)) {
      times[name].push(...(await peer.run(steps)))
      await settle()
    }
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
  const ratio = Math.min(medians.eager, medians.compiled) / medians.ours
  const shown = Object.entries(medians).map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
  const memory = { ours: peakBytes(), eager: peers.eager.peakBytes(), compiled: peers.compiled.peakBytes() }
  const peaks = Object.entries(memory).map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(0)}`)
  console.log(`${title}: ms a step: ${shown.join(', ')}; ratio ${ratio.toFixed(2)}; peak MB ${peaks.join(', ')}`)
  for (const peer of Object.values(peers)) peer.end()
}

/** Runs a benchmark's own file again for each argument list, as a process each: its peak memory is its own. */
export async function eachAlone(file, lists) {
  for (const args of lists) {
    const child = spawn(process.execPath, [fileURLToPath(file), ...args.map(String)], { stdio: 'inherit' })
    await new Promise((resolve) => child.on('exit', resolve))
  }
}

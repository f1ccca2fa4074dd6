/** Numbers as a reader wants them: three figures at most, always with their unit. */

/** `38 µs`, `4.2 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (milliseconds < 0.9995) return `${figures(milliseconds * 1000)} µs`
  if (milliseconds < 999.5) return `${figures(milliseconds)} ms`
  if (seconds < 60) return `${figures(milliseconds / 1000)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return joined([Math.floor(seconds / 60), 'min'], [seconds % 60, 's'])
  return joined([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min'])
}

/** `512 B`, `3.4 KB`, `128 MB`: powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  while (value >= 999.5 && units.length > 1) {
    value /= 1000
    units.shift()
  }
  return `${figures(value)} ${units[0]}`
}

/** `79.4 %`, or `79.4 % [76.8–81.9]` with the bounds of an interval. All are shares in [0, 1]. */
export function formatPercent(share: number, interval?: { low: number; high: number }): string {
  const percent = (value: number) => (value * 100).toFixed(1)
  return `${percent(share)} %${interval ? ` [${percent(interval.low)}–${percent(interval.high)}]` : ''}`
}

/** `12,345`. */
export const formatCount = (count: number) => count.toLocaleString('en-US')

/** One decimal below ten, none above. */
const figures = (value: number) => String(value < 9.95 ? Number(value.toFixed(1)) : Math.round(value))

const joined = (...parts: [amount: number, unit: string][]) =>
  parts
    .filter(([amount], i) => i === 0 || amount > 0)
    .map((part) => part.join(' '))
    .join(' ')

import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatPercent } from './format.ts'

describe('human numbers', () => {
  it.each([
    [0, '0 µs'],
    [0.038, '38 µs'],
    [0.9994, '999 µs'],
    [0.9996, '1 ms'],
    [4.24, '4.2 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [12_345, '12 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_700, '1 h'],
    [7_500_000, '2 h 5 min'],
  ])('%f milliseconds are %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [3_440, '3.4 KB'],
    [999_600, '1 MB'],
    [128_000_000, '128 MB'],
    [5e15, '5000 TB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('shows percentages with their interval, and counts in groups of three', () => {
    expect(formatPercent(0.794)).toBe('79.4 %')
    expect(formatPercent(0.794, { low: 0.768, high: 0.8194 })).toBe('79.4 % [76.8–81.9]')
    expect(formatPercent(1, { low: 1, high: 1 })).toBe('100.0 % [100.0–100.0]')
    expect(formatCount(1_234_567)).toBe('1,234,567')
  })
})

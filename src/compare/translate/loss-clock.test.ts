import { describe, expect, it } from 'vitest'
import { equalLoss, LossClock, secondsToLoss } from './loss-clock.ts'

const points = (...losses: number[]) => losses.map((loss, i) => ({ step: i, seconds: 10 * (i + 1), loss }))

describe('time to a loss', () => {
  it('lies between two evaluations in proportion', () => {
    expect(secondsToLoss(points(4, 3, 1), 2)).toBe(25)
    expect(secondsToLoss(points(4, 3, 1), 3)).toBe(20)
  })

  it('is that of the first evaluation where it was reached before, and none where it never was', () => {
    expect(secondsToLoss(points(4, 3), 5)).toBe(10)
    expect(secondsToLoss(points(4, 3), 2)).toBeUndefined()
    expect(secondsToLoss([], 2)).toBeUndefined()
  })

  it('is asked for the lowest loss of the curve that stayed highest', () => {
    const curves = [points(5, 2, 4), points(3, 2.5, 3), points(9, 1)]
    expect(equalLoss(curves)).toBe(2.5)
    expect(curves.map((curve) => secondsToLoss(curve, equalLoss(curves)))).toEqual([
      expect.closeTo(18.33, 2),
      20,
      expect.closeTo(18.13, 2),
    ])
  })
})

describe('the clock of a training', () => {
  it('leaves out evaluations, and counts the first step', () => {
    let now = 1000
    const clock = new LossClock(() => now)
    // 8 examples a step, a step a second, an evaluation of 5 seconds after every second step
    let elapsed = 0
    for (let step = 1; step <= 4; step++) {
      elapsed += 1
      now += 1000
      const etaSeconds = (elapsed / step) * (4 - step)
      clock.hear({
        type: 'step',
        step,
        steps: 4,
        loss: 1,
        learningRate: 1,
        gradientNorm: 1,
        examplesPerSecond: (8 * step) / elapsed,
        etaSeconds,
      })
      if (step % 2 === 1) continue
      elapsed += 5
      now += 5000
      clock.hear({ type: 'evaluation', step, steps: 4, metrics: { loss: 4 - step }, best: true })
    }
    expect(clock.curve).toEqual([
      { step: 2, seconds: 2, loss: 2 },
      { step: 4, seconds: 4, loss: 0 },
    ])
    expect(clock.seconds).toBeCloseTo(4)
    expect(clock.examplesPerSecond).toBeCloseTo(8)
  })

  it('knows nothing before there was a step', () => {
    expect(new LossClock().examplesPerSecond).toBeUndefined()
  })
})

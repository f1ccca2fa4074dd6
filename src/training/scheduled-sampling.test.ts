import { expect, it } from 'vitest'
import { teacherForcing } from './scheduled-sampling.ts'

const STEPS = 101
const curve = (decay: 'linear' | 'inverse-sigmoid', final: number) =>
  Array.from({ length: STEPS }, (_, step) => teacherForcing({ decay, final }, step, STEPS))

it('falls along a line from 1 to the final probability', () => {
  const line = curve('linear', 0.25)
  expect([line[0], line[50], line[100]]).toEqual([1, 0.625, 0.25])
})

it('falls along an inverse sigmoid, fastest in the middle', () => {
  const sigmoid = curve('inverse-sigmoid', 0.5)
  expect(sigmoid[0]).toBeCloseTo(1, 2)
  expect(sigmoid[50]).toBe(0.75)
  expect(sigmoid[100]).toBeCloseTo(0.5, 2)
  const falls = sigmoid.slice(1).map((p, i) => sigmoid[i] - p)
  expect(falls.indexOf(Math.max(...falls))).toBeCloseTo(50, -1)
  expect(Math.min(...falls)).toBeGreaterThan(0)
})

import { LoquentError } from '../errors.ts'

/** A training was asked to stop. What it had reached is saved, where it had a place to save to. */
export class Interrupted extends LoquentError {
  constructor(step: number, out: string | undefined) {
    super('interrupted', {
      place: 'training',
      rule: `stopped after step ${step}`,
      hint: out ? `go on with --resume --out ${out}` : undefined,
    })
  }
}

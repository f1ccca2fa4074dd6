import { DataError } from '../errors.ts'

/**
 * Where a translation is, but for white space at its ends, one of its references: 1, elsewhere 0. The mean is the share of exact matches.
 *
 * @param references  whole translations of the test set, one list each
 * @throws DataError where hypotheses and references do not pair
 */
export function exactMatches(hypotheses: readonly string[], references: readonly (readonly string[])[]): number[] {
  for (const list of references) {
    if (list.length === hypotheses.length) continue
    const got = `${hypotheses.length} hypotheses, ${list.length} references`
    throw new DataError({ place: 'exact match', rule: 'needs a reference for each hypothesis', got })
  }
  return hypotheses.map((text, i) => Number(references.some((list) => list[i]!.trim() === text.trim())))
}

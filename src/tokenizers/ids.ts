import { DataError } from '../errors.ts'

/** @throws DataError for an id outside a vocabulary */
export function checkId(id: number, vocabSize: number): number {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return id
  throw new DataError({
    place: 'tokenizer',
    rule: `ids must be whole numbers from 0 to ${vocabSize - 1}`,
    got: `${id}`,
    hint: 'decode with the tokenizer that belongs to the model',
  })
}

import type { Tensor } from '../tensor/index.ts'

/**
 * A row of the table for each id.
 *
 * @param table  [V, C]
 * @param ids  i32 [...], from 0 to V − 1
 * @returns  [..., C]
 */
export const embedding = (table: Tensor<'V C'>, ids: Tensor): Tensor => table.gather(ids)

/** How much of a source was read. */
export type Cut = { tokens: number; read: number }

/**
 * Leaves out what a model does not read of a source that is too long: the end of the text, but not the tokens that stand behind every text.
 *
 * @param around  the tokens of an empty text
 */
export function cutSource(ids: Int32Array, around: Int32Array, most: number): { ids: Int32Array; cut: Cut } {
  let behind = 0
  while (behind < Math.min(around.length, most) && around.at(-1 - behind) === ids.at(-1 - behind)) behind++
  const cut = Int32Array.of(...ids.subarray(0, most - behind), ...ids.subarray(ids.length - behind))
  return { ids: cut, cut: { tokens: ids.length, read: most } }
}

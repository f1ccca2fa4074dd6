import { FormatError } from '../errors.ts'

/** The characters of 0x80 to 0x9F; a space where there is none. Everything else stands where Unicode has it. */
const HIGH_CONTROLS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

/**
 * Windows-1252, and Latin-1 as all of the web reads it. Node's own decoder of that name leaves 0x80 to 0x9F as control characters
 * in some versions.
 *
 * @throws FormatError for the five bytes that mean nothing
 */
export async function* decodeWindows1252(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<string, void, undefined> {
  let offset = 0
  for await (const chunk of chunks) {
    yield windows1252(chunk, (at) => {
      const hex = chunk[at]!.toString(16).toUpperCase()
      return new FormatError({
        place: `${name}: byte ${offset + at}`,
        rule: 'text must be valid WINDOWS-1252',
        got: `the byte 0x${hex}, which means nothing there`,
        hint: 'check the encoding, or save the file as UTF-8',
      })
    })
    offset += chunk.length
  }
}

/** @param refuse  the error for a byte that means nothing, at its index */
export function windows1252(bytes: Buffer, refuse: (index: number) => Error): string {
  return bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (control: string, index: number) => {
    const character = HIGH_CONTROLS[control.charCodeAt(0) - 0x80]!
    if (character === ' ') throw refuse(index)
    return character
  })
}

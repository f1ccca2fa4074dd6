/** Files that people hand in where text is asked for, by their first bytes. */
type BinaryKind = { name: string; hint: string }

const UNPACK = 'unpack it first'
const EXPORT_TEXT = 'export its text first'
const EXPORT_TABLE = 'export the table as CSV or JSON lines'

const KINDS: [magic: string, name: string, hint: string][] = [
  ['PK\x03\x04', 'a zip archive (.xlsx, .docx and .npz are such too)', 'unpack it, or save the sheet as CSV'],
  ['\x1f\x8b', 'gzip inside a compressed file', UNPACK],
  ['\x28\xb5\x2f\xfd', 'a zstd archive', UNPACK],
  ['BZh91AY&SY', 'bzip2 inside a compressed file', UNPACK],
  ['\xfd7zXZ\0', 'an xz archive', UNPACK],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', UNPACK],
  ['Rar!\x1a\x07', 'a rar archive', UNPACK],
  ['%PDF-', 'a PDF', EXPORT_TEXT],
  ['\xd0\xcf\x11\xe0', 'an old Office file (.xls, .doc)', 'save it as CSV or plain text'],
  ['PAR1\x15', 'a Parquet file', 'name the file .parquet'],
  ['ARROW1\0', 'an Arrow file', EXPORT_TABLE],
  ['SQLite format 3\0', 'an SQLite database', EXPORT_TABLE],
  ['\x89HDF\r\n', 'an HDF5 file', EXPORT_TABLE],
  ['\x80\x04\x95', 'a Python pickle', EXPORT_TABLE],
  ['GGUF\x03\0', 'a GGUF model', 'name a text file; a model goes where a model is asked for'],
  ['\x89PNG', 'a PNG image', EXPORT_TEXT],
  ['\xff\xd8\xff', 'a JPEG image', EXPORT_TEXT],
  ['GIF87a', 'a GIF image', EXPORT_TEXT],
  ['GIF89a', 'a GIF image', EXPORT_TEXT],
  ['\x7fELF', 'a program (ELF)', 'name a text file'],
]

/** How many first bytes `binaryKind` looks at. */
export const MAGIC_BYTES = Math.max(...KINDS.map(([magic]) => magic.length))

/** What a file looks like by its first bytes; undefined where it may be text. */
export function binaryKind(head: Buffer): BinaryKind | undefined {
  const first = head.toString('latin1')
  const kind = KINDS.find(([magic]) => first.startsWith(magic))
  return kind && { name: kind[1], hint: kind[2] }
}

/** Cutting where the script changes, as SentencePiece's training does; Japanese syllables count as Han. */
import { unitsAt } from '../aligned.ts'
import { hasScript } from '../characters.ts'
import type { Cut } from './step.ts'

const NAMES = [
  'Adlam', 'Caucasian_Albanian', 'Ahom', 'Anatolian_Hieroglyphs', 'Arabic', 'Armenian', 'Avestan', 'Balinese', 'Bamum', 'Bassa_Vah', 'Batak',
  'Bengali', 'Bhaiksuki', 'Bopomofo', 'Brahmi', 'Braille', 'Buginese', 'Buhid', 'Canadian_Aboriginal', 'Carian', 'Chakma', 'Cham',
  'Cherokee', 'Common', 'Coptic', 'Cuneiform', 'Cypriot', 'Cyrillic', 'Deseret', 'Devanagari', 'Duployan', 'Egyptian_Hieroglyphs', 'Elbasan',
  'Ethiopic', 'Georgian', 'Glagolitic', 'Gothic', 'Grantha', 'Greek', 'Gujarati', 'Gurmukhi', 'Han', 'Hangul', 'Hanunoo', 'Hatran', 'Hebrew',
  'Hiragana', 'Imperial_Aramaic', 'Inherited', 'Inscriptional_Pahlavi', 'Inscriptional_Parthian', 'Javanese', 'Kaithi', 'Kannada', 'Katakana',
  'Kayah_Li', 'Kharoshthi', 'Khmer', 'Khojki', 'Khudawadi', 'Lao', 'Latin', 'Lepcha', 'Limbu', 'Linear_A', 'Linear_B', 'Lisu', 'Lycian',
  'Lydian', 'Mahajani', 'Malayalam', 'Mandaic', 'Manichaean', 'Marchen', 'Meetei_Mayek', 'Mende_Kikakui', 'Meroitic_Cursive',
  'Meroitic_Hieroglyphs', 'Miao', 'Modi', 'Mongolian', 'Mro', 'Multani', 'Myanmar', 'Nabataean', 'New_Tai_Lue', 'Newa', 'Nko', 'Ogham',
  'Ol_Chiki', 'Old_Hungarian', 'Old_Italic', 'Old_North_Arabian', 'Old_Permic', 'Old_Persian', 'Old_South_Arabian', 'Old_Turkic', 'Oriya',
  'Osage', 'Osmanya', 'Pahawh_Hmong', 'Palmyrene', 'Pau_Cin_Hau', 'Phags_Pa', 'Phoenician', 'Psalter_Pahlavi', 'Rejang', 'Runic',
  'Samaritan', 'Saurashtra', 'Sharada', 'Shavian', 'Siddham', 'SignWriting', 'Sinhala', 'Sora_Sompeng', 'Sundanese', 'Syloti_Nagri', 'Syriac',
  'Tagalog', 'Tagbanwa', 'Tai_Le', 'Tai_Tham', 'Tai_Viet', 'Takri', 'Tamil', 'Tangut', 'Telugu', 'Thaana', 'Thai', 'Tibetan', 'Tifinagh',
  'Tirhuta', 'Ugaritic', 'Vai', 'Warang_Citi', 'Yi',
] // biome-ignore format: a list of names

const PROLONGED_SOUND = 0x30fc

const known = new Map<number, string>()

/** The script of a character; '' for what goes with any: spaces, and characters of scripts that came later. */
function scriptOf(codePoint: number): string {
  if (codePoint === PROLONGED_SOUND) return 'Han'
  let script = known.get(codePoint)
  if (script === undefined) {
    const character = String.fromCodePoint(codePoint)
    script = hasScript(character) ? scriptNamed(character) : ''
    if (script === 'Hiragana' || script === 'Katakana') script = 'Han'
    known.set(codePoint, script)
  }
  return script
}

const scriptNamed = (character: string): string => scripts().find(({ regex }) => regex.test(character))?.name ?? ''

let regexes: { name: string; regex: RegExp }[] | undefined
const scripts = () => (regexes ??= NAMES.map((name) => ({ name, regex: new RegExp(`^\\p{Script=${name}}$`, 'u') })))

/** What stands before the first character with a script is left out, as the reference leaves it out. */
export const unicodeScripts: Cut = {
  kind: 'cut',
  of(text) {
    const borders: number[] = []
    let last: string | undefined
    for (let at = 0; at < text.length; at += unitsAt(text, at)) {
      const script = scriptOf(text.codePointAt(at)!)
      if (script === '') continue
      if (script !== last && last !== '') borders.push(at)
      last = script
    }
    return borders.map((start, i) => [start, borders[i + 1] ?? text.length])
  },
}

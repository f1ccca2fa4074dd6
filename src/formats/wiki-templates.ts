/** Templates are left out, but for a few that only format the words handed to them, in the wikis that share their names. */
const SHOWN = new Map<string, (args: string[]) => string>(
  Object.entries({
    lang: (args: string[]) => args[1] ?? '',
    transl: (args: string[]) => args.at(-1) ?? '',
    transliteration: (args: string[]) => args.at(-1) ?? '',
    nowrap: (args: string[]) => args[0] ?? '',
    nobr: (args: string[]) => args[0] ?? '',
    small: (args: string[]) => args[0] ?? '',
    abbr: (args: string[]) => args[0] ?? '',
    sic: (args: string[]) => args[0] ?? '',
    convert: ([number = '', unit = '']: string[]) => `${number} ${unit}`,
    cvt: ([number = '', unit = '']: string[]) => `${number} ${unit}`,
    nbsp: () => ' ',
    snd: () => ' – ',
    ndash: () => '–',
    mdash: () => '—',
    '!': () => '|',
  }),
)

/** @param content  what stands between the braces, without markup */
export function shownByTemplate(content: string): string {
  const [name = '', ...args] = content.split('|')
  const shown = SHOWN.get(name.trim().toLowerCase())
  if (shown === undefined) return ''
  return shown(args.filter((arg) => !/^\s*[\w-]+\s*=/.test(arg)).map((arg) => arg.trim()))
}

/** Lower-case names of the namespaces whose links show nothing where they stand: files and categories, in the wiki's language. */
export type Namespaces = ReadonlySet<string>

/** The names that every wiki understands, and older ones of large wikis that a dump does not list. */
const EVERYWHERE: Namespaces = new Set(
  'file image media category bild datei kategorie fichier imagen archivo immagine imagem ficheiro afbeelding bestand файл изображение plik grafika fil'.split(
    ' ',
  ),
)

/** Two or three letters, but no language. */
const OTHER_WIKIS = new Set(['mw', 'voy', 'doi', 'hdl', 'rfc', 'irc'])

/** Whether a link is a picture, a category, or the same article in another language. One that begins with a colon never is. */
export function isHiddenLink(target: string, namespaces: Namespaces = EVERYWHERE): boolean {
  const colon = target.indexOf(':')
  if (colon < 1) return false
  const prefix = target.slice(0, colon).trim()
  const name = prefix.toLowerCase()
  if (EVERYWHERE.has(name) || namespaces.has(name)) return true
  return /^(?:[a-z]{2,3}(?:-[a-z]{2,10})*|simple)$/.test(prefix) && !OTHER_WIKIS.has(prefix)
}

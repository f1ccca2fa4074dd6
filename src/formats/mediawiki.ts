/**
 * Articles of a MediaWiki dump (pages-articles.xml), as a stream. A page is found by its element, as nothing in a page's text can look
 * like one: `<` is written `&lt;` there.
 */
import { FormatError } from '../errors.ts'
import { decodeEntities } from './entities.ts'
import type { RecordRow, RecordStream } from './record.ts'
import type { Namespaces } from './wiki-links.ts'
import { plainText } from './wikitext.ts'

/** Longest page, in characters of XML; MediaWiki's own limit for a text is 2 MiB. */
const MAX_PAGE_LENGTH = 64 * 2 ** 20
const PAGE = '<page>'
const PAGE_END = '</page>'

/**
 * The articles of a dump (namespace 0, no redirects), with the columns 'title' and 'text', which is plain. A record's `line` is which page
 * of the dump it is, counted from 1.
 *
 * @throws FormatError for other XML, for a dump that ends early, and for pages with their history beyond MAX_PAGE_LENGTH
 */
export function mediawikiRecords(text: AsyncIterable<string>, name: string): RecordStream {
  async function* records(): AsyncGenerator<RecordRow, void, undefined> {
    let page = 0
    let namespaces: Namespaces | undefined
    for await (const xml of pages(text, name)) {
      if (page === 0 && !xml.startsWith(PAGE)) {
        namespaces = hiddenNamespaces(xml)
        continue
      }
      page++
      const article = articleOf(xml)
      if (article === undefined) continue
      yield { line: page, fields: { title: article.title, text: plainText(article.markup, namespaces) } }
    }
  }
  return { columns: ['title', 'text'], records: records() }
}

/** What stands before the first page, then every page from its start to its end. */
async function* pages(text: AsyncIterable<string>, name: string): AsyncGenerator<string, void, undefined> {
  let mark = PAGE // the end of what is being read
  let pending = '' // appended to but never searched, so that a long page costs linear time
  let tail = '' // what follows it, in which the mark may begin
  for await (const chunk of text) {
    tail += chunk
    for (let end = tail.indexOf(mark); end !== -1; end = tail.indexOf(mark)) {
      const part = pending + tail.slice(0, end)
      if (mark === PAGE && !isDump(part)) throw otherXml(name)
      yield part
      pending = ''
      tail = tail.slice(mark === PAGE ? end : end + mark.length)
      mark = PAGE_END
    }
    const kept = mark.length - 1
    pending += tail.slice(0, -kept)
    tail = tail.slice(-kept)
    if (pending.length > MAX_PAGE_LENGTH) throw mark === PAGE ? otherXml(name) : endlessPage(name)
  }
  const rest = pending + tail
  if (mark === PAGE && !isDump(rest)) throw otherXml(name)
  if (!rest.includes('</mediawiki>')) throw endsEarly(name)
}

const isDump = (start: string): boolean => /<mediawiki[\s>]/.test(start)

function articleOf(xml: string): { title: string; markup: string } | undefined {
  const head = xml.slice(0, xml.indexOf('<text'))
  if (/<redirect\b/.test(head) || elementOf(head, 'ns')?.trim() !== '0') return undefined
  const start = xml.lastIndexOf('<text') // of several revisions the newest is the last
  const open = xml.indexOf('>', start)
  const end = xml.indexOf('</text>', open)
  if (start === -1 || open === -1 || end === -1) return undefined // deleted texts are `<text … />`
  return { title: decodeEntities(elementOf(head, 'title') ?? ''), markup: unescaped(xml.slice(open + 1, end)) }
}

function elementOf(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  return start === -1 || end === -1 ? undefined : xml.slice(start + name.length + 2, end)
}

const XML_ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Only what XML itself escapes: `&amp;nbsp;` is the markup's `&nbsp;`. */
function unescaped(xml: string): string {
  if (!xml.includes('&')) return xml
  return xml.replace(/&(lt|gt|amp|quot|apos);|&#\w{1,8};/g, (whole, name) => XML_ENTITIES[name] ?? decodeEntities(whole))
}

/** The dump says what this wiki calls its files (6) and categories (14). */
function hiddenNamespaces(siteinfo: string): Namespaces {
  const names = [...siteinfo.matchAll(/<namespace key="(?:-2|6|14)"[^<>]*>([^<]*)</g)]
  return new Set(names.map((match) => decodeEntities(match[1]!).toLowerCase()))
}

function otherXml(name: string): FormatError {
  return new FormatError({
    place: name,
    rule: 'XML is read where it is a MediaWiki dump',
    got: 'no element <mediawiki> at the beginning',
    hint: 'dumps are named like enwiki-latest-pages-articles.xml.bz2; export other XML as CSV or JSON lines',
  })
}

function endlessPage(name: string): FormatError {
  return new FormatError({
    place: name,
    rule: `a page of a dump has at most ${MAX_PAGE_LENGTH} characters`,
    got: 'more without an end',
    hint: 'take the dump of current pages (pages-articles), not the one with their history',
  })
}

function endsEarly(name: string): FormatError {
  return new FormatError({
    place: name,
    rule: 'a MediaWiki dump ends with </mediawiki>',
    got: 'an end before that',
    hint: 'the download may be incomplete; of multistream dumps take the whole file',
  })
}

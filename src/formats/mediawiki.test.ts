import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { FormatError } from '../errors.ts'
import { mediawikiRecords } from './mediawiki.ts'
import { readText } from './text-stream.ts'

const HEAD = `<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="fi">
  <siteinfo><namespaces><namespace key="6" case="first-letter">Tiedosto</namespace><namespace key="0" case="first-letter" />
  </namespaces></siteinfo>`
const page = (title: string, text: string, extra = '<ns>0</ns>') =>
  `<page><title>${title}</title>${extra}<revision><id>1</id><text bytes="9" xml:space="preserve">${text}</text></revision></page>\n`
const TAIL = '</mediawiki>\n'

async function articles(xml: string, size = 2 ** 16): Promise<[number, string, string][]> {
  const chunks = Array.from({ length: Math.ceil(xml.length / size) }, (_, i) => xml.slice(i * size, (i + 1) * size))
  const found: [number, string, string][] = []
  for await (const { line, fields } of mediawikiRecords(readText(Readable.from(chunks)), 'dump.xml').records) {
    found.push([line, fields.title!, fields.text!])
  }
  return found
}

test('articles are the pages of namespace 0 that are no redirects', async () => {
  const xml =
    HEAD +
    page('Tom &amp; Jerry', "'''A''' &lt;ref&gt;x&lt;/ref&gt; &amp;amp;lt; &amp;nbsp;b &quot;c&quot; [[Tiedosto:x.jpg|y]]") +
    page('Talk:X', 'no', '<ns>1</ns>') +
    page('Old', '#REDIRECT [[New]]', '<ns>0</ns><redirect title="New" />') +
    '<page><title>Gone</title><ns>0</ns><revision><text bytes="0" deleted="deleted" /></revision></page>' +
    '<page><title>Two</title><ns>0</ns><revision><text>old</text></revision><revision><text>new</text></revision></page>' +
    TAIL
  const expected = [
    [1, 'Tom & Jerry', 'A &lt; \u00a0b "c"'],
    [5, 'Two', 'new'],
  ]
  for (const size of [1, 2, 5, 7, 64, 10_000]) expect(await articles(xml, size)).toEqual(expected)
})

test('a dump without pages has no articles', async () => {
  expect(await articles(HEAD + TAIL)).toEqual([])
})

test.each([
  ['other XML', '<?xml version="1.0"?><rss><page></page></rss>', /where it is a MediaWiki dump/],
  ['no XML', 'text '.repeat(1000), /where it is a MediaWiki dump/],
  ['a page cut off', HEAD + page('A', 'b').slice(0, -20), /ends with <\/mediawiki>/],
  ['pages without the end of the dump', HEAD + page('A', 'b'), /ends with <\/mediawiki>/],
])('%s is refused', async (_, xml, message) => {
  await expect(articles(xml)).rejects.toThrow(FormatError)
  await expect(articles(xml)).rejects.toThrow(message)
})

test('a page without an end is refused at the limit, in linear time', async () => {
  let pulled = 0
  async function* endless() {
    yield Buffer.from(`${HEAD}<page><title>`)
    for (; ; pulled++) yield Buffer.alloc(2 ** 16, '<pag ')
  }
  const read = async () => {
    for await (const _ of mediawikiRecords(readText(Readable.from(endless())), 'dump.xml').records);
  }
  await expect(read()).rejects.toThrow(/a page of a dump has at most/)
  expect(pulled).toBeLessThan(1200)
})

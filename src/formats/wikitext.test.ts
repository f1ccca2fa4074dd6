import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainText } from './wikitext.ts'

test('an article reads as its prose', () => {
  const markup = `{{Short description|Town}}
{{Infobox settlement
| name = Foo {{!}} Bar
| image = [[File:Foo.jpg|thumb|The [[church]]]]
| population = {{formatnum:1234}}<ref>{{cite web|url=http://x.org|title=X}}</ref>
}}
__NOTOC__
'''Foo''' ({{lang|de|Fuh}}; {{IPA|/fuː/}}) is a [[town]] in [[Bar (state)|Bar]],<ref name="a">See ''it''.</ref> of [[people]]s.<!-- a
comment -->

[[File:View.jpg|thumb|right|A view of [[Foo]] with [http://example.org a label]]]
== History ==
It was founded in&nbsp;1200&ndash;1210 by [https://example.org/a?b=c some ''monks''] and [http://example.org].<ref name=a />
* one
** two <br/>three
{| class="wikitable"
! A !! B
|-
| {{yes}} || [[x|y]]
{|
| nested
|}
|}
After the table, ''a''''''b''' {{convert|5|km|mi}} <nowiki>[[not a link]]</nowiki> <math>x^2</math> E=mc<sup>2</sup>.
[[Category:Towns]] [[de:Fuh]] [[:Category:Kept]]`
  expect(plainText(markup)).toBe(`Foo (Fuh) is a town in Bar, of peoples.

History
It was founded in\u00a01200–1210 by some monks and.
one
two
three

After the table, a'b 5 km [[not a link]] E=mc2.
Category:Kept`)
})

describe('malformed markup keeps its text', () => {
  test.each([
    ['an unclosed template', 'before {{infobox | a = b\n\nafter', 'before infobox | a = b\n\nafter'],
    ['an unclosed link', 'see [[the thing and {{x|[[y]]}} more', 'see the thing and more'],
    ['an unclosed table', 'before\n{| class=x\n|-\n| cell\nafter', 'before\nclass=x\nafter'],
    ['an unclosed reference', 'fact<ref>source', 'factsource'],
    ['an unclosed comment', 'text <!-- gone', 'text'],
    ['stray ends', 'a }} b ]] c |} d </ref> e ] f', 'a b c |} d e ] f'],
    ['a template that holds half a link', 'a {{x|[[y}} b', 'a b'],
    ['a table within a template', '{{x|\n{|\n| a\n|}}} b', 'b'],
    ['a template that ends with a bar', 'a {{x|b|}} c', 'a c'],
    ['a parameter with an empty default', 'a {{{x|}}} b {{{{{y}}}|z}} c', 'a b c'],
    ['an address with a bracket', '[[File:a.jpg|[http://x.org label]]] b', 'b'],
    ['an address over two lines', '[http://x.org a\nb] [[c]]', 'a\nb] c'],
    ['less and greater than', 'a < b and c > d, x<y', 'a < b and c > d, x<y'],
    ['entities that are none', '&foo; &#0; &#xD800; &#99999999; & &amp;', '&foo; &#0; &#xD800; &#99999999; & &'],
    ['nowiki that is not closed', 'a <nowiki>[[b]]', 'a b'],
    ['a heading of equal signs', '=====\n== a = b ==', '=====\na = b'],
    ['names that mean something to JavaScript', '{{constructor|a}}{{__proto__|b}}c', 'c'],
  ])('%s', (_, markup, text) => {
    expect(plainText(markup)).toBe(text)
  })
})

test('of spellings for several scripts the first is read', () => {
  expect(plainText('在-{zh-hans:计算机; zh-hant:電腦}-上-{用}--{A|zh-cn:a;zh-tw:b}-。')).toBe('在计算机上用。')
  expect(plainText('a -{b')).toBe('a -{b')
})

test('the namespaces of the wiki are known', () => {
  expect(plainText('a [[Tiedosto:x.jpg|thumb|b]] c', new Set(['tiedosto']))).toBe('a c')
  expect(plainText('a [[Tiedosto:x.jpg|b]] c')).toBe('a b c')
})

const PARTS = [
  '{{',
  '}}',
  '{{{',
  '}}}',
  '[[',
  ']]',
  '[http://a ',
  ']',
  '{|',
  '|}',
  '|',
  '\n',
  '<ref>',
  '</ref>',
  '<ref',
  '/>',
  '<!--',
  '-->',
]
const MORE = [
  '<nowiki>',
  '</nowiki>',
  "'''",
  '==',
  '&lt;',
  '*',
  'word ',
  'File:',
  ':',
  ' ',
  '(',
  ',',
  ')',
  '__TOC__',
  '\u0000',
  '<br>',
]

test('any mixture of marks gives text, never an error, and words outside stay', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PARTS, ...MORE), { maxLength: 60 }), (parts) => {
      const text = plainText(`prose ${parts.join('')}`)
      expect(text.startsWith('prose')).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('what is nested or repeated without end takes linear time', () => {
  // At quadratic cost each of these would take minutes.
  const count = 50_000
  for (const mark of [
    '{{',
    '[[',
    '{{{',
    '{{a|[[b|',
    '[http://a ',
    '<ref>',
    '<ref',
    "''",
    '\n{|',
    '[[a|',
    '(',
    '( ',
    '<!--',
    '=',
    '[[]',
    ' {|',
    '-{',
    '-{a|',
  ]) {
    plainText(mark.repeat(count))
  }
  for (const [open, close] of [
    ['{{a|', '}}'],
    ['[[a|b ', ']]'],
    ['[[', ']]'],
    ['\n{|\n|', '\n|}'],
    ['{{{a|', '}}}'],
    ['[[File:a|', ']]'],
    ['[[', '}}'],
    ['{{', ']]'],
    ['<nowiki>', '</ref>'],
  ]) {
    plainText(open!.repeat(count) + close!.repeat(count))
    plainText(`${open}${close}`.repeat(count))
  }
})

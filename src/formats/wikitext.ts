/**
 * Wiki markup → plain text: what a reader of the article's prose would read.
 *
 * Left out: templates, tables, references, files, categories, links to other languages, formulas, code listings, comments, magic words.
 * Kept without their marks: links, headings, lists, emphasis, HTML elements, nowiki. One pass with a stack of what is open, so that
 * any nesting takes linear time; what is opened and never closed loses its mark and keeps its text.
 */
import { decodeEntities } from './entities.ts'
import { isHiddenLink, type Namespaces } from './wiki-links.ts'
import { shownByTemplate } from './wiki-templates.ts'

type Frame = {
  kind: 'template' | 'parameter' | 'table' | 'link' | 'url'
  /** How many pieces of text there were when it opened. */
  at: number
  /** Of a link: how many there were at its first bar, or -1. */
  bar: number
}

/** Elements of which nothing is prose. */
const DROPPED = new Set(
  (
    'ref references gallery math chem ce timeline syntaxhighlight source score graph imagemap templatedata mapframe maplink hiero ' +
    'style script categorytree inputbox indicator'
  ).split(' '),
)
/** Elements whose content is not markup. */
const VERBATIM = new Set(['nowiki', 'pre'])
/** Elements that end a line. */
const BREAKS = new Set(['br', 'hr', 'p', 'div', 'li', 'tr', 'blockquote'])

/** What may mean something; everything between is text. */
const SPECIAL =
  /\{\{\{?|\}\}\}?|\{\||\|\}(?!\}(?!\}))|\[\[|\]\]?|\[(?:(?:https?|ftp|irc):\/\/|mailto:|\/\/)[^\s\]]*[ \t]*|\||<\/?[a-zA-Z][^<>]*>|\n/g

/** A link's target is shorter; what has more pieces before its bar is no link. */
const MOST_PIECES = 64

export function plainText(markup: string, namespaces?: Namespaces): string {
  return tidy(new Scanner(withoutVariants(withoutComments(markup)), namespaces).scan())
}

/** An unclosed comment goes to the end, as MediaWiki has it. */
function withoutComments(markup: string): string {
  const kept: string[] = []
  let from = 0
  for (let open = markup.indexOf('<!--'); open !== -1; open = markup.indexOf('<!--', from)) {
    kept.push(markup.slice(from, open))
    const close = markup.indexOf('-->', open + 4)
    if (close === -1) return kept.join('')
    from = close + 3
  }
  return kept.join('') + markup.slice(from)
}

/** Of the spellings of one word for several scripts, -{zh-hans:…; zh-hant:…}-, the first. Rules for a whole page, -{A|…}-, show nothing. */
function withoutVariants(markup: string): string {
  if (!markup.includes('-{')) return markup
  return markup.replace(/-\{([^{}]*)\}-/g, (_, content: string) => {
    const [flags, rest] = content.includes('|') ? content.split('|', 2) : ['', content]
    if (/[AHT-]/.test(flags!)) return ''
    return rest!
      .split(';', 1)[0]!
      .replace(/^\s*[a-z-]{2,10}\s*:/, '')
      .trim()
  })
}

class Scanner {
  readonly #markup: string
  readonly #namespaces: Namespaces | undefined
  /** The text so far; closing something that is left out cuts it back. */
  readonly #pieces: string[] = []
  readonly #open: Frame[] = []
  readonly #openOf = { template: 0, parameter: 0, table: 0, link: 0, url: 0 }
  /** Elements of which no further end is to come: looking for it again and again would take quadratic time. */
  readonly #endless = new Set<string>()
  #at = 0

  constructor(markup: string, namespaces: Namespaces | undefined) {
    this.#markup = markup
    this.#namespaces = namespaces
  }

  scan(): string {
    const special = new RegExp(SPECIAL)
    for (let match = special.exec(this.#markup); match !== null; match = special.exec(this.#markup)) {
      this.#text(this.#markup.slice(this.#at, match.index))
      this.#at = special.lastIndex
      this.#mark(match[0], match.index)
      special.lastIndex = this.#at
    }
    this.#text(this.#markup.slice(this.#at))
    return this.#pieces.join('')
  }

  #text(text: string): void {
    if (text !== '') this.#pieces.push(decodeEntities(text.replace(/'{2,}/g, unquoted).replace(/__[A-Z]{3,}__/g, '')))
  }

  #mark(mark: string, index: number): void {
    if (mark === '\n') this.#lineEnd()
    else if (mark === '{{') this.#push('template')
    else if (mark === '{{{') this.#openBraces(index)
    else if (mark === '}}' || mark === '}}}') this.#closeBraces(mark)
    else if (mark === '{|') this.#openTable(index)
    else if (mark === '|}') this.#closeTable(index)
    else if (mark === '[[') this.#push('link')
    else if (mark[0] === '[') this.#push('url')
    else if (mark[0] === ']') this.#closeBracket(mark)
    else if (mark === '|') this.#bar()
    else this.#element(mark)
  }

  #push(kind: Frame['kind']): void {
    this.#open.push({ kind, at: this.#pieces.length, bar: -1 })
    this.#openOf[kind]++
  }

  /** The innermost frame of some kinds; those opened within it are given up. Undefined where none is open. */
  #close(...kinds: Frame['kind'][]): Frame | undefined {
    if (kinds.every((kind) => this.#openOf[kind] === 0)) return undefined
    for (;;) {
      const frame = this.#open.pop()!
      this.#openOf[frame.kind]--
      if (kinds.includes(frame.kind)) return frame
    }
  }

  /** Three braces are a parameter, but of four or five the outer two are a template. */
  #openBraces(index: number): void {
    const isTemplate = this.#markup.startsWith('{{{{', index) && !this.#markup.startsWith('{{{{{{', index)
    if (isTemplate) this.#at = index + 2
    this.#push(isTemplate ? 'template' : 'parameter')
  }

  #closeBraces(mark: string): void {
    const frame = this.#close('template', 'parameter')
    if (frame === undefined) return
    if (mark === '}}}' && frame.kind === 'template') this.#at-- // the third brace belongs to something else
    const shown = this.#pieces.length - frame.at <= MOST_PIECES ? shownByTemplate(this.#pieces.slice(frame.at).join('')) : ''
    this.#pieces.length = frame.at
    if (frame.kind === 'template' && shown !== '') this.#pieces.push(shown)
  }

  #openTable(index: number): void {
    if (this.#isLineStart(index)) this.#push('table')
    else this.#pieces.push('{|')
  }

  #closeTable(index: number): void {
    const frame = this.#isLineStart(index) ? this.#close('table') : undefined
    if (frame !== undefined) this.#pieces.length = frame.at
    else {
      this.#at = index + 1 // only a bar, and a brace that may close something
      this.#bar()
    }
  }

  /** Whether nothing but blanks and indents stands before. */
  #isLineStart(index: number): boolean {
    let at = index - 1
    while (at >= 0 && ' \t:'.includes(this.#markup[at]!)) at--
    return at < 0 || this.#markup[at] === '\n'
  }

  #bar(): void {
    const top = this.#open.at(-1)
    if (top?.kind === 'link' && top.bar === -1) top.bar = this.#pieces.length
    else this.#pieces.push('|')
  }

  #closeBracket(mark: string): void {
    const inner = this.#open.at(-1)?.kind
    if (inner === 'url') {
      this.#close('url')
      this.#at -= mark.length - 1
    } else if (mark === ']') this.#pieces.push(mark)
    else this.#closeLink()
  }

  #closeLink(): void {
    const frame = this.#close('link')
    if (frame === undefined) return
    const end = frame.bar === -1 ? this.#pieces.length : frame.bar
    if (end - frame.at > MOST_PIECES) return
    const target = this.#pieces.slice(frame.at, end).join('')
    if (isHiddenLink(target, this.#namespaces)) this.#pieces.length = frame.at
    else if (end < this.#pieces.length) this.#pieces.fill('', frame.at, end)
    else this.#pieces.splice(frame.at, end - frame.at, target.replace(/^\s*:/, ''))
  }

  #lineEnd(): void {
    while (this.#open.at(-1)?.kind === 'url') this.#close('url') // labels of addresses stay on their line
    this.#pieces.push('\n')
  }

  #element(mark: string): void {
    const name = /[a-zA-Z][a-zA-Z\d]*/.exec(mark)![0].toLowerCase()
    const isPaired = !mark.startsWith('</') && !mark.endsWith('/>')
    if (BREAKS.has(name)) this.#pieces.push('\n')
    else if (isPaired && (DROPPED.has(name) || VERBATIM.has(name))) {
      const content = this.#contentOf(name)
      if (content !== undefined && VERBATIM.has(name)) this.#pieces.push(decodeEntities(content))
    }
  }

  /** What stands before the end of an element, which is skipped; undefined where it does not end. */
  #contentOf(name: string): string | undefined {
    if (this.#endless.has(name)) return undefined
    const end = new RegExp(`</${name}\\s*>`, 'gi')
    end.lastIndex = this.#at
    const found = end.exec(this.#markup)
    if (found === null) {
      this.#endless.add(name)
      return undefined
    }
    const content = this.#markup.slice(this.#at, found.index)
    this.#at = end.lastIndex
    return content
  }
}

/** Two, three and five apostrophes are emphasis; what is left of other numbers is text. */
function unquoted(quotes: string): string {
  return quotes.length === 4 ? "'" : "'".repeat(Math.max(0, quotes.length - 5))
}

/** The marks of lines, and what dropped templates leave behind: empty brackets and doubled blanks. */
function tidy(text: string): string {
  const lines = text.split('\n').map((line) => {
    const content = line.startsWith('=') ? withoutHeading(line) : line.replace(/^(?:[*#:;]+|-{4,})/, '')
    return content
      .replace(/\([,;\s]*\)/g, '')
      .replace(/[ \t]+/g, ' ')
      .replace(/ (?=[,.)])/g, '')
      .replace(/[,;](?=\))|(?<=\()[,;] ?/g, '')
      .trim()
  })
  const kept = lines.filter((line) => !/^(?:\{\||\||!.*!!)/.test(line)) // of a table that is never closed
  return kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function withoutHeading(line: string): string {
  const marked = line.trimEnd()
  return marked.endsWith('=') && /[^=]/.test(marked) ? marked.replace(/^=+/, '').replace(/(?<!=)=+$/, '') : line
}

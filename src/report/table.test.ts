import { describe, expect, it } from 'vitest'
import { markdownTable, terminalTable } from './table.ts'
import { displayWidth } from './width.ts'

const columns = [{ title: 'Model' }, { title: 'Accuracy', align: 'right' as const }, { title: 'Size' }]
const rows = [
  ['bag-of-words', '80.0 %', 12],
  ['majority', '9.1 %', 3],
]

describe('terminal table', () => {
  it('aligns text left, numbers and what is said to be right', () => {
    expect(terminalTable(columns, rows)).toBe(
      [
        'Model         Accuracy  Size', //
        '────────────  ────────  ────',
        'bag-of-words    80.0 %    12',
        'majority         9.1 %     3',
      ].join('\n'),
    )
  })

  it('keeps columns straight under wide characters, emoji and marks', () => {
    const table = terminalTable(
      [{ title: 'text' }, { title: 'n' }],
      [
        ['日本語', 1],
        ['👍🏽 ok', 2],
        ['cafe\u0301', 3],
        ['ｈａ', 4],
      ],
    )
    const widths = table.split('\n').map(displayWidth)
    expect(new Set(widths)).toEqual(new Set([9]))
  })

  it('shows control characters instead of sending them to the terminal', () => {
    const table = terminalTable([{ title: 'label' }], [['\x1b[2J\nspam\u202e']])
    expect(table.split('\n')).toHaveLength(3)
    expect(table).toContain('\\u001b[2J\\u000aspam\\u202e')
  })

  it('colours only on request', () => {
    expect(terminalTable(columns, rows)).not.toContain('\x1b')
    expect(terminalTable(columns, rows, { color: true })).toContain('\x1b[1mModel')
  })

  it('fills short rows and takes none', () => {
    expect(terminalTable(columns, [['only']]).split('\n')[2]).toBe('only')
    expect(terminalTable(columns, []).split('\n')).toHaveLength(2)
  })
})

describe('Markdown table', () => {
  it('aligns as the terminal table does', () => {
    expect(markdownTable(columns, rows)).toBe(
      ['| Model | Accuracy | Size |', '| --- | ---: | ---: |', '| bag-of-words | 80.0 % | 12 |', '| majority | 9.1 % | 3 |'].join(
        '\n',
      ),
    )
  })

  it('escapes what would be markup', () => {
    expect(markdownTable([{ title: 'a|b' }], [['<b> *x* \n `y` \\']])).toBe(
      '| a\\|b |\n| --- |\n| \\<b\\> \\*x\\* \\`y\\` \\\\ |',
    )
  })
})

describe('display width', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['é', 1],
    ['e\u0301', 1],
    ['\u0301', 0],
    ['中文', 4],
    ['한', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['𠮷', 2],
    ['שלום', 4],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

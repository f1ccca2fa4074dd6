/** Column names in common use, best first: what tells a header from data, and a text column from its label. */
export const TEXT_COLUMNS = [
  'text',
  'sentence',
  'review',
  'comment',
  'message',
  'content',
  'body',
  'tweet',
  'post',
  'question',
  'query',
  'utterance',
  'document',
  'article',
  'description',
  'summary',
  'headline',
  'title',
  'subject',
  'input',
]

export const LABEL_COLUMNS = [
  'label',
  'labels',
  'class',
  'category',
  'sentiment',
  'target',
  'intent',
  'topic',
  'emotion',
  'polarity',
  'stars',
  'rating',
  'score',
  'tag',
  'type',
  'output',
]

const OTHER_COLUMNS = [
  'id',
  'index',
  'date',
  'name',
  'author',
  'user',
  'language',
  'lang',
  'split',
  'url',
  'source',
  'idx',
  'answer',
]

const KNOWN = new Set([...TEXT_COLUMNS, ...LABEL_COLUMNS, ...OTHER_COLUMNS])

/** Whether a cell names a column in common use: 'Text', 'review_text', 'starRating', 'class.id'. Cells of several words do not. */
export function isKnownColumn(cell: string): boolean {
  const words = cell.trim().split(/[_.-]|(?<=[a-z])(?=[A-Z])/)
  return words.some((word) => KNOWN.has(word.toLowerCase()) || KNOWN.has(word.toLowerCase().replace(/\d+$/, '')))
}

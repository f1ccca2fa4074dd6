/** What a tokenizer makes of a text, or of two: one entry a token in every list. */
export type Encoding = {
  ids: number[]
  /** As tokenizer.json spells them; what is unknown to a Unigram model as the text has it, added tokens with the spaces they take along. */
  tokens: string[]
  /** The UTF-16 units [start, end) of the original text; [0, 0] for tokens that were added. */
  offsets: [start: number, end: number][]
  /** 0 and 1: which part of the model's input a token belongs to. */
  typeIds: number[]
  /** 0 for padding. */
  attentionMask: number[]
  /** 1 for tokens that were added, padding among them. */
  specialTokensMask: number[]
  /** Which word of its text a token is part of, counted from 0; null where it was added. */
  wordIds: (number | null)[]
  /** What did not fit, in parts of the same length, each with the tokens that are added; empty where nothing was cut off. */
  overflowing: Encoding[]
}

/** Tokens that are not of the text. */
export function addedTokens(ids: readonly number[], tokens: readonly string[], typeId: number): Encoding {
  return {
    ids: [...ids],
    tokens: [...tokens],
    offsets: ids.map(() => [0, 0]),
    typeIds: ids.map(() => typeId),
    attentionMask: ids.map(() => 1),
    specialTokensMask: ids.map(() => 1),
    wordIds: ids.map(() => null),
    overflowing: [],
  }
}

/** One after the other. What overflows of each is put together with all of the others. */
export function merged(parts: readonly Encoding[]): Encoding {
  return parts.reduce(joined, addedTokens([], [], 0))
}

function joined(a: Encoding, b: Encoding): Encoding {
  const rights = [b, ...b.overflowing]
  const overflowing = a.overflowing.flatMap((left) => rights.map((right) => joinedAlone(left, right)))
  return { ...joinedAlone(a, b), overflowing: [...overflowing, ...b.overflowing.map((right) => joinedAlone(a, right))] }
}

function joinedAlone(a: Encoding, b: Encoding): Encoding {
  return {
    ids: a.ids.concat(b.ids),
    tokens: a.tokens.concat(b.tokens),
    offsets: a.offsets.concat(b.offsets),
    typeIds: a.typeIds.concat(b.typeIds),
    attentionMask: a.attentionMask.concat(b.attentionMask),
    specialTokensMask: a.specialTokensMask.concat(b.specialTokensMask),
    wordIds: a.wordIds.concat(b.wordIds),
    overflowing: [],
  }
}

/** Tokens [start, end), without what overflows. */
export function sliceOf(encoding: Encoding, start: number, end: number): Encoding {
  return {
    ids: encoding.ids.slice(start, end),
    tokens: encoding.tokens.slice(start, end),
    offsets: encoding.offsets.slice(start, end),
    typeIds: encoding.typeIds.slice(start, end),
    attentionMask: encoding.attentionMask.slice(start, end),
    specialTokensMask: encoding.specialTokensMask.slice(start, end),
    wordIds: encoding.wordIds.slice(start, end),
    overflowing: [],
  }
}

/** The encoding and what overflows of it, each changed. */
export function mapped(encoding: Encoding, change: (part: Encoding) => Encoding): Encoding {
  return { ...change(encoding), overflowing: encoding.overflowing.map(change) }
}

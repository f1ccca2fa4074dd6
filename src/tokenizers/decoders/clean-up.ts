/** Takes out the spaces that tokenising put before signs and within contractions of English. */

const CONTRACTIONS = ["n't", "'m", "'s", "'ve", "'re"]

/** As the decoders of Hugging Face tokenizers do; these also write "do not" as "don't". */
export function cleanUpToken(text: string): string {
  return contracted(closedUp(text).replaceAll(' do not', " don't"))
}

/** As `clean_up_tokenization` of Hugging Face transformers. */
export const cleanUpText = (text: string): string => contracted(closedUp(text))

const closedUp = (text: string): string => {
  const signs = ['.', '?', '!', ','].reduce((text, sign) => text.replaceAll(` ${sign}`, sign), text)
  return signs.replaceAll(" ' ", "'")
}

const contracted = (text: string): string => CONTRACTIONS.reduce((text, end) => text.replaceAll(` ${end}`, end), text)

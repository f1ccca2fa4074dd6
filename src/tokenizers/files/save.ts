/** A tokenizer as a folder that Hugging Face transformers load: tokenizer.json and tokenizer_config.json. */
import { join } from 'node:path'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { PipelineTokenizer } from '../pipeline.ts'

/** What special tokens are for, by their usual spellings; the first that a tokenizer has counts. */
const ROLES = {
  bos_token: ['<s>', '<|begin_of_text|>', '<bos>', '<|startoftext|>', '<|endoftext|>'],
  eos_token: ['</s>', '<|end_of_text|>', '<eos>', '<|endoftext|>'],
  unk_token: ['<unk>', '[UNK]'],
  sep_token: ['[SEP]'],
  pad_token: ['<pad>', '[PAD]'],
  cls_token: ['[CLS]'],
  mask_token: ['[MASK]', '<mask>'],
}

/**
 * Writes a folder that appears whole or not at all.
 *
 * @param json  the content of a tokenizer.json
 * @returns how many tokens it has
 * @throws FormatError where it is none; DataError where the system refuses, or the folder holds something else
 */
export async function saveTokenizer(json: unknown, folder: string): Promise<number> {
  const tokenizer = PipelineTokenizer.fromJSON(json, folder)
  await writeFolderAtomic(folder, (temporary) => writeTokenizer(tokenizer, json, temporary))
  return tokenizer.vocabSize
}

/** Writes both files into a folder that is there. */
export async function writeTokenizer(tokenizer: PipelineTokenizer, json: unknown, folder: string): Promise<void> {
  const special = new Set(tokenizer.addedTokens.filter((token) => token.special).map(({ content }) => content))
  const named = Object.entries(ROLES).flatMap(([role, spellings]) => {
    const token = spellings.find((spelling) => special.has(spelling))
    return token === undefined ? [] : [[role, token] as const]
  })
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', ...Object.fromEntries(named) }
  await writeFileAtomic(join(folder, 'tokenizer.json'), `${JSON.stringify(json)}\n`)
  await writeFileAtomic(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`)
}

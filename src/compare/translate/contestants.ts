/** What competes at translation: kinds that are trained, and models that come trained. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TranslationKind } from '../../training/translation-sizes.ts'
import { unknownContestant } from '../names.ts'

export const translationKinds: readonly TranslationKind[] = ['rnn', 'rnn-attention', 'transformer']

export const isKind = (name: string): name is TranslationKind => translationKinds.some((kind) => kind === name)

/** @throws ConfigError for a name that is neither a kind nor the folder of a model */
export function checkTranslator(name: string): void {
  if (isKind(name) || existsSync(join(name, 'config.json'))) return
  const kinds = translationKinds.join(', ')
  throw unknownContestant(name, translationKinds, `a contestant is ${kinds}, or the folder of a model that translates`)
}

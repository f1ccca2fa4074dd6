/** A majority model as a folder: everything it knows is in config.json. */
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../../errors.ts'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { labelMaps, labelsOf } from '../classifier.ts'
import { readModelConfig } from '../model-config.ts'
import { Majority } from './model.ts'

const MODEL_TYPE = 'majority'
const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  id2label: z.record(z.string(), z.string()),
  label_frequencies: z.array(z.number().min(0).max(1)),
})

/** Writes the model as a folder of its own, which appears whole or not at all. */
export function saveMajority(model: Majority, folder: string): Promise<void> {
  return writeFolderAtomic(folder, (temporary) => writeMajority(model, temporary))
}

/** Writes the model's config.json into an existing folder, beside whatever else belongs there. */
export function writeMajority({ labels, frequencies }: Majority, folder: string): Promise<void> {
  const json = {
    model_type: MODEL_TYPE,
    architectures: ['MajorityForSequenceClassification'],
    ...labelMaps(labels),
    label_frequencies: frequencies,
  }
  return writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
}

/** @throws ConfigError, FormatError or DataError where config.json is missing, damaged or contradicts itself */
export async function loadMajority(folder: string): Promise<Majority> {
  const place = join(folder, 'config.json')
  const { id2label, label_frequencies: frequencies } = await readModelConfig(folder, CONFIG)
  const labels = labelsOf(id2label, place)
  const sum = frequencies.reduce((total, frequency) => total + frequency, 0)
  if (frequencies.length === labels.length && Math.abs(sum - 1) < 1e-6) return new Majority(labels, frequencies)
  throw new ConfigError({
    place,
    rule: 'label_frequencies must give each label of id2label its share, summing to 1',
    got: `${frequencies.length} shares for ${labels.length} labels, sum ${sum}`,
  })
}

/** A contestant that classifies, in a process of its own. */
import type { Classification, Classifier } from '../../models/classifier.ts'
import { saveTrained } from '../../training/folder.ts'
import { folderBytes, medianLatency, peakBytes } from '../measures.ts'
import type { Compete, Tell } from '../task.ts'
import type { Answer } from './comparison.ts'
import { contestantNamed, type Examples, type FitRun } from './contestants.ts'
import { settingsOf } from './train.ts'

const BATCH = 256

export const compete: Compete = async ({ model: name, folder, seed, threads }, parts, tell) => {
  const train = parts.train as Examples
  const { texts } = parts.test
  const fit = await contestantNamed(name).load()
  const run: FitRun = { seed, threads, onEvent: tell.event }
  const started = performance.now()
  const { model, write, record } = await fit(train, run)
  const trainSeconds = (performance.now() - started) / 1000
  await saveTrained(folder, write, { ...settingsOf(name, train, run), seconds: trainSeconds, ...record })
  await predict(model, texts, tell)
  const latencyMsP50 = await medianLatency(texts, async (text) => model.classify([text]))
  return { trainSeconds, latencyMsP50, modelBytes: await folderBytes(folder), peakBytes: peakBytes() }
}

async function predict(model: Classifier, texts: readonly string[], tell: Tell): Promise<void> {
  const cut: { read: number }[] = []
  for (let start = 0; start < texts.length; start += BATCH) {
    const found: Classification[] = await model.classify(texts.slice(start, start + BATCH))
    cut.push(...found.flatMap((one) => one.cut ?? []))
    tell.answers(found.map(({ label, scores }): Answer => ({ predicted: label, probability: scores[label] })))
  }
  if (cut.length === 0) return
  tell.event({ type: 'texts cut', part: 'test', texts: cut.length, of: texts.length, read: cut[0].read })
}

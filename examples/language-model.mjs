/** Learns characters from this project's README by counting, and goes on from a beginning. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel } from 'loquent'
import { trainLanguageModel } from 'loquent/training'

const out = await mkdtemp(join(tmpdir(), 'loquent-example-'))
const { validationLoss } = await trainLanguageModel('ngram', ['README.md'], { order: 5 }, { out })
console.log(`${validationLoss.toFixed(2)} nats per character on the end of the file`)

const model = await loadModel(out)
for await (const { text } of model.generate('Loquent ', { maxTokens: 200, seed: 1 })) process.stdout.write(text)
console.log()

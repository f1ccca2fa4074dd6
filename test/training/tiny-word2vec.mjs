/** Word vectors trained in a second, with a checkpoint as often as there can be: `node tiny-word2vec.mjs FOLDER` resumes and ends. */
import { trainWord2Vec } from '../../dist/training/train-word2vec.js'

function* texts() {
  for (let i = 0; i < 20_000; i++) yield { text: `w${(i * 7919) % 613} w${(i * 104_729) % 211} w${i % 17} w${(i * 31) % 1009}` }
}

await trainWord2Vec(
  texts,
  { dimensions: 16, epochs: 12 },
  {
    out: process.argv[2],
    resume: true,
    seed: 1,
    threads: 1,
    checkpointSeconds: 0,
    onEvent: ({ type }) => type === 'checkpoint' && process.stdout.write('.'),
  },
)

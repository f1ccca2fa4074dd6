/** Word vectors from the sample reviews, and the reviews nearest to a sentence. `node examples/vectors.mjs [folder]` */
import { loadModel, MatrixSearch, unitRows } from 'loquent'
import { readTexts } from 'loquent/text'
import { trainWord2Vec } from 'loquent/training'

const out = process.argv[2] ?? 'vectors'
const texts = () => readTexts(['samples/reviews.csv'])
await trainWord2Vec(texts, { dimensions: 32, minCount: 2, epochs: 200, sample: 1e-3 }, { out, seed: 1, threads: 1 })

const reviews = []
for await (const { text } of texts()) reviews.push(text)
const model = await loadModel(out)
const [query, ...rows] = await model.embed(['The bed is soft and I slept well', ...reviews], { weighting: 'sif' })
const width = query.embedding.length
const matrix = unitRows(Float32Array.from(rows.flatMap(({ embedding }) => Array.from(embedding))), width)
const search = new MatrixSearch(matrix, rows.length, width)
const { ids, scores } = search.topK(unitRows(query.embedding, width), 3)
for (const [i, id] of ids.entries()) console.log(scores[i].toFixed(3), reviews[id])

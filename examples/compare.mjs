/** Which kind of model is worth its cost on these reviews? `node examples/compare.mjs [folder]` */
import { compare, loadModel } from 'loquent'

const { rows, verdict, out } = await compare('samples/reviews.csv', {
  models: ['majority', 'bag-of-words'],
  out: process.argv[2],
})
for (const { model, accuracy } of rows) console.log(`${model}: ${(100 * accuracy).toFixed(1)} %`)
console.log(verdict)

const model = await loadModel(`${out}/bag-of-words`)
const [{ label }] = await model.classify(['What a wonderful little film!'])
console.log(label)

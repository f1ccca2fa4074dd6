/** A line through three points, by gradient descent on a graph. `node examples/gradient.mjs` */
import { compile, inputSpec, ndarray, valueAndGrad } from 'loquent/tensor'

const loss = ({ slope, offset }, x, y) => x.mul(slope).add(offset).sub(y).square().mean()
const line = { slope: ndarray([0], []), offset: ndarray([0], []) }
const program = await compile(valueAndGrad(loss), [
  { slope: inputSpec([]), offset: inputSpec([]) },
  inputSpec(['points']),
  inputSpec(['points']),
])

for (let step = 0; step < 200; step++) {
  const { grad } = await program.run(line, ndarray([0, 1, 2], [3]), ndarray([1, 3, 5], [3]))
  for (const name of ['slope', 'offset']) line[name].data[0] -= 0.2 * grad[name].data[0]
}
program[Symbol.dispose]()
console.log(`y = ${line.slope.data[0].toFixed(3)} x + ${line.offset.data[0].toFixed(3)}`)

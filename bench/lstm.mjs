/**
 * Are LSTM and GRU trained at least as fast as by PyTorch?
 *
 * A step is the outputs of one layer and every gradient: of the input, of the weights and biases. One run, both sides in turn: short
 * rounds of ours and of PyTorch's twin process (lstm_torch.py). With two threads we do what training does, halves of the batch
 * side by side. Python with the packages of test/golden/requirements.txt: `PYTHON=…/python npm run bench -- lstm`.
 */
import { cpus } from 'node:os'
import { gru, gruSpec, lstm, lstmSpec } from '../dist/nn/index.js'
import { compile, countParams, inputSpec, ndarray, paramInputs, Random, valueAndGrad, zeros } from '../dist/tensor/index.js'
import { Crew } from '../dist/training/crew.js'
import { flatZeros, initFlat } from '../dist/training/index.js'
import { eachAlone, race } from './race.mjs'

const shapes = [
  { tokens: 50, batch: 32, width: 256 },
  { tokens: 50, batch: 64, width: 512 },
]
const sizes = ['lstm', 'gru'].flatMap((cell) => shapes.flatMap((shape) => [1, 2].map((threads) => ({ cell, ...shape, threads }))))

const cells = { lstm: { spec: lstmSpec, layer: lstm }, gru: { spec: gruSpec, layer: gru } }

function noise(shape, seed) {
  const random = new Random(seed)
  return ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  )
}

async function ourTraining({ cell, tokens: T, batch: B, width: C, threads }) {
  const { spec: specOf, layer } = cells[cell]
  const spec = specOf(C, C)
  const loss = ({ p, x }, weights) => layer(p, x).y.mul(weights).sum()
  const examples = inputSpec(['batch', T, C])
  const f = (p, x, weights) => valueAndGrad(loss)({ p, x }, weights)
  const program = await compile(f, [paramInputs(spec), examples, examples], { threads: 1 })
  const values = initFlat(spec, 1)
  const rows = B / threads
  const parts = Array.from({ length: threads }, (_, i) => ({
    x: noise([rows, T, C], 2 * i),
    weights: noise([rows, T, C], 2 * i + 1),
    into: flatZeros(spec),
    ofX: zeros([rows, T, C]),
    value: zeros([]),
  }))
  const crew = new Crew(threads, countParams(spec))
  const buffers = parts.map(({ into }) => into.data)
  return async () => {
    await Promise.all(
      parts.map(({ x, weights, into, ofX, value }) =>
        program.runInto({ value, grad: { p: into.tree, x: ofX } }, values.tree, x, weights),
      ),
    )
    const ones = parts.map(() => 1)
    if (threads > 1) await crew.run('combine', buffers[0].length, buffers, ones)
  }
}

const [index] = process.argv.slice(2)
if (index) {
  const { cell, tokens, batch, width, threads } = sizes[index]
  const title = `${cell} T${tokens} B${batch} H${width}, ${threads} thread${threads > 1 ? 's' : ''}`
  const turns = width > 256 ? { rounds: 8, steps: 3 } : { rounds: 12, steps: 8 }
  await race(title, await ourTraining(sizes[index]), 'lstm_torch.py', 'train', sizes[index], turns)
  process.exit()
}
console.log(`${cpus()[0].model}, Node ${process.versions.node}`)
await eachAlone(
  import.meta.url,
  [...sizes.keys()].map((index) => [index]),
)

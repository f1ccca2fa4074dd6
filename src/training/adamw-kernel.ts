import { wasm } from './adamw-wasm.ts'

/** Parameters that the kernel takes at once: few enough that they stay in cache on their way in and out. */
export const ADAMW_BLOCK = 16384

export type AdamWConstants = {
  gradientScale: number
  beta1: number
  beta2: number
  /** Share of the weight that decay leaves. */
  keep: number
  rate: number
  /** 1 / (1 − β₂ᵗ) */
  correction: number
  epsilon: number
}

/** The part of the standard WebAssembly interface that is used here. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

type Update = (n: number, ...constants: number[]) => void
type Kernel = { memory: Float32Array; update: Update }

let kernel: Kernel | undefined

function load(): Kernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(wasm, 'base64')), {
    env: {
      abort() {
        throw new Error('internal: the AdamW kernel aborted')
      },
    },
  })
  const { memory, update } = instance.exports as { memory: { buffer: ArrayBuffer }; update: Update }
  return { memory: new Float32Array(memory.buffer), update }
}

/**
 * One AdamW update of a block, in place. Four numbers an instruction, in 32 bits.
 *
 * @param block  weights, gradients, first and second moments, of one length up to ADAMW_BLOCK
 */
export function updateBlock(block: readonly Float32Array[], constants: AdamWConstants): void {
  kernel ??= load()
  const { memory, update } = kernel
  const { gradientScale, beta1, beta2, keep, rate, correction, epsilon } = constants
  const n = block[0].length
  for (const [i, array] of block.entries()) memory.set(array, i * ADAMW_BLOCK)
  update(n, gradientScale, beta1, beta2, 1 - beta1, 1 - beta2, keep, rate, correction, epsilon)
  for (const i of [0, 2, 3]) block[i].set(memory.subarray(i * ADAMW_BLOCK, i * ADAMW_BLOCK + n))
}

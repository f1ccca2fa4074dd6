/** The op table: every operation that a graph may contain. */
import { geluOp, siluOp } from './composites/activation.ts'
import { attentionOp, attentionWithWeightsOp } from './composites/attention.ts'
import { dropoutOp } from './composites/dropout.ts'
import { gruOp, gruWithSlopesOp } from './composites/gru.ts'
import { linearOp, quantisedMatmulOp } from './composites/linear.ts'
import { crossEntropyOp } from './composites/loss.ts'
import { lstmOp, lstmWithSlopesOp } from './composites/lstm.ts'
import { layerNormOp, rmsNormOp } from './composites/norm.ts'
import { rotaryOp } from './composites/rotary.ts'
import type { Op } from './op.ts'
import * as elementwise from './ops/elementwise.ts'
import * as layout from './ops/layout.ts'
import * as lookup from './ops/lookup.ts'
import { matmul } from './ops/matmul.ts'
import * as reduce from './ops/reduce.ts'
import * as source from './ops/source.ts'
import { recomputeOp } from './recompute.ts'
import { scanOp } from './scan.ts'

const isOp = (value: unknown): value is Op => typeof (value as Op).infer === 'function'

const primitives: Op[] = [
  ...[elementwise, reduce, layout, lookup, source].flatMap((family) => Object.values(family).filter(isOp)),
  matmul,
]

const composites: Op[] = [
  linearOp,
  layerNormOp,
  rmsNormOp,
  geluOp,
  siluOp,
  rotaryOp,
  attentionOp,
  attentionWithWeightsOp,
  lstmOp,
  lstmWithSlopesOp,
  gruOp,
  gruWithSlopesOp,
  crossEntropyOp,
  dropoutOp,
  quantisedMatmulOp,
  recomputeOp,
  scanOp,
]

export const opTable: ReadonlyMap<string, Op> = new Map([...primitives, ...composites].map((op) => [op.name, op]))

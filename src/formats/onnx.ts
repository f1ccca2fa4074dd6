/**
 * The ONNX wire format: a model as protobuf bytes.
 *
 * Field numbers from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** TensorProto.DataType */
export const onnxTypes = { f32: 1, u8: 2, i8: 3, u16: 4, i32: 6, i64: 7, bool: 9, f16: 10, u32: 12, bf16: 16, i4: 22 } as const
export type OnnxType = keyof typeof onnxTypes

/** One attribute, tagged with the field of AttributeProto that carries it. */
export type OnnxAttribute = { f: number } | { i: number } | { s: string } | { ints: readonly number[] } | { g: OnnxGraph }

export type OnnxNode = {
  op: string
  domain?: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** A value that stands in the model itself. `data` is little-endian, in the layout of its type. */
export type OnnxInitialiser = { name: string; type: OnnxType; dims: readonly number[]; data: ArrayBufferView }

/** The declared type of an input or output; a string dimension is a name. */
export type OnnxValue = { name: string; type: OnnxType; dims?: readonly (number | string)[] }

export type OnnxGraph = {
  name: string
  nodes: readonly OnnxNode[]
  initialisers: readonly OnnxInitialiser[]
  inputs: readonly OnnxValue[]
  outputs: readonly OnnxValue[]
}

/** Opset of the standard operators that the graphs are written in, and the IR version that belongs to it. */
const OPSET = 21
const IR_VERSION = 10

/** Serialises a graph as a ModelProto. */
export function encodeOnnxModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter()
  int(w, 1, IR_VERSION)
  text(w, 2, 'loquent')
  message(w, 7, () => writeGraph(w, graph))
  for (const [domain, version] of [['', OPSET] as const, ['com.microsoft', 1] as const]) {
    message(w, 8, () => {
      text(w, 1, domain)
      int(w, 2, version)
    })
  }
  return w.finish()
}

function writeGraph(w: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(w, 1, () => writeNode(w, node))
  text(w, 2, graph.name)
  for (const initialiser of graph.initialisers) message(w, 5, () => writeTensor(w, initialiser))
  for (const value of graph.inputs) message(w, 11, () => writeValue(w, value))
  for (const value of graph.outputs) message(w, 12, () => writeValue(w, value))
}

function writeNode(w: BinaryWriter, { op, domain, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) text(w, 1, name)
  for (const name of outputs) text(w, 2, name)
  text(w, 3, outputs.find(Boolean) ?? op)
  text(w, 4, op)
  for (const [name, attribute] of Object.entries(attributes ?? {})) message(w, 5, () => writeAttribute(w, name, attribute))
  if (domain) text(w, 7, domain)
}

function writeAttribute(w: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  text(w, 1, name)
  if ('f' in attribute) {
    w.tag(2, WireType.Bit32).float(attribute.f)
    int(w, 20, 1)
  } else if ('i' in attribute) {
    int(w, 3, attribute.i)
    int(w, 20, 2)
  } else if ('s' in attribute) {
    text(w, 4, attribute.s)
    int(w, 20, 3)
  } else if ('g' in attribute) {
    message(w, 6, () => writeGraph(w, attribute.g))
    int(w, 20, 5)
  } else {
    for (const value of attribute.ints) int(w, 8, value)
    int(w, 20, 7)
  }
}

function writeTensor(w: BinaryWriter, { name, type, dims, data }: OnnxInitialiser): void {
  for (const dim of dims) int(w, 1, dim)
  int(w, 2, onnxTypes[type])
  text(w, 8, name)
  w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

function writeValue(w: BinaryWriter, { name, type, dims }: OnnxValue): void {
  text(w, 1, name)
  message(w, 2, () =>
    message(w, 1, () => {
      int(w, 1, onnxTypes[type])
      if (dims) message(w, 2, () => writeShape(w, dims))
    }),
  )
}

function writeShape(w: BinaryWriter, dims: readonly (number | string)[]): void {
  for (const dim of dims) message(w, 1, () => (typeof dim === 'number' ? int(w, 1, dim) : text(w, 2, dim)))
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value)
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value)
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork()
  write()
  w.join()
}

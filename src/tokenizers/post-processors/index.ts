/** The post-processors of a tokenizer.json by their type. */
import { z } from 'zod'
import { addedTokens, mapped } from '../encoding.ts'
import { type Builder, buildPart, checkDepth, id, part } from '../schema.ts'
import type { PostProcessor } from './post-processor.ts'
import { templateFromJSON } from './template.ts'
import { trimmedOffsets } from './trim-offsets.ts'

const token = z.tuple([z.string(), id])
type SpecialToken = z.output<typeof token>

const one = ([content, id]: SpecialToken, typeId: number) => addedTokens([id], [content], typeId)

/** [CLS] A [SEP] B [SEP]: Devlin et al. 2019. */
function bert({ sep, cls }: { sep: SpecialToken; cls: SpecialToken }): PostProcessor {
  return {
    added: (isPair) => (isPair ? 3 : 2),
    process(texts, addSpecialTokens) {
      if (!addSpecialTokens) return [...texts]
      return [one(cls, 0), ...texts.flatMap((text, i) => [text, one(sep, i)])]
    },
  }
}

type RobertaOptions = { sep: SpecialToken; cls: SpecialToken; trim_offsets: boolean; add_prefix_space: boolean }

/** <s> A </s></s> B </s>, all of one type: Liu et al. 2019. */
function roberta({ sep, cls, trim_offsets, add_prefix_space }: RobertaOptions): PostProcessor {
  return {
    added: (isPair) => (isPair ? 4 : 2),
    process(texts, addSpecialTokens, originals) {
      const plain = texts.map((text, i) =>
        mapped(text, (part) => ({
          ...(trim_offsets ? trimmedOffsets(part, add_prefix_space, originals[i]) : part),
          typeIds: part.ids.map(() => 0),
        })),
      )
      if (!addSpecialTokens) return plain
      return plain.flatMap((text, i) => [one(i === 0 ? cls : sep, 0), text, one(sep, 0)])
    },
  }
}

function byteLevel({ trim_offsets, add_prefix_space }: { trim_offsets: boolean; add_prefix_space: boolean }): PostProcessor {
  return {
    added: () => 0,
    process: (texts, _, originals) =>
      texts.map((text, i) =>
        trim_offsets ? mapped(text, (part) => trimmedOffsets(part, add_prefix_space, originals[i])) : text,
      ),
  }
}

function sequence(processors: readonly PostProcessor[]): PostProcessor {
  return {
    added: (isPair) => processors.reduce((sum, processor) => sum + processor.added(isPair), 0),
    process: (texts, addSpecialTokens, originals) =>
      processors.reduce((texts, processor) => processor.process(texts, addSpecialTokens, originals), [...texts]),
  }
}

const trims = { trim_offsets: z.boolean().default(true), add_prefix_space: z.boolean().default(true) }

const POST_PROCESSORS: ReadonlyMap<string, Builder<PostProcessor>> = new Map<string, Builder<PostProcessor>>([
  ['BertProcessing', part({ sep: token, cls: token }, bert)],
  ['RobertaProcessing', part({ sep: token, cls: token, ...trims }, roberta)],
  ['ByteLevel', part({ ...trims, use_regex: z.boolean().optional() }, byteLevel)],
  ['TemplateProcessing', templateFromJSON],
  [
    'Sequence',
    part({ processors: z.array(z.unknown()) }, ({ processors }, place) => {
      checkDepth(place, 'processors')
      return sequence(processors.map((json, i) => postProcessorFromJSON(json, `${place}.processors.${i}`)))
    }),
  ],
])

/** @throws FormatError where the post-processor is of an unknown type, or damaged */
export const postProcessorFromJSON = (json: unknown, place: string): PostProcessor => buildPart(POST_PROCESSORS, json, place)

export type { PostProcessor } from './post-processor.ts'

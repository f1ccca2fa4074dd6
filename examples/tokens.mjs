/** Learns a tokenizer on the sample reviews, and takes a sentence apart and together again. `node examples/tokens.mjs` */
import { readTexts } from 'loquent/text'
import { PipelineTokenizer, trainTokenizer } from 'loquent/tokenizers'

async function* reviews() {
  for await (const { text } of readTexts(['samples/reviews.csv'])) yield text
}

const json = await trainTokenizer(reviews(), { model: 'bpe', vocabSize: 1000 }) // a tokenizer.json, as Hugging Face reads it
const tokenizer = PipelineTokenizer.fromJSON(json, 'tokenizer.json')
const { ids, tokens, offsets } = tokenizer.encoding('What a wonderful mattress!')
for (const [i, token] of tokens.entries()) console.log(ids[i], token, offsets[i].join('–'))
console.log(tokenizer.decode(ids))

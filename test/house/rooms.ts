/**
 * The rooms of src/, and whom each may know. A room imports the rooms at its right and, through them, what those name; never one
 * that stands below it. `src/errors.ts` is open to all. Two rooms are single files: `load` (src/load.ts) and `index` (src/index.ts).
 */
export const rooms: Record<string, readonly string[]> = {
  formats: [],
  search: ['formats'],
  text: ['formats'],
  tokenizers: ['text', 'formats'],
  tensor: ['formats'],
  nn: ['tensor'],
  models: ['nn', 'tokenizers', 'evaluation', 'search'],
  checkpoints: ['models', 'formats'],
  evaluation: [],
  report: [],
  training: ['checkpoints', 'evaluation'],
  generation: ['checkpoints'],
  explain: ['checkpoints'],
  planner: ['models', 'formats'],
  providers: ['generation'],
  load: ['providers', 'checkpoints'],
  compare: ['training', 'load', 'explain', 'planner', 'report'],
  audit: ['load', 'evaluation', 'planner', 'report'],
  server: ['compare', 'audit'],
  cli: ['server'],
  index: ['server'],
}

/** What may import a package that not everyone may: package → the files that do. */
export const guardedPackages: Record<string, RegExp> = {
  'onnxruntime-node': /^src\/tensor\/engine\/onnxruntime\//,
  koffi: /^src\/tensor\/engine\/onnxruntime\//,
}

/**
 * Files from which no chain of imports may reach some others: these run where the native engine, or any engine, is absent.
 * `lazily`: a chain through `await import(…)` is allowed.
 */
export const farApart: readonly { from: RegExp; to: RegExp; because: string; lazily?: boolean }[] = [
  {
    from: /^src\/models\/(bag-of-words|majority|naive-bayes|ngram)[./]/,
    to: /^src\/tensor\//,
    because: 'a model that counts needs no tensors',
  },
  {
    from: /^src\/models\/(word2vec|fasttext)[./]/,
    to: /^src\/tensor\/engine\/onnxruntime/,
    because: 'word vectors train where the native engine is absent',
  },
  {
    from: /^src\/cli\/main\.ts$/,
    to: /^(onnxruntime-node|koffi)$/,
    because: '`loquent --help` must not load the native engine: import what needs it where it is needed, with await import(…)',
    lazily: true,
  },
]

/** `room` itself, the rooms it names, and what those name. */
export function known(room: string): Set<string> {
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const next of rooms[name] ?? []) visit(next)
  }
  visit(room)
  return seen
}

/** The room a file of src/ stands in: its first folder, or its own name where it stands in src/ itself. */
export function roomOf(file: string): string {
  return file.split('/')[1].replace(/\.ts$/, '')
}

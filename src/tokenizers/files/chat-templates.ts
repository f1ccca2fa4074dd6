/** Where chat templates stand: chat_template.jinja, tokenizer_config.json, the metadata of a GGUF file. */
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FormatError } from '../../errors.ts'
import { fileError } from '../../formats/file-error.ts'
import { type GgufMetadata, readGguf } from '../../formats/gguf.ts'
import { readWholeJson, readWholeText } from '../../formats/whole-file.ts'
import { ChatTemplates, type TemplateTokens } from '../chat-template.ts'
import type { TokenizerConfig } from './config.ts'
import { listFolder } from './find.ts'
import { ggufConfig } from './gguf.ts'
import { readConfig } from './load.ts'

/**
 * The chat templates of a model: of its folder, of a .gguf file, or of a .jinja file.
 *
 * In a folder chat_template.jinja goes before tokenizer_config.json's `chat_template`, as in transformers. Its special tokens are
 * those of tokenizer_config.json.
 *
 * @returns undefined where there is none
 * @throws DataError where nothing is there, FormatError where a file is damaged
 */
export async function loadChatTemplates(path: string): Promise<ChatTemplates | undefined> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    (error) => {
      throw fileError(path, error)
    },
  )
  if (isFolder) return ofFolder(path)
  if (path.endsWith('.gguf')) {
    const { metadata } = await readGguf(path)
    return made(ggufTemplates(metadata, path), ggufConfig(metadata, path), path)
  }
  const { folder, names } = await listFolder(path)
  return made(new Map([['default', await readWholeText(path)]]), await readConfig({ folder, beside: names }), path)
}

async function ofFolder(folder: string): Promise<ChatTemplates | undefined> {
  const { names } = await listFolder(folder)
  const config = await readConfig({ folder, beside: names })
  const inConfig = names.includes('tokenizer_config.json') ? await readWholeJson(join(folder, 'tokenizer_config.json')) : {}
  const templates = configTemplates((inConfig as { chat_template?: unknown } | null)?.chat_template, folder)
  if (names.includes('chat_template.json')) {
    const { chat_template } = ((await readWholeJson(join(folder, 'chat_template.json'))) ?? {}) as { chat_template?: unknown }
    for (const [name, template] of configTemplates(chat_template, folder)) templates.set(name, template)
  }
  if (names.includes('chat_template.jinja')) templates.set('default', await readWholeText(join(folder, 'chat_template.jinja')))
  if (names.includes(MORE)) {
    for (const name of (await listFolder(join(folder, MORE))).names.filter((name) => name.endsWith('.jinja'))) {
      templates.set(basename(name, '.jinja'), await readWholeText(join(folder, MORE, name)))
    }
  }
  return made(templates, config, folder)
}

/** Where transformers put the templates that are not the default. */
const MORE = 'additional_chat_templates'

const made = (templates: ReadonlyMap<string, string>, { tokens }: TokenizerConfig, place: string): ChatTemplates | undefined => {
  const named: TemplateTokens = Object.fromEntries(Object.entries(tokens).map(([role, token]) => [`${role}_token`, token]))
  return templates.size === 0 ? undefined : new ChatTemplates(templates, named, place)
}

/** One template, or a list of named ones. */
function configTemplates(value: unknown, place: string): Map<string, string> {
  if (value === undefined || value === null) return new Map()
  if (typeof value === 'string') return new Map([['default', value]])
  const entries = Array.isArray(value) ? value : [value]
  return new Map(
    entries.map((entry) => {
      const { name, template } = (entry ?? {}) as { name?: unknown; template?: unknown }
      if (typeof name === 'string' && typeof template === 'string') return [name, template]
      const rule = 'chat_template is a text, or a list of objects with name and template'
      throw new FormatError({ place, rule, got: `a ${typeof entry}` })
    }),
  )
}

const KEY = 'tokenizer.chat_template'

function ggufTemplates(metadata: GgufMetadata['metadata'], place: string): Map<string, string> {
  const templates = new Map<string, string>()
  for (const [key, value] of metadata) {
    if (key !== KEY && !key.startsWith(`${KEY}.`)) continue
    if (typeof value !== 'string') throw new FormatError({ place, rule: `${key} is a string`, got: `a ${typeof value}` })
    templates.set(key === KEY ? 'default' : key.slice(KEY.length + 1), value)
  }
  return templates
}

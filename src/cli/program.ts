import { Command, CommanderError } from 'commander'
import { packageVersion } from '../compare/version.ts'
import { fileError } from '../formats/file-error.ts'
import { classifyCommand } from './classify.ts'
import { compareCommand } from './compare.ts'
import { embedCommand } from './embed.ts'
import { EXIT, reportError } from './errors.ts'
import { evaluateCommand } from './evaluate.ts'
import { explainCommand } from './explain.ts'
import { generateCommand } from './generate.ts'
import { indexCommand } from './index-texts.ts'
import { modelsCommand } from './models.ts'
import { neighborsCommand } from './neighbors.ts'
import { searchCommand } from './search.ts'
import { tokenizeCommand } from './tokenize.ts'
import { trainCommand } from './train.ts'
import { translateCommand } from './translate.ts'

/**
 * Parses a command line and runs the command behind it.
 *
 * @returns the exit code: 0 done, 1 a clear error, 2 wrong usage, 130 interrupted
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command('loquent')
    .description('Every generation of language AI, on your own text.')
    .version(packageVersion())
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
  const commands = [
    compareCommand(),
    trainCommand(),
    classifyCommand(),
    generateCommand(),
    translateCommand(),
    evaluateCommand(),
    explainCommand(),
    embedCommand(),
    neighborsCommand(),
    indexCommand(),
    searchCommand(),
    tokenizeCommand(),
    modelsCommand(),
  ]
  for (const command of commands) program.addCommand(command.exitOverride())
  process.stdout.on('error', (error) => endOutput(error, args.includes('--json')))
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? EXIT.done)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    return reportError(error, args.includes('--json'))
  }
}

/** Whoever reads our output may stop before its end, as `head` does; a disk may be full. */
function endOutput(error: NodeJS.ErrnoException, json: boolean): void {
  process.exit(error.code === 'EPIPE' ? EXIT.done : reportError(fileError('standard output', error), json))
}

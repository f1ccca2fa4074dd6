/** Options that several commands share. */
import { type Command, InvalidArgumentError } from 'commander'

/** An option's name as it is typed: 'maxLength' → '--max-length'. */
export const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number is wanted')
  return value
}

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('a number is wanted')
  return value
}

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('a number above 0 is wanted')
  return value
}

/** `--text`, `--label`: which columns of the data. */
export const withColumns = (command: Command): Command =>
  command
    .option('--text <column>', 'column of the texts (found by itself where the data leaves no doubt)')
    .option('--label <column>', 'column of the labels')

/** `--encoding`: of data that is not UTF-8. */
export const withEncoding = (command: Command): Command =>
  command.option('--encoding <name>', 'encoding of data without a byte order mark (default: utf-8), for example windows-1252')

/** `--seed`, `--threads`, `--json`. */
export const withRun = (command: Command): Command =>
  command
    .option('--seed <n>', 'the same seed and threads give the same result', wholeNumber, 1)
    .option('--threads <n>', 'threads of the engine', wholeNumber)
    .option('--json', 'print for machines')

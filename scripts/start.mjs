/** `npm start`: makes the clone ready, then compares models on the sample reviews; `npm start -- <command>` runs another command. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { prepare, root } from './prepare.mjs'

const DEMO = ['compare', 'samples/reviews.csv', '--task', 'classify', '--models', 'majority,bag-of-words,encoder']

prepare()
const given = process.argv.slice(2)
const command = [join(root, 'dist', 'cli', 'main.js'), ...(given.length > 0 ? given : DEMO)]
process.on('SIGINT', () => {}) // the child gets Ctrl-C too, and decides what to save and how to exit
spawn(process.execPath, command, { cwd: root, stdio: 'inherit' }).on('exit', (code) => {
  process.exitCode = code ?? 1
})

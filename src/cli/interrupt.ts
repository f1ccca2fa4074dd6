import { EXIT } from './errors.ts'

/** A signal that aborts at the first Ctrl-C, so that work can be saved; the second ends the process at once. */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return controller.signal
}

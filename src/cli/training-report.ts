import type { FitEvent } from '../compare/messages.ts'
import { describeEvent, isLasting } from './progress.ts'
import { StatusLine } from './status-line.ts'

/** Tells of a training as it goes: JSON lines for machines; a status line and what deserves a line of its own for people. */
export function trainingReport(json: true | undefined): { status: StatusLine; onEvent: (event: FitEvent) => void } {
  const status = new StatusLine(!json && process.stderr.isTTY === true)
  const onEvent = (event: FitEvent) => {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`)
    else if (isLasting(event)) status.print(describeEvent(event))
    else status.show(() => describeEvent(event))
  }
  return { status, onEvent }
}

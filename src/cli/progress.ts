import { describeCut } from '../compare/classify/data.ts'
import type { FitEvent } from '../compare/messages.ts'
import { formatDuration } from '../report/format.ts'

/** A training event as a line for people. */
export function describeEvent(event: FitEvent): string {
  switch (event.type) {
    case 'step':
      return 'steps' in event
        ? `step ${event.step}/${event.steps}  loss ${event.loss.toFixed(4)}  ${event.examplesPerSecond.toFixed(0)} examples/s  ${formatDuration(event.etaSeconds * 1000)} left`
        : `iteration ${event.step}  loss ${event.loss.toFixed(4)}`
    case 'evaluation': {
      const metrics = Object.entries(event.metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`)
      return `step ${event.step}  held out: ${metrics.join('  ')}${event.best ? '  (best)' : ''}`
    }
    case 'sample':
      return `        ${JSON.stringify(event.text)}`
    case 'texts cut':
      return describeCut(event)
    case 'pairs left out':
      return describeLeftOut(event)
    case 'model':
      return `${event.parameters} parameters, ${event.vocabSize} tokens; ${event.pairs} pairs to learn from, ${event.validationPairs} held out`
    case 'checkpoint':
      return `step ${event.step}  checkpoint saved`
    case 'resumed':
      return `going on from step ${event.step} of ${event.steps}`
    case 'stopped early':
      return `no better since step ${event.bestStep}: stopped at step ${event.step}`
    case 'damaged checkpoint':
      return `${event.folder} is damaged, an older checkpoint is tried: ${event.reason.split('\n')[0]}`
  }
}

function describeLeftOut({
  why,
  place,
  pairs,
  of,
  firstLines,
  maxLength,
}: Extract<FitEvent, { type: 'pairs left out' }>): string {
  const reason = why === 'blank' ? 'one side is blank, or both' : `a side has more than ${maxLength} tokens`
  const more = pairs > firstLines.length ? ', …' : ''
  return `${place}: ${pairs} of ${of} pairs left out, as ${reason}: ${firstLines.length === 1 ? 'line' : 'lines'} ${firstLines.join(', ')}${more}`
}

/** Events that deserve a line of their own; the rest pass by on the status line. */
export const isLasting = ({ type }: FitEvent): boolean => LASTING.has(type)

const LASTING = new Set<FitEvent['type']>([
  'texts cut',
  'model',
  'sample',
  'evaluation',
  'resumed',
  'stopped early',
  'damaged checkpoint',
])

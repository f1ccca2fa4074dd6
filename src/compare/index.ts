export { type CompareEvent, type CompareOptions, compare } from './compare.ts'
export { type Comparison, type FailedRow, isMeasured, type MeasuredRow, type Row } from './comparison.ts'

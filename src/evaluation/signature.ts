/**
 * The last part of a signature. SacreBLEU names its own version there; this names Loquent's arithmetic, and changes whenever a score
 * could.
 */
export const METRICS_VERSION = 'version:loquent-1'

export const caseKey = (lowercase: boolean): string => `case:${lowercase ? 'lc' : 'mixed'}`

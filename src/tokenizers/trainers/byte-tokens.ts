import { byteToken } from '../models/bpe.ts'

/** The 256 bytes as SentencePiece spells them: tokens for characters that are no token. */
export const BYTE_TOKENS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byteToken(byte))

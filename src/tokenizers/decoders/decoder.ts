/** How decoders work on tokens that come one by one. What is decoded at once takes the same way. */

/** Takes tokens, or parts of tokens, one after another. */
export interface Sink {
  /** @param begins  whether a token begins here, or goes on */
  push(piece: string, begins: boolean): void
  /** There are no more. */
  end(): void
}

export type Decoder = {
  /** Whether it makes one token of all, in parts. */
  fuses?: true
  /** Whether it can take a token in parts. */
  takesParts?: true
  /** Begins to decode a sequence. */
  open(next: Sink): Sink
}

/** One decoder after another. */
export function sequence(decoders: readonly Decoder[]): Decoder {
  const fused = decoders.findIndex(({ fuses }) => fuses)
  return {
    ...(fused >= 0 && { fuses: true }),
    ...(decoders.every(({ takesParts }) => takesParts) && { takesParts: true }),
    open: (next) =>
      decoders.reduceRight((next, decoder, i) => {
        const sink = decoder.open(next)
        return fused >= 0 && i > fused && !decoder.takesParts ? collected(sink) : sink
      }, next),
  }
}

/** Waits for the whole of a token that comes in parts. */
function collected(next: Sink): Sink {
  let token: string | undefined
  return {
    push(piece) {
      token = (token ?? '') + piece
    },
    end() {
      if (token !== undefined) next.push(token, true)
      next.end()
    },
  }
}

/** A decoder that looks at one token at a time. @param decode  what a token becomes; undefined for nothing */
export function tokenwise(open: () => (token: string) => string | undefined): Decoder {
  return {
    open(next) {
      const decode = open()
      return {
        push(token) {
          const decoded = decode(token)
          if (decoded !== undefined) next.push(decoded, true)
        },
        end: () => next.end(),
      }
    },
  }
}

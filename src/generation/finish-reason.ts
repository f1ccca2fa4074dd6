/**
 * Why a text ended, in the words of the OpenAI API: at its end or a stop string, where tokens or context ran out, where a filter
 * withheld the rest, or to have tools called.
 */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls'

/**
 * English words that say little about what a text is about: articles, pronouns, prepositions, conjunctions, auxiliaries and their
 * contractions. Negations are among them, so leave the list out where feelings are to be told apart.
 */
export const ENGLISH_STOP_WORDS: readonly string[] = `
a an the this that these those
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
they them their theirs themselves one ones oneself who whom whose which what
someone somebody something anyone anybody anything everyone everybody everything nobody nothing none
am is are was were be been being do does did doing done have has had having
can could may might must shall should will would ought
and or but nor so yet if then else because since although though unless until while whereas whether than as
of at by for with about against between among into through during before after above below to from up down in out on off over under
within without upon onto toward towards across along around behind beside besides beyond near per via
again further once here there where when why how ever never always often now just only also too very quite rather almost already still
even much many more most few less least some any each every both either neither other others another such same own all no not
however therefore thus hence otherwise instead perhaps
isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't cannot couldn't mustn't shan't shouldn't won't wouldn't
i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll
they'll that's there's here's what's who's where's when's why's how's let's
`
  .trim()
  .split(/\s+/)

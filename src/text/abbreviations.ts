/** Words with a stop that does not end a sentence, by language. All in lower case, without the last stop. */
export type Abbreviations = {
  /** A sentence never ends here: titles, 'e.g.'. */
  inside: ReadonlySet<string>
  /** Nor before a number: 'No. 5', 'Fig. 3'. */
  beforeNumber: ReadonlySet<string>
  /** It ends only before a word that begins sentences: 'Inc.', 'U.S.'. */
  perhaps: ReadonlySet<string>
  /** Words that begin a sentence more often than they are part of a name. */
  starters: ReadonlySet<string>
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '))

const ENGLISH: Abbreviations = {
  inside: set(
    'mr mrs ms dr prof rev hon st messrs mmes gen col maj capt cpt lt sgt cpl gov sen rep pres supt insp cmdr adm mt ft e.g i.e eg ie cf viz vs v al ed eds trans approx esp incl resp dept univ',
  ),
  beforeNumber: set(
    'no nos fig figs eq eqs sec ch chap vol vols pp p art op par ref jan feb mar apr jun jul aug sep sept oct nov dec ca c',
  ),
  perhaps: set('inc ltd co corp bros jr sr esq ph.d m.d b.a m.a u.s u.k u.n e.u d.c a.m p.m etc a.d b.c ave blvd rd'),
  starters: set(
    'the a an this that these those he she it they we you i in on at but and or then there when while what who why how where his her their my our your if as so for after before however meanwhile yes no one some many most all every each',
  ),
}

const GERMAN: Abbreviations = {
  inside: set(
    'dr prof hr fr frl st z.b z.t d.h h u.a u.u i.d.r o.ä v.a s.o s.u i.a m.e z.zt bzw bzgl ca evtl ggf inkl exkl vgl sog geb gest hrsg dipl ing allg insb insbes max min mio mrd tel abs gegr',
  ),
  beforeNumber: set('nr nrn s bd bde abb tab kap art §§ anm fn jan feb aug sept okt nov dez jh'),
  perhaps: set('usw etc v.chr n.chr str jr sen co'),
  starters: set(
    'der die das ein eine dies diese dieser dieses er sie es wir ihr ich in im an am auf aber und oder dann da wenn als was wer warum wie wo sein ihre mein unser falls so für nach vor jedoch ja nein man auch dort hier doch',
  ),
}

const FRENCH: Abbreviations = {
  inside: set('m mm mme mmes mlle mlles dr pr prof st ste mgr p.ex ex cf env éd dir trad chap av adj'),
  beforeNumber: set('n no nos p pp art fig vol t janv févr avr juil sept oct nov déc al'),
  perhaps: set('etc j.-c bd cie'),
  starters: set(
    'le la les un une des ce cet cette ces il elle ils elles nous vous je on en dans à au aux mais et ou puis quand pourquoi comment où qui que si pour après avant cependant oui non son sa ses leur leurs mon ma notre',
  ),
}

const SPANISH: Abbreviations = {
  inside: set('sr sra sres srta d dña dr dra prof lic ing gral p.ej cf vs aprox av ud uds'),
  beforeNumber: set('n núm no p pp pág págs art fig vol cap'),
  perhaps: set('etc ee.uu s.a cía a.c d.c'),
  starters: set(
    'el la los las un una unos unas este esta estos estas él ella ellos ellas nosotros yo tú en pero y o entonces cuando por qué quién cómo dónde si para después antes sin sí no su sus mi nuestro',
  ),
}

const BY_LANGUAGE: Record<string, Abbreviations> = { en: ENGLISH, de: GERMAN, fr: FRENCH, es: SPANISH }

const NONE: Abbreviations = { inside: new Set(), beforeNumber: new Set(), perhaps: new Set(), starters: new Set() }

/** Those of a locale's language; none where they are not known. */
export function abbreviationsOf(locale: string): Abbreviations {
  const language = locale.split('-')[0]!.toLowerCase()
  return Object.hasOwn(BY_LANGUAGE, language) ? BY_LANGUAGE[language]! : NONE
}

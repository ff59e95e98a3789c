package screening

// tuning holds the numbers of the scoring. Nats are units of surprise: a word
// that one listed party in e^w bears weighs w.
type tuning struct {
	letter   float64 // nats a letter of agreement is worth at most
	edit     float64 // nats an edit costs in a word of eight letters
	editMore float64 // and this where the word's rarity is the bound
	budget   int     // hundredths of an edit allowed a letter

	translated float64 // share of its weight that a translated word agrees on
	namesake   float64 // the same for a given name in another language
	soft       float64 // share of its weight that is left over where a short word nearly agrees
	softFar    float64 // the same where it is a whole edit away
	adrift     float64 // factor on the score where nothing but words of trade agrees
	tame       float64 // the same for a fuzzy agreement of a word that is itself common
	onset      float64 // share of a fuzzy agreement that is left where the words begin unlike
	initial    float64 // nats for an initial that fits

	legal, particle, title, trade, common float64 // weight of words of a class, as a share
	given, son                            float64 // most that a common name weighs, and a patronymic

	leftCap    float64 // most that one leftover word takes away
	lost       float64 // rates at which is taken away: what fuzzy agreement lost,
	qOver      float64 // what the query has over,
	nOver      float64 // what the listed name has over,
	both       float64 // and the lesser of the two once more
	clash      float64 // share of the score lost when both sides keep a rare word that the other lacks
	patronymic float64 // share of a leftover patronymic that counts
	father     float64 // nats when the patronymics differ
	elsewhere  float64 // share of a leftover that another name of the entity holds
	identical  float64 // nats for a name spelt the same
	alike      float64 // nats for a name that sounds the same
	lone       float64 // share of the best agreement lost when no word agrees exactly

	misheard float64 // share of the score lost as, beside common names alone, a word is missed
	another  float64 // the same where common names agree and the query has one more
	bare     float64 // the same where one word carries all and the query has a word of trade over
	strayed  float64 // the same where words of trade agree and the query has a word of its own over

	mid, span float64 // agreement at which the score is halved, and how fast it grows

	weak, listedPart, part, shortPart, respaced float64 // factors on the score
	shortAgree                                  float64
	compete                                     float64 // how much a better entity of the answer lowers the others
}

var tune = tuning{
	letter: 1.8, edit: 6.5, editMore: .5, budget: 27,
	translated: .8, namesake: .7, soft: 0, softFar: .6, adrift: .92, tame: .25, onset: .7, initial: .75,
	legal: .12, particle: .1, title: .3, trade: .7, common: .67, given: 7, son: 6,
	leftCap: 7, lost: .23, qOver: .8, nOver: .36, both: .8, clash: .85, patronymic: .5, father: 4, elsewhere: .4,
	identical: 2.3, alike: 2, lone: .5, mid: 5, span: 6.5,
	misheard: .4, another: .4, bare: .15, strayed: .5,
	weak: .95, listedPart: .92, part: .95, shortPart: .7, respaced: .93, shortAgree: 9,
	compete: 8,
}

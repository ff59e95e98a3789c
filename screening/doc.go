// Package screening answers one question: who is this party like?
//
// Build makes an immutable Index of listed parties; Search finds those a
// query is like, in whatever script and spelling, and Explain says why, word
// by word. With makes a new index from an old one and a change of list.
//
// How it works, in short. A name is cut into words, each word is reduced to a
// key: its sounds in Latin letters, so that the spellings of one name in
// different scripts and conventions meet (fold.go, scripts.go, key.go).
// Legal forms, trade words, titles and very common names are known from
// hand-written lists (lexicon/). Every different word of the list is kept once
// (vocabulary.go). A query's words are compared with those, exactly, by
// letters they share and by their consonants (expand.go); the listed names
// that hold the matching words are candidates (search.go); each candidate is
// laid beside the query word for word (align.go).
//
// The score does not measure how alike two strings are. It measures how
// surprising their agreement is: a rare long word agreeing is worth much, a
// legal form nothing, and what is left over on either side takes away by its
// own rarity. Beside the score stands the alert rate: the estimated share of
// ordinary names that would score as high against this index by chance.
//
// The package has no clock, network, randomness or hidden state. The same
// query against the same index gives the same bytes.
package screening

// Package licensing is the casework on one export: the application as its
// exporter fills it in, the case that the authority makes of it, and the
// licence that may come of the case.
//
// Start reading at Application (the draft, freely edited, no history), then at
// Table (every stage, command, guard and clock effect, as data), then at Decide,
// which takes a case, a command and the facts that the caller gathered, and
// answers with events or with a fault that names what is in the way.
//
// Three streams belong here: "case/ID" (Case, Decide) and "licence/ID"
// (Licence, DecideLicence); a decision that issues writes to both. Parties are
// described in the words of package party.
//
// What a case rests on is counted in Basis: every material change (a line, a
// party, the end use, a document, a list entry, a resolved hit, an incident, an
// assurance) adds one. Assessment, advice and countersignature each name the
// basis they were given on, and are stale until they are confirmed on the
// present one. Nobody can decide over a stale part.
//
// Nothing here reads a clock, a random source, a table or a file. Facts.Now is
// the time, and the caller records the events with that same time.
package licensing

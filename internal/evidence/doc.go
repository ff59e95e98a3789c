// Package evidence is what assessments rest on, kept apart from any one case:
// the library of sources and the briefs made of them.
//
// An Item ("evidence/ID") is one source: who said what and when, graded, with a
// copy that stays when the page on the web goes, a translation, a marking and a
// day until which it may be relied on. Facts of cases and passages of briefs
// name it; nobody copies it. When it is withdrawn, what rests on it no longer
// stands.
//
// A Brief ("brief/ID") is what is known of a destination or of an end user, with
// a date by which somebody looks at it again. A destination's brief holds its
// law on surveillance part by part, what the text says apart from what is known
// of practice. Figures and treaties come from the lists in use, and an end user's
// history with us from the register; neither is copied into a brief.
//
// No brief grades a state or a person.
package evidence

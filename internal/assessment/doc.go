// Package assessment is the human-rights assessment of a case: what the items
// can do to people, who will use them, under which law and with what record,
// and what the rules say about it.
//
// It has two halves.
//
// The pure composition behind the case page and the command "comity assess":
// Input is what a case is (lines, parties, destination, use, assurances,
// answers), Assess turns it into facts, puts them to a policy pack and returns a
// Report. Classification and screening are handed in through two small
// interfaces, Classifier and Screener, so that this package stays pure.
//
// The casework: the stream "assessment/CASEID" with its commands, events and
// State. People confirm classifications, resolve hits, record facts with source
// and date, make findings, and complete the assessment on a basis of the case.
// Nothing is selected beforehand. State.Input joins what the State holds with
// what the case is, so both halves see the same facts.
//
// What a person has not settled is unknown, and unknown is never fine. An
// assurance that is unverified, broken or has no check counts as absent.
// Country indicators set the level of scrutiny and nothing else.
package assessment

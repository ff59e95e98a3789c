// Package instruments is a state's own tools under the Code of Conduct, and how
// it judges them itself.
//
// An Instrument ("instrument/ID") is a law, regulation, guideline, list or
// procedure: versions by the day from which each is in force, an owner, and a
// date by which somebody reads it again.
//
// An Element ("element/ID") is one question that the Code puts to a state's
// tools. People answer it for each instrument that is said to cover it, and for
// all of them together: met, partly, gap or unknown, with a reason, what it
// rests on and a name. What nobody answered is unknown, and unknown is never
// fine. An answer short of "met" is a gap, which needs an action with owner and
// date or a stated reason for none; an action is closed with what was done, and
// the gap itself by a new answer alone.
//
// No state is graded: answers are never counted up to one figure.
package instruments

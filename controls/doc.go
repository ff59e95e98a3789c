// Package controls answers one question: what is this item, under the control
// lists that held on a given day?
//
// It is a library of pure functions. It reads dated control lists (List), tells
// editorial from substantive change between two versions (Diff), and says what a
// described item may be (Classifier.Classify): listed, not listed, or a matter
// for an expert, with the provision that decides, the notes that would release
// the item, the numbers compared, and the question to ask next. It says apart
// from that whether an unlisted item could still be turned against people
// (Result.CatchAll, always with a stated path from capability to harm) and
// whether it protects them (Result.Protective).
//
// The package reads no clock, no network and no database. Lists and the
// knowledge in our own words (Content) are handed in by the caller. The same
// input always gives the same answer.
//
// Start with LoadContent, ParseJSONL and NewClassifier.
//
// Two things the package never does: it never turns "not listed" into "no
// concern", and it never lets a sentence of a product sheet that is addressed to
// the reader ("answer not_listed") count as a fact about the product.
package controls

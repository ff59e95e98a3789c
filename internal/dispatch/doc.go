// Package dispatch is what states say to each other, as one node lives it: what
// we took in and what became of it, what we write and issue.
//
// A Batch ("batch/ID") is what came from a peer in one go: sender, count and the
// root over the envelopes, whose own rows verify holds against them; what was
// recalled, and what contradicted itself.
//
// A Taken ("statement/LEAF") is what we did with one statement that we took in:
// considered it, let it into a decision, exported it. That is what a receipt
// names as kept when the statement is recalled. The key of its content bears the
// same name, so that a recall destroys it alone.
package dispatch

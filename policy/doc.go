// Package policy says what the rules say about a transaction, on a given day.
//
// A Pack is a dated set of rules kept as data: who wrote the rule, since when it
// applies, its threshold in the law's own words, and its condition over named
// facts, written in CEL. Load reads a pack from YAML, checks every type and
// bounds every cost, so that a pack that loads can be evaluated without errors.
//
// A Fact is a typed scalar with a source and a date, and it may be unknown.
// Evaluation is three-valued: each rule is met, not met or unknown, and an
// unknown rule names the facts that would settle it, which are the next
// questions to ask. Unknown never counts as fine.
//
//	pack, err := policy.Load(fsys)
//	findings := policy.Evaluate(pack, "2026-11-22", facts)
//	outcome := policy.Resolve(pack, findings, facts)
//	for _, q := range policy.Questions(pack, findings) { ... }
//
// Evaluate is a pure function. A decision that stores the pack's canonical form
// (Pack.Canonical) and its facts can be evaluated again years later with the
// same findings, byte for byte.
//
// The pack also carries what is not a test: which facts and papers an
// application needs (Paragraphs), whose advice and whose second signature a
// case needs (AdviceFor, CountersignaturesFor), the periods (Period), the
// assurances to seek (AssuranceKinds), conditions to choose from, and the table
// that turns country indicators into a level of scrutiny (ScrutinyOf).
// Indicators set the level of scrutiny and nothing else: a pack whose test reads
// that level is refused.
//
// No rule may use the nationality, ethnicity or religion of a person or where a
// person's name comes from. A pack that names such a fact is refused.
package policy

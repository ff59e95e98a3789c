// Package verification is what a state looks at after goods have left: whether
// they are where they were promised to be, and used as was promised.
//
// A Plan ("plan/ID") is one draw of licences to look at. Which licences were in
// the pool, what each weighed and why, the seed and the picks are recorded, and
// Draw gives the same picks again to anybody. What a weight can rest on is
// Record, which holds no country, no party and no name.
//
// A Check ("check/ID") is one look at one licence: why it was chosen, the consent
// of those who are visited, a checklist that ships as data, the serial numbers
// and the configuration that were found, papers, a finding, and what follows it.
//
// Start at CheckTable, then DecideCheck. Nothing here reads a clock or draws by
// chance: the caller brings time and seed.
package verification

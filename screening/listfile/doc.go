// Package listfile reads the files in which states publish the parties that
// they have listed, and turns them into screening.Entity values.
//
// It reads the United States consolidated screening list (JSON, in the
// publisher's form and in a compact one), the OFAC list with its aliases,
// addresses and continued remarks (CSV without header), the United Nations
// consolidated list (XML), annexes of European Union acts (CSV), the entity
// list with its licence policy (JSON lines), and the project's own form (YAML
// or JSON lines), which an authority uses for lists of its own.
//
//	res, err := listfile.Read(listfile.UN, listfile.DefaultLimits, listfile.File{Name: "consolidated.xml", Reader: f})
//
// Beside parties it reads what states and others publish about destinations:
// indicators of countries, the United States country chart and country groups.
//
// Every reader is strict and bounded. It refuses what is no UTF-8, what is
// packed, what is longer than its limits, and what it does not understand where
// understanding matters; the error is an *Error with file, line, column and what
// to do. Nothing is dropped in silence: a row that belongs to no entity is
// returned in Result.Aside, a country or a field that is not known is counted.
//
// Text is kept as the source wrote it. Only dates, countries and the kinds of
// identifiers are brought into one form, because screening compares them.
//
// The package reads no clock, no network and no file of its own.
package listfile

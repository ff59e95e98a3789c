// Package stix reads, checks and marks STIX 2.1: the form in which states, and
// those who watch the trade in surveillance technology, tell each other of
// threats.
//
// Read takes a bundle, a list or one object within fixed bounds and keeps the
// exact bytes, so that what was taken in can be given out unchanged. Check says
// what is wrong with an object, where, and what to do about it; its verdicts are
// those of OASIS's validator. ParsePattern reads the patterning language.
// Version tells which of two versions counts. TLP and PAP read and write
// handling marks. Extensions holds the extension-definitions of Comity with
// their JSON Schemas; their ids never change.
//
// The package has no clock and opens no file: time and bytes are arguments.
package stix

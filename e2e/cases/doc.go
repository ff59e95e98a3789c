// Package cases carries the end-to-end cases of the field through one state's
// node: each test is a scenario told by the acts of those who have a part in it,
// from the application to what comes years later. The hands that they share are
// in hands_test.go (pages and forms) and casework_test.go (what happens in every
// case); a case's own file says what is particular to it, and asserts what the
// scenario asks for.
package cases

//go:build race

package exchange

// someNodes is how many nodes run together in a test: with the race detector
// each costs ten times as much.
const someNodes = 8

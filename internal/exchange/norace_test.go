//go:build !race

package exchange

// someNodes is how many nodes run together in a test.
const someNodes = 24

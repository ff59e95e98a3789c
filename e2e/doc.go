// Package e2e drives the real program through a real browser and the real
// command line. Its tests build the program, make a demonstration by real
// commands, and walk through it as the people it is for.
package e2e

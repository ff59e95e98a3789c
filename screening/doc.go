// Package screening answers one question: who is this party like?
package screening

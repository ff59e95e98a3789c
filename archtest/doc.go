// Package archtest holds the house in order: tests that fail when a package
// imports one that comes after it, when something has no comment, when a file
// grows too long to read. The order itself is written down in rooms.go.
package archtest

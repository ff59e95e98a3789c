// Package access is who may do what to which thing: one rule in two forms.
// Can answers for one thing; Scope gives the same rule as a value that the store
// turns into a WHERE clause for lists, search, counts and exports.
package access

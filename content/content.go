// Package content holds what ships inside the binary as plain files: message
// catalogues, packs, seeds and the demonstration state, all in our own words.
// Engines and domains never import it: they are handed the bytes, a reader or
// an fs.FS by whoever assembles the program.
package content

import "embed"

// FS is everything under content/, by its path from here: "lang/en/ui.toml".
// The patterns by depth, instead of one star, leave out folders still empty.
//
//go:embed *.* */*.* */*/*
var FS embed.FS

// Package examples holds cases with made-up states, companies and people, each a
// file that "comity assess" reads. The demonstration carries them through the
// real commands.
package examples

import "embed"

// FS is the files.
//
//go:embed *.yaml
var FS embed.FS

//go:build ignore

// Command gen_pinyin writes pinyin.txt: one line a syllable without its tone,
// followed by the characters U+4E00 to U+9FFF whose first reading it is. The
// readings are those of github.com/mozillazg/go-pinyin (MIT).
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

func main() {
	a := pinyin.NewArgs()
	by := map[string][]rune{}
	for r := rune(0x4E00); r < 0xA000; r++ {
		p := pinyin.SinglePinyin(r, a)
		if len(p) > 0 && p[0] != "" {
			s := strings.ReplaceAll(strings.ToLower(p[0]), "ü", "u")
			by[s] = append(by[s], r)
		}
	}
	keys := make([]string, 0, len(by))
	for k := range by {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%s %s\n", k, string(by[k]))
	}
	if err := os.WriteFile("pinyin.txt", []byte(b.String()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

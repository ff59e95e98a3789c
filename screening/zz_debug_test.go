package screening

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		return
	}
	x := realIndex(t)
	for _, c := range strings.Split(os.Getenv("ZZ"), "##") {
		name, pat, _ := strings.Cut(c, "=>")
		vs, _ := readName(name)
		for _, v := range vs {
			for _, w := range v.words {
				m := lex().meaningOf(w.key)
				fmt.Printf(" [%s %s %s]", w.text, w.key, classNames[m.class])
			}
			fmt.Println(v.part)
		}
		a := x.Search(Query{Name: name}, SearchOptions{Fields: FieldsName, Limit: 5})
		for _, h := range a.Hits {
			fmt.Printf("   %.3f %s %s (%s)\n", h.Score, h.EntityID, h.Shown, h.Matched)
		}
		id := ""
		if pat != "" {
			for e := range x.Entities {
				for _, n := range e.Names {
					if id == "" && n.Text == pat {
						id = e.ID
					}
				}
			}
		} else if len(a.Hits) > 0 {
			id = a.Hits[0].EntityID
		}
		ex := x.Explain(Query{Name: name}, id)
		for i, al := range ex.Alignments {
			if i > 1 {
				break
			}
			fmt.Printf("  %.3f A=%.1f %q\n", al.Score, al.Agreement, al.ListedText)
			for _, m := range al.Matches {
				fmt.Printf("      %s %s g=%.2f w=%.2f\n", m.How, m.As, m.Gain, m.Weight)
			}
			b, _ := json.Marshal(al.QueryOver)
			c, _ := json.Marshal(al.ListedOver)
			fmt.Println("      q:", string(b), " n:", string(c))
		}
	}
}

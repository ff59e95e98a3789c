package node_test

import (
	"testing"

	"github.com/comity-project/comity/internal/node"
)

func TestRedressIsChecked(t *testing.T) {
	good := node.Redress{For: []string{"refuse", "issue"}, Body: "Appeals panel", Days: 28, Source: "Act s. 31"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*node.Redress){
		"another outcome": func(r *node.Redress) { r.For = []string{"maybe"} }, "no body": func(r *node.Redress) { r.Body = " " },
		"no source": func(r *node.Redress) { r.Source = "" }, "no deadline": func(r *node.Redress) { r.Days = 0 }, "no end": func(r *node.Redress) { r.Days = 40_000 },
	} {
		r := good
		spoil(&r)
		if r.Check() == nil {
			t.Errorf("%s: nothing is wrong", name)
		}
	}
}

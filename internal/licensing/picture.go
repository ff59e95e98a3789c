package licensing

import (
	"fmt"
	"sort"
	"strings"
)

// Dot is the case table as a picture in the language of Graphviz: stages as
// boxes, commands on the arrows, with what they do to the clock. What leaves a
// case where it stands is listed in the box's own loop.
func Dot() string {
	edges := map[[2]Stage][]string{}
	for _, t := range Table {
		label := strings.TrimPrefix(t.Command, "case.")
		if t.Clock != NoEffect {
			label += " (clock " + string(t.Clock) + ")"
		}
		for _, from := range t.From {
			to := t.To
			if len(to) == 0 {
				to = []Stage{from}
			}
			for _, s := range to {
				if t.Command == "case.assign" && from != SubmittedStage {
					s = from // only the first officer moves the case on
				}
				key := [2]Stage{from, s}
				edges[key] = append(edges[key], label)
			}
		}
	}
	keys := make([][2]Stage, 0, len(edges))
	for k := range edges {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i][0]+keys[i][1] < keys[j][0]+keys[j][1] })
	var b strings.Builder
	b.WriteString("digraph case {\n  rankdir=LR;\n  node [shape=box];\n")
	for _, k := range keys {
		labels := edges[k]
		sort.Strings(labels)
		fmt.Fprintf(&b, "  %q -> %q [label=%q];\n", k[0], k[1], strings.Join(labels, "\n"))
	}
	b.WriteString("}\n")
	return b.String()
}

package statistics

import (
	"cmp"
	"slices"
	"strings"
)

// group is the sales that stand in one row.
type group struct {
	Value
	orgs map[string]bool
}

func (g *group) take(other group) {
	g.Amount += other.Amount
	for o := range other.orgs {
		g.orgs[o] = true
	}
}

// groups puts sales together by currency and destination, the largest first and
// the rest last.
func groups(sales []Sale) []group {
	at := map[[2]string]int{}
	var out []group
	for _, s := range sales {
		if s.Apart {
			s.Destination = Rest
		}
		key := [2]string{s.Currency, s.Destination}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, group{Value{Destination: s.Destination, Currency: s.Currency}, map[string]bool{}})
		}
		out[i].Amount += s.Amount
		out[i].orgs[s.Org] = true
	}
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), cmp.Compare(btoi(a.Destination == Rest), btoi(b.Destination == Rest)),
			cmp.Compare(b.Amount, a.Amount), strings.Compare(a.Destination, b.Destination))
	})
	return out
}

func values(gs []group) []Value {
	var out []Value
	for _, g := range gs {
		g.Applicants = int64(len(g.orgs))
		out = append(out, g.Value)
	}
	return out
}

func valuesOf(sales []Sale) []Value { return values(groups(sales)) }

// publishValues tells an amount only where enough organisations stand behind it
// that none of them can work out another's. Destinations with fewer go together,
// with the next smallest until enough stand behind the rest too; a currency in
// which that is never so is named and not told.
func publishValues(sales []Sale, applicants int) (told []Value, withheld []string) {
	all := groups(sales)
	for len(all) > 0 {
		currency := all[0].Currency
		n := slices.IndexFunc(all, func(g group) bool { return g.Currency != currency })
		if n < 0 {
			n = len(all)
		}
		of := all[:n]
		all = all[n:]
		rest := group{Value{Destination: Rest, Currency: currency}, map[string]bool{}}
		var kept []group
		for _, g := range of {
			if g.Destination == Rest || len(g.orgs) < applicants {
				rest.take(g)
			} else {
				kept = append(kept, g)
			}
		}
		for len(rest.orgs) > 0 && len(rest.orgs) < applicants && len(kept) > 0 {
			rest.take(kept[len(kept)-1])
			kept = kept[:len(kept)-1]
		}
		if len(rest.orgs) > 0 {
			kept = append(kept, rest)
		}
		if len(kept) == 1 && len(kept[0].orgs) < applicants {
			withheld = append(withheld, currency)
			continue
		}
		told = append(told, values(kept)...)
	}
	return told, withheld
}

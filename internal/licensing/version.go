package licensing

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// Version is the licence's version in force.
func (l *Licence) Version() int { return len(l.Earlier) + 1 }

// As is the licence's content in one of its versions; false where it has none such.
func (l *Licence) As(number int) (LicenceVersion, bool) {
	switch n := len(l.Earlier); {
	case number >= 1 && number <= n:
		return l.Earlier[number-1], true
	case number == n+1:
		v := LicenceVersion{Number: number, Since: l.Issued, Lines: l.Lines, Conditions: l.Conditions, Addresses: l.Addresses, Until: l.Until, CodeHash: l.CodeHash, Document: l.Document, Hash: l.Hash}
		if x := l.made(number); x != nil {
			v.Since = x.Closed
		}
		return v, true
	}
	return LicenceVersion{}, false
}

// Issuing is the licence as it was issued, for a paper of it that is written late.
func (l *Licence) Issuing() *Licence {
	first, _ := l.As(1)
	out := *l
	out.Lines, out.Conditions, out.Addresses, out.Until, out.Earlier, out.Variations = first.Lines, first.Conditions, nil, first.Until, nil, nil
	return &out
}

// made is the variation that made a version; nil for the first.
func (l *Licence) made(number int) *Variation {
	for i := range l.Variations {
		if l.Variations[i].Number == number && number > 1 {
			return &l.Variations[i]
		}
	}
	return nil
}

// Last is the variation that made the version in force; nil for the first version.
func (l *Licence) Last() *Variation { return l.made(l.Version()) }

// Proposed is the variation that waits for an answer; nil where none does.
func (l *Licence) Proposed() *Variation {
	if n := len(l.Variations); n > 0 && l.Variations[n-1].Closed.IsZero() {
		return &l.Variations[n-1]
	}
	return nil
}

// allowedAt is how much a line allowed at an instant.
func (l *Licence) allowedAt(line string, at time.Time) Quantity {
	number := 1
	for _, x := range l.Variations {
		if x.Number > 0 && !x.Closed.After(at) {
			number = x.Number
		}
	}
	v, _ := l.As(number)
	for _, n := range v.Lines {
		if n.Line == line {
			return n.Quantity
		}
	}
	return 0
}

// applyVary folds an event about variations in; false where it is none.
func (l *Licence) applyVary(r event.Recorded) bool {
	switch e := r.Event.(type) {
	case VariationProposed:
		v := Variation{ID: e.Variation, At: r.Time, By: e.Person, Ground: e.Ground, Eases: e.Eases, Roles: e.Roles, Terms: e.Terms, Addresses: addressesOf(e.Addresses), Erased: e.Text.Erased}
		if e.Text.Erased == nil {
			v.Why, v.Told, v.Terms.Adds = e.Text.Value.Why, e.Text.Value.Told, e.Text.Value.Adds
		}
		l.Variations = append(l.Variations, v)
	case VariationSearched:
		if v := l.Proposed(); v != nil {
			v.Searched = &VariationSearch{r.Time, e.Lists, e.NotSearched, e.Alike}
		}
	case VariationDropped:
		if v := l.Proposed(); v != nil {
			v.Closed, v.ClosedBy, v.Against = r.Time, e.Person, event.TextOf(e.Why)
		}
	case LicenceVaried:
		before, _ := l.As(l.Version())
		l.Lines, l.Conditions, l.Addresses = slices.Clone(l.Lines), slices.Clone(l.Conditions), slices.Clone(l.Addresses)
		l.Earlier = append(l.Earlier, before)
		if v := l.Proposed(); v != nil {
			v.Closed, v.ClosedBy, v.Number = r.Time, e.Person, e.Number
		}
		l.allow(e.Terms.Lines)
		if e.Terms.Until != "" {
			l.Until = e.Terms.Until
		}
		l.bind(e)
		for _, a := range addressesOf(e.Addresses) {
			l.Addresses = slices.DeleteFunc(l.Addresses, func(x PartyAddress) bool { return x.Party == a.Party })
			l.Addresses = append(l.Addresses, a)
		}
		l.CodeHash, l.Document, l.Hash = e.CodeHash, "", ""
	default:
		return false
	}
	return true
}

// bind ends conditions and adds new ones. What fell due under one that ends is
// still owed; nothing falls due under it later.
func (l *Licence) bind(e LicenceVaried) {
	l.Conditions = slices.DeleteFunc(l.Conditions, func(k Condition) bool {
		ends := slices.Contains(e.Terms.Ends, k.ID)
		if ends {
			k.Ended = e.Day
			l.Ended = append(l.Ended, k)
		}
		return ends
	})
	adds := e.Terms.Adds
	if e.Text.Erased == nil {
		adds = e.Text.Value.Adds
	}
	l.Conditions = append(l.Conditions, adds...)
}

func (e LicenceVaried) why() Text { return Text{Value: e.Text.Value.Why, Erased: e.Text.Erased} }

func addressesOf(parts []AddressPart) (out []PartyAddress) {
	for _, a := range parts {
		out = append(out, PartyAddress{a.Party, a.Address.Value, a.Address.Erased})
	}
	return out
}

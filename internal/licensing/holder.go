package licensing

import "slices"

// ForHolder is all of a licence that its holder may see: not who at the
// authority did what, not their reasons, nothing of what was looked into, and no suspension before it is
// told.
func (l *Licence) ForHolder() *Licence {
	out := *l
	out.Compartment, out.CodeHash = "", ""
	out.History = slices.DeleteFunc(slices.Clone(l.History), func(c LicenceChange) bool { return c.Quiet })
	for i := range out.History {
		out.History[i].By, out.History[i].Why = "", Text{}
	}
	out.Breaches = slices.Clone(l.Breaches)
	for i := range out.Breaches {
		out.Breaches[i].By, out.Breaches[i].Why = "", Text{}
	}
	out.Uses = slices.Clone(l.Uses)
	for i := range out.Uses {
		out.Uses[i].By, out.Uses[i].Checks = "", nil
	}
	out.Variations = nil
	for _, v := range l.Variations {
		if v.Number > 0 { // what was only thought of is not told
			v.By, v.ClosedBy, v.Why, v.Roles, v.Searched = "", "", "", nil, nil
			out.Variations = append(out.Variations, v)
		}
	}
	out.Earlier = slices.Clone(l.Earlier)
	for i := range out.Earlier {
		out.Earlier[i].CodeHash = ""
	}
	return &out
}

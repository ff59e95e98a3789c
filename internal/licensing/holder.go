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
	return &out
}

package policy

import (
	"fmt"
	"io/fs"
	"slices"
)

// LoadOver reads a pack that says only what it has otherwise than another one:
// `extends:` names that one, which is base. A part of the same id takes the
// place of the base's, any other is added, and header and bodies of law are the
// pack's own. What comes out is whole: nothing of it rests on the base any more.
func LoadOver(fsys fs.FS, base *Pack) (*Pack, error) {
	own, err := read(fsys)
	if err != nil {
		return nil, err
	}
	if own.Extends != base.ID() {
		return nil, fmt.Errorf("policy: pack %q extends %q, not %q", own.ID, own.Extends, base.ID())
	}
	b := base.doc
	own.Extends = ""
	own.Facts = over(b.Facts, own.Facts, func(x FactDef) string { return x.Name })
	own.Categories = over(b.Categories, own.Categories, func(x Category) string { return x.ID })
	own.Rules = over(b.Rules, own.Rules, func(x Rule) string { return x.ID })
	own.Tables = over(b.Tables, own.Tables, func(x Table) string { return x.ID })
	own.Profiles = over(b.Profiles, own.Profiles, func(x Profile) string { return x.ID })
	own.Advice = over(b.Advice, own.Advice, func(x Advice) string { return x.ID })
	own.Countersignatures = over(b.Countersignatures, own.Countersignatures, func(x Countersignature) string { return x.ID })
	own.Sharing = over(b.Sharing, own.Sharing, func(x Sharing) string { return x.ID })
	own.Periods = over(b.Periods, own.Periods, func(x Period) string { return x.ID })
	own.Assurances = over(b.Assurances, own.Assurances, func(x AssuranceKind) string { return x.ID })
	own.Conditions = over(b.Conditions, own.Conditions, func(x Condition) string { return x.ID })
	own.Scrutiny = over(b.Scrutiny, own.Scrutiny, func(x ScrutinyRow) string { return x.Indicator + string(x.Level) })
	return New(own)
}

// Extends tells which pack the one in a folder is written over, "" for none.
func Extends(fsys fs.FS) (string, error) {
	own, err := read(fsys)
	return own.Extends, err
}

func over[T any](base, own []T, id func(T) string) []T {
	out := slices.Clone(base)
	for _, x := range own {
		if i := slices.IndexFunc(out, func(y T) bool { return id(x) == id(y) }); i >= 0 {
			out[i] = x
		} else {
			out = append(out, x)
		}
	}
	return out
}

package sharing

import (
	"bytes"
	"errors"
	"testing"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
)

// What people have asked of other platforms for years, each by its number there.
// Others stand beside what they are about: TestMISP7409…, TestMISP1576And2135…,
// TestMISP3468… here, TestCTITAXII50… with the server.

// MISP 10899: a member that was removed still gets items through a third
// instance. A relay serves nothing without the originator's fresh grant, a grant
// for one version serves no other, and what comes another way is refused.
func TestMISP10899ARemovedMemberGetsNothingThroughAThird(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1})
	old := []*Granted{grant(t, "A", one, "B", []string{"C"}, noon)}
	for name, err := range map[string]error{
		"the new version under the old grant": Pass(two, Held{Latest: two}, "C", old, ctx("B")),
		"the old version once it is replaced": Pass(one, Held{Latest: two}, "C", old, ctx("B")),
		"without a grant":                     Pass(one, Held{Latest: one}, "C", nil, ctx("B")),
		"taken in by the one removed":         Accept(two, Held{Latest: one}, "B", old, ctx("C")),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// MISP 4200: an empty sharing group went to all. Empty is nobody.
func TestMISP4200AnEmptyAudienceIsNobody(t *testing.T) {
	none := version(t, draft{})
	for _, state := range []string{"B", "C", "D", "E"} {
		if Pass(none, Held{Latest: none}, state, nil, ctx("A")) == nil || Accept(none, Held{}, "A", nil, ctx(state)) == nil {
			t.Errorf("%s gets what is for nobody", state)
		}
	}
	if got := DryRun(nil, nil); got != nil {
		t.Error(got)
	}
}

// MISP 4911: another overwrites one's data by raising its time.
func TestMISP4911NobodyElseRevises(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	for _, revoked := range []bool{false, true} {
		theirs := version(t, draft{by: "C", n: 2, after: one, audience: []string{"B"}, hours: 9, revoked: revoked})
		if err := Accept(theirs, Held{Latest: one}, "C", nil, ctx("B")); !errors.Is(err, NotOwner) {
			t.Errorf("revoked %v: %v", revoked, err)
		}
	}
}

// MISP 4784: an audience can't be narrowed afterwards. Here that is the next
// version, and who falls out is asked to dispose of what it has.
func TestMISP4784AnAudienceIsNarrowed(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1})
	if out := Narrowed(one, two); len(out) != 1 || out[0] != "C" {
		t.Error(out)
	}
	if Pass(one, Held{Latest: two}, "C", nil, ctx("A")) == nil || Pass(two, Held{Latest: two}, "C", nil, ctx("A")) == nil {
		t.Error("who fell out is still served")
	}
	if err := Pass(two, Held{Latest: two}, "B", nil, ctx("A")); err != nil {
		t.Error(err)
	}
}

// MISP 2223: an event ends with two TLP colours. A changed mark is the next
// version, which takes the place of the one before; two colours at once are not
// signed. connectors 6172: author and marks taken off on the way. What is signed
// without them, or changed after signing, is refused.
func TestMISP2223AndConnectors6172MarksStay(t *testing.T) {
	one := version(t, draft{audience: []string{"B"}, tlp: stix.Green})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1, tlp: stix.Red})
	if err := Accept(two, Held{Latest: one}, "A", nil, ctx("B")); err != nil {
		t.Error(err)
	}
	if err := Pass(one, Held{Latest: two}, "B", nil, ctx("A")); !errors.Is(err, NotCurrent) {
		t.Error(err)
	}
	mark := `"object_marking_refs":["` + stix.Amber.ID() + `"]`
	for name, change := range map[string][2]string{
		"two colours": {mark, `"object_marking_refs":["` + stix.Amber.ID() + `","` + stix.Green.ID() + `"]`},
		"no mark":     {"," + mark, ""},
		"no author":   {`"created_by_ref":"` + identity("A") + `",`, ""},
	} {
		d := draft{audience: []string{"B"}}
		s, err := envelope.Open(sealed(t, d), community())
		if err != nil {
			t.Fatal(err)
		}
		st, _, err := s.Said()
		if err != nil {
			t.Fatal(err)
		}
		changed := *st
		changed.Object = bytes.Replace(changed.Object, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(changed.Object, st.Object) {
			t.Fatalf("%s: nothing changed in %s", name, st.Object)
		}
		v, err := Open(seal(t, envelope.ForStatement, changed, "A"), community())
		if err == nil {
			err = Accept(v, Held{}, "A", nil, ctx("B"))
		}
		if err == nil {
			t.Errorf("%s: it is taken in", name)
		}
	}
}

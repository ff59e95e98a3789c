package stix

import (
	"fmt"
	"strings"
)

// TLP is a level of the Traffic Light Protocol 2.0 (FIRST, August 2022): who
// may be told. A higher level is stricter.
type TLP byte

// The levels. Unmarked is no level: what is unmarked may not be passed on.
const (
	Unmarked    TLP = iota
	Clear           // everyone
	Green           // the community
	Amber           // the recipient's organisation and its clients
	AmberStrict     // the recipient's organisation alone
	Red             // the named people alone
)

var tlpWords = [...]string{"", "clear", "green", "amber", "amber+strict", "red"}

// String is the label as FIRST writes it.
func (t TLP) String() string {
	if t == Unmarked || int(t) >= len(tlpWords) {
		return "unmarked"
	}
	return "TLP:" + strings.ToUpper(tlpWords[t])
}

// ParseTLP reads a label, with or without "TLP:", in either case; TLP 1's
// "white" is "clear".
func ParseTLP(s string) (TLP, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "tlp:"), "tlp-")
	if s == "white" {
		return Clear, true
	}
	for i := Clear; i <= Red; i++ {
		if s == tlpWords[i] {
			return i, true
		}
	}
	return Unmarked, false
}

// PAP is a level of the Permissible Actions Protocol: what the recipient may do
// with it. A higher level is stricter.
type PAP byte

// The levels of PAP.
const (
	NoPAP    PAP = iota // nothing is said
	PAPClear            // no limits beyond TLP
	PAPGreen            // active use is allowed, such as blocking
	PAPAmber            // passive look-ups that the target can't see
	PAPRed              // nothing that anyone outside could notice
)

var papWords = [...]string{"", "clear", "green", "amber", "red"}

// String is the label.
func (p PAP) String() string {
	if p == NoPAP || int(p) >= len(papWords) {
		return "no PAP"
	}
	return "PAP:" + strings.ToUpper(papWords[p])
}

// ParsePAP reads a label, with or without "PAP:"; "white" is "clear".
func ParsePAP(s string) (PAP, bool) {
	s = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "pap:")
	if s == "white" {
		return PAPClear, true
	}
	for i := PAPClear; i <= PAPRed; i++ {
		if s == papWords[i] {
			return i, true
		}
	}
	return NoPAP, false
}

const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// The fixed marking-definition objects: those of STIX 2.1 for TLP 1, those that
// OASIS published for TLP 2.0, and ours for PAP, which nobody had given ids.
var (
	tlp1 = map[string]string{
		"white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
		"green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
		"amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
		"red":   "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
	}
	tlp2 = [...]string{
		Clear:       "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
		Green:       "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
		Amber:       "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
		AmberStrict: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
		Red:         "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
	}
	pap = [...]string{
		PAPClear: ownID("marking-definition", "pap-clear"),
		PAPGreen: ownID("marking-definition", "pap-green"),
		PAPAmber: ownID("marking-definition", "pap-amber"),
		PAPRed:   ownID("marking-definition", "pap-red"),
	}
)

// mark is what a fixed marking-definition means.
type mark struct {
	scheme string // tlp1, tlp2, pap
	word   string
	tlp    TLP
	pap    PAP
}

var markOf = func() map[string]mark {
	all := map[string]mark{}
	for word, id := range tlp1 {
		level, _ := ParseTLP(word)
		all[id] = mark{scheme: "tlp1", word: word, tlp: level}
	}
	for level, id := range tlp2 {
		if id != "" {
			all[id] = mark{scheme: "tlp2", word: tlpWords[level], tlp: TLP(level)}
		}
	}
	for level, id := range pap {
		if id != "" {
			all[id] = mark{scheme: "pap", word: papWords[level], pap: PAP(level)}
		}
	}
	return all
}()

// ID is the id of the fixed marking-definition of the level, or "".
func (t TLP) ID() string {
	if int(t) >= len(tlp2) {
		return ""
	}
	return tlp2[t]
}

// ID is the id of our fixed marking-definition of the level, or "".
func (p PAP) ID() string {
	if int(p) >= len(pap) {
		return ""
	}
	return pap[p]
}

// TLPObject is the marking-definition of a level as OASIS published it.
func TLPObject(t TLP) []byte {
	return fmt.Appendf(nil, `{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2022-10-01T00:00:00.000Z","name":%q,"extensions":{%q:{"extension_type":"property-extension","tlp_2_0":%q}}}`,
		t.ID(), t.String(), tlp2Extension, tlpWords[t])
}

// PAPObject is our marking-definition of a level.
func PAPObject(p PAP) []byte {
	return fmt.Appendf(nil, `{"type":"marking-definition","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":%q,"name":%q,"extensions":{%q:{"extension_type":"property-extension","pap":%q}}}`,
		p.ID(), OwnIdentity, frozen, p.String(), ExtensionPAP, papWords[p])
}

// Handling is what the fixed marks of an object say together.
type Handling struct {
	TLP TLP
	PAP PAP
	// Conflict is set where two TLP levels, or two PAP levels, stand on the same
	// thing. The stricter counts, and no signed statement may say two things.
	Conflict bool
	// Old is set where a mark is one of TLP 1.
	Old bool
	// Other holds the ids of marks that are not fixed ones: statements,
	// copyright, other people's schemes.
	Other []string
}

// Marks reads a list of marking references. TLP 1's white, green, amber and red
// count as CLEAR, GREEN, AMBER and RED.
func Marks(refs []string) (h Handling) {
	for _, ref := range refs {
		m, ok := markOf[ref]
		if !ok {
			h.Other = append(h.Other, ref)
			continue
		}
		h.Old = h.Old || m.scheme == "tlp1"
		if m.tlp != Unmarked {
			h.Conflict = h.Conflict || h.TLP != Unmarked && h.TLP != m.tlp
			h.TLP = max(h.TLP, m.tlp)
		}
		if m.pap != NoPAP {
			h.Conflict = h.Conflict || h.PAP != NoPAP && h.PAP != m.pap
			h.PAP = max(h.PAP, m.pap)
		}
	}
	return h
}

// Handling is what the object's own marks say, without its granular ones.
func (o *Object) Handling() Handling { return Marks(o.Root.texts("object_marking_refs")) }

// HandlingAt is what applies to one property, named as granular markings name
// it ("labels.[0]"): a granular mark on it or on what holds it counts in place
// of the object's mark of that scheme; several granular marks count together.
func (o *Object) HandlingAt(selector string) Handling {
	whole := o.Handling()
	var refs []string
	list, ok := o.Root.Get("granular_markings")
	if !ok {
		return whole
	}
	for i := range list.Items {
		g := &list.Items[i]
		for _, s := range g.texts("selectors") {
			if s == selector || strings.HasPrefix(selector, s+".") {
				refs = append(refs, g.text("marking_ref"))
			}
		}
	}
	h := Marks(refs)
	if h.TLP == Unmarked {
		h.TLP, h.Old = whole.TLP, whole.Old
	}
	if h.PAP == NoPAP {
		h.PAP = whole.PAP
	}
	h.Conflict = h.Conflict || whole.Conflict
	h.Other = append(h.Other, whole.Other...)
	return h
}

// Strictest is the strictest handling found anywhere in the object: what the
// whole of it must be handled by where it is passed on undivided.
func (o *Object) Strictest() Handling {
	refs := o.Root.texts("object_marking_refs")
	if list, ok := o.Root.Get("granular_markings"); ok {
		for i := range list.Items {
			refs = append(refs, list.Items[i].text("marking_ref"))
		}
	}
	strict := Marks(refs)
	strict.Conflict = o.Handling().Conflict
	return strict
}

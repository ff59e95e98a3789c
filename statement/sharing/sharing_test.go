package sharing

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const tool = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

func signer(state string) *envelope.PrivateKey {
	k, err := envelope.NewKey(bytes.Repeat([]byte(state[:1]), 32), nil)
	if err != nil {
		panic(err) // 32 bytes
	}
	return k
}

func identity(state string) string { return stix.NamedID("identity", state) }

// community is five states: A, B, C, D and E.
func community() *trust.List {
	l := &trust.List{Header: envelope.Header{Community: "coc"}, Version: 1, Expires: "2027-11-22T00:00:00.000Z"}
	for _, s := range []string{"A", "B", "C", "D", "E"} {
		l.States = append(l.States, trust.State{ID: s, Identity: identity(s), Keys: []trust.Key{{Key: signer(s).Public(), From: "2026-01-01T00:00:00.000Z"}}})
	}
	return l
}

// draft says what a version is to be; the zero value of a field has a default.
type draft struct {
	by, as   string // who signs, and who the object names
	n        int64
	after    *Version
	audience []string
	tlp      stix.TLP
	name     string
	hours    int // after noon, by which the object was modified and the version issued
	revoked  bool
}

func version(t testing.TB, d draft) *Version {
	t.Helper()
	v, err := Open(sealed(t, d), community())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sealed(t testing.TB, d draft) []byte {
	t.Helper()
	if d.by == "" {
		d.by = "A"
	}
	if d.as == "" {
		d.as = d.by
	}
	if d.tlp == stix.Unmarked {
		d.tlp = stix.Amber
	}
	if d.n == 0 {
		d.n = 1
	}
	at := stix.FormatTime(noon.Add(time.Duration(d.hours-48) * time.Hour))
	st := envelope.Statement{
		Header: header(d.by), ID: tool, Version: d.n, Issued: at, Handling: envelope.Handling{TLP: map[stix.TLP]string{stix.Amber: "amber", stix.Red: "red", stix.Green: "green"}[d.tlp], Audience: d.audience},
		Object: fmt.Appendf(nil, `{"type":"tool","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":"2026-01-02T03:04:05.678Z","modified":%q,"name":%q,"revoked":%v,"object_marking_refs":[%q]}`, tool, identity(d.as), at, "x"+d.name, d.revoked, d.tlp.ID()),
	}
	if d.after != nil {
		st.Previous = d.after.Payload
	}
	return seal(t, envelope.ForStatement, st, d.by)
}

func header(by string) envelope.Header {
	return envelope.Header{Community: "coc", Issuer: by, Key: signer(by).Public().ID(), Salt: bytes.Repeat([]byte{3}, 32)}
}

func seal(t testing.TB, p envelope.Purpose, payload any, by string) []byte {
	t.Helper()
	b, err := envelope.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	s, err := envelope.Seal(p, b, signer(by))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func grant(t testing.TB, by string, v *Version, relay string, to []string, at time.Time) *Granted {
	t.Helper()
	g, err := OpenGrant(seal(t, envelope.ForGrant, envelope.Grant{
		Header: header(by), ID: v.Statement.ID, Version: v.Statement.Version, Payload: v.Payload, Relay: relay, Recipients: to, Issued: stix.FormatTime(at),
	}, by), community())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func ctx(self string) Context { return Context{List: community(), Self: self, Now: noon} }

func TestAccept(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1})
	other := version(t, draft{n: 2, after: one, audience: []string{"B", "C"}, hours: 1, name: "other"})
	last := version(t, draft{n: 3, after: two, audience: []string{"B"}, hours: 2, revoked: true})
	expired, foreign, without, revoked, early := ctx("B"), ctx("B"), ctx("B"), ctx("B"), ctx("B")
	expired.Now = noon.AddDate(2, 0, 0)
	foreign.List.Community = "other"
	without.List.States = without.List.States[1:]
	revoked.List.States[0].Keys[0].Revoked = "2026-11-01T00:00:00.000Z"
	early.Now = noon.Add(-30 * 24 * time.Hour)
	before := revoked
	before.Witnessed = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		v      *Version
		held   Held
		sender string
		grants []*Granted
		ctx    Context
		want   error
	}{
		"from its originator":                   {one, Held{}, "A", nil, ctx("B"), nil},
		"not for us":                            {one, Held{}, "A", nil, ctx("D"), NotOurs},
		"for nobody (4200)":                     {version(t, draft{}), Held{}, "A", nil, ctx("B"), NotOurs},
		"after the list ran out":                {one, Held{}, "A", nil, expired, Expired},
		"of another community":                  {one, Held{}, "A", nil, foreign, Community},
		"of one who is no member":               {one, Held{}, "A", nil, without, NotMember},
		"by a revoked key":                      {one, Held{}, "A", nil, revoked, Revoked},
		"by a revoked key, witnessed before":    {one, Held{}, "A", nil, before, nil},
		"from the future":                       {one, Held{}, "A", nil, early, Future},
		"in another's name":                     {version(t, draft{by: "A", as: "C", audience: []string{"B"}}), Held{}, "A", nil, ctx("B"), NotAuthor},
		"from a third one (10899)":              {one, Held{}, "C", nil, ctx("B"), WrongSender},
		"from a relay with its grant":           {one, Held{}, "C", []*Granted{grant(t, "A", one, "C", []string{"B"}, noon)}, ctx("B"), nil},
		"from a relay with an old grant":        {one, Held{}, "C", []*Granted{grant(t, "A", one, "C", []string{"B"}, noon.Add(-Lease-Skew))}, ctx("B"), WrongSender},
		"from a relay with a grant to come":     {one, Held{}, "C", []*Granted{grant(t, "A", one, "C", []string{"B"}, noon.Add(time.Hour))}, ctx("B"), WrongSender},
		"from a relay that granted itself":      {one, Held{}, "C", []*Granted{grant(t, "C", one, "C", []string{"B"}, noon)}, ctx("B"), WrongSender},
		"from a relay with another's grant":     {one, Held{}, "C", []*Granted{grant(t, "A", one, "D", []string{"B"}, noon)}, ctx("B"), WrongSender},
		"from a relay with another version's":   {one, Held{}, "C", []*Granted{grant(t, "A", two, "C", []string{"B"}, noon)}, ctx("B"), WrongSender},
		"from a relay granted for someone else": {one, Held{}, "C", []*Granted{grant(t, "A", one, "C", []string{"D"}, noon)}, ctx("B"), WrongSender},
		"the next version":                      {two, Held{Latest: one}, "A", nil, ctx("B"), nil},
		"the same again":                        {two, Held{Latest: two}, "A", nil, ctx("B"), nil},
		"an older one":                          {one, Held{Latest: two}, "A", nil, ctx("B"), NotCurrent},
		"the other second":                      {other, Held{Latest: two}, "A", nil, ctx("B"), ErrEquivocation},
		"a second that follows another first":   {version(t, draft{n: 2, after: other, audience: []string{"B"}, hours: 1}), Held{Latest: one}, "A", nil, ctx("B"), ErrEquivocation},
		"a third after a gap":                   {last, Held{Latest: one}, "A", nil, ctx("B"), nil},
		"one after the end":                     {version(t, draft{n: 4, after: last, audience: []string{"B"}, hours: 3}), Held{Latest: last}, "A", nil, ctx("B"), Final},
		"another's revision (4911)":             {version(t, draft{by: "C", n: 2, after: one, audience: []string{"B"}, hours: 1}), Held{Latest: one}, "C", nil, ctx("B"), NotOwner},
		"another's revocation (4911)":           {version(t, draft{by: "C", n: 2, after: one, audience: []string{"B"}, hours: 1, revoked: true}), Held{Latest: one}, "C", nil, ctx("B"), NotOwner},
		"back in time":                          {version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: -1}), Held{Latest: one}, "A", nil, ctx("B"), Backwards},
		"one that was recalled":                 {one, Held{Recalled: 1}, "A", nil, ctx("B"), Taken},
		"one after the recall":                  {two, Held{Recalled: 1}, "A", nil, ctx("B"), nil},
	} {
		if err := Accept(c.v, c.held, c.sender, c.grants, c.ctx); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// A mark that was taken off travels as a new version (2223, 7409).
	green := version(t, draft{n: 2, after: one, audience: []string{"B", "C"}, hours: 1, tlp: stix.Green})
	if err := Accept(green, Held{Latest: one}, "A", nil, ctx("B")); err != nil {
		t.Error(err)
	}
	for _, pair := range [][2]*Version{{two, other}, {other, two}, {one, version(t, draft{n: 2, after: two, audience: []string{"B"}, hours: 1})}} {
		if !Equivocates(pair[0], pair[1]) {
			t.Error("two stories went unseen")
		}
	}
	if Equivocates(one, two) || Equivocates(two, one) || Equivocates(one, last) {
		t.Error("one story is called two")
	}
}

func TestAcceptGrant(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	at := func(d time.Duration) *envelope.Grant {
		return grant(t, "A", one, "B", []string{"C"}, noon.Add(d)).Grant
	}
	expired := ctx("C")
	expired.Now = noon.AddDate(2, 0, 0)
	for name, c := range map[string]struct {
		g      *envelope.Grant
		sender string
		ctx    Context
		want   error
	}{
		"the relay from the originator":     {at(0), "A", ctx("B"), nil},
		"the recipient from the relay":      {at(0), "B", ctx("C"), nil},
		"the relay from another":            {at(0), "C", ctx("B"), WrongSender},
		"the recipient from the originator": {at(0), "A", ctx("C"), WrongSender},
		"the recipient from another":        {at(0), "D", ctx("C"), WrongSender},
		"one it is not for":                 {at(0), "B", ctx("D"), NotOurs},
		"within the clocks' difference":     {at(-Lease - Skew + time.Second), "B", ctx("C"), nil},
		"an old one (10899)":                {at(-Lease - Skew), "B", ctx("C"), NoGrant},
		"one to come":                       {at(Skew + time.Second), "B", ctx("C"), NoGrant},
		"after the list ran out":            {at(0), "B", expired, Expired},
	} {
		if err := AcceptGrant(c.g, c.sender, c.ctx); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestPass(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1})
	expired := ctx("A")
	expired.Now = noon.AddDate(2, 0, 0)
	fresh := []*Granted{grant(t, "A", one, "B", []string{"C"}, noon.Add(-Lease+time.Second))}
	for name, c := range map[string]struct {
		v      *Version
		held   Held
		to     string
		grants []*Granted
		ctx    Context
		want   error
	}{
		"the originator to its audience":  {one, Held{Latest: one}, "B", nil, ctx("A"), nil},
		"to one left out":                 {one, Held{Latest: one}, "D", nil, ctx("A"), NotTheirs},
		"to one who is no member":         {one, Held{Latest: one}, "X", nil, ctx("A"), NotMember},
		"an old version (4784)":           {one, Held{Latest: two}, "C", nil, ctx("A"), NotCurrent},
		"the narrowed version (4784)":     {two, Held{Latest: two}, "C", nil, ctx("A"), NotTheirs},
		"a relay without a grant (10899)": {one, Held{Latest: one}, "C", nil, ctx("B"), NoGrant},
		"a relay with a fresh grant":      {one, Held{Latest: one}, "C", fresh, ctx("B"), nil},
		"a relay beyond the audience":     {two, Held{Latest: two}, "C", []*Granted{grant(t, "A", two, "B", []string{"C"}, noon)}, ctx("B"), NotTheirs},
		"a relay a second too late":       {one, Held{Latest: one}, "C", []*Granted{grant(t, "A", one, "B", []string{"C"}, noon.Add(-Lease))}, ctx("B"), NoGrant},
		"a relay of what was recalled":    {one, Held{Latest: one, Recalled: 1}, "C", fresh, ctx("B"), Taken},
		"what is not held":                {one, Held{}, "B", nil, ctx("A"), NotCurrent},
		"after the list ran out":          {one, Held{Latest: one}, "B", nil, expired, Expired},
	} {
		if err := Pass(c.v, c.held, c.to, c.grants, c.ctx); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, c := range []struct {
		held  Held
		relay string
		to    string
		self  string
		want  error
	}{
		{Held{Latest: one}, "B", "C", "A", nil},
		{Held{Latest: one}, "D", "C", "A", NotTheirs},
		{Held{Latest: one}, "B", "D", "A", NotTheirs},
		{Held{Latest: two}, "B", "C", "A", NotCurrent},
		{Held{Latest: one}, "B", "C", "B", NoGrant},
	} {
		if err := MayGrant(one, c.held, c.relay, []string{c.to}, ctx(c.self)); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestShow(t *testing.T) {
	amber, red := version(t, draft{audience: []string{"B"}}), version(t, draft{audience: []string{"B"}, tlp: stix.Red})
	for _, c := range []struct {
		v     *Version
		held  Held
		self  string
		named bool
		want  error
	}{
		{amber, Held{}, "B", false, nil},
		{amber, Held{}, "A", false, nil},
		{amber, Held{}, "C", false, NotOurs},
		{amber, Held{Recalled: 1}, "B", false, Taken},
		{red, Held{}, "B", false, NamedOnly},
		{red, Held{}, "B", true, nil},
		{red, Held{Recalled: 1}, "B", true, Taken},
	} {
		if err := Show(c.v, c.held, c.self, c.named); !errors.Is(err, c.want) {
			t.Errorf("%v %v, want %v", c.self, err, c.want)
		}
	}
	amber.Statement.Handling.ReviewBy = "2026-11-22"
	if Overdue(amber, noon) || !Overdue(amber, noon.Add(12*time.Hour)) {
		t.Error("the day of review")
	}
}

func TestRecall(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C", "D"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B"}, hours: 1})
	if got := Narrowed(one, two); !reflect.DeepEqual(got, []string{"C", "D"}) {
		t.Error(got)
	}
	if Narrowed(nil, two) != nil {
		t.Error("nobody can be removed from nothing")
	}
	r := &envelope.Recall{Header: header("A"), ID: tool, Version: 1, From: []string{"C", "D"}, Issued: stix.FormatTime(noon), Disposal: envelope.Erase}
	future := *r
	future.Issued = stix.FormatTime(noon.Add(time.Hour))
	for _, c := range []struct {
		r          *envelope.Recall
		by, issuer string
		self       string
		want       error
	}{{r, "A", "A", "C", nil}, {r, "A", "A", "B", NotOurs}, {r, "A", "B", "C", NotOwner}, {&future, "A", "A", "C", Future}} {
		if err := AcceptRecall(c.r, c.issuer, ctx(c.self)); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	if held := (Held{Latest: one}).Receive(r); held.Recalled != 1 || held.Receive(&envelope.Recall{}).Recalled != 1 {
		t.Error("a recall was forgotten")
	}
	sent := []SentRecall{{r, envelope.Hash{1}}}
	if got := OpenRecalls(sent, nil); len(got) != 2 || got[0].State != "C" || !got[0].Since.Equal(noon) {
		t.Errorf("%+v", got)
	}
	receipts := []*envelope.Receipt{{Header: header("C"), Recall: envelope.Hash{1}}, {Header: header("D"), Recall: envelope.Hash{2}}, {Header: header("E"), Recall: envelope.Hash{1}}}
	if got := OpenRecalls(sent, receipts); len(got) != 1 || got[0].State != "D" {
		t.Errorf("%+v", got)
	}
}

// MISP 7409: what was published by mistake is taken back, everywhere it went,
// and the originator sees who has not answered yet.
func TestMISP7409PublishedByMistake(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, hours: 1}) // to nobody
	from := Narrowed(one, two)
	r, err := envelope.Open(seal(t, envelope.ForRecall, envelope.Recall{Header: header("A"), ID: tool, Version: 1, From: from, Issued: stix.FormatTime(noon), Disposal: envelope.Erase}, "A"), community())
	if err != nil {
		t.Fatal(err)
	}
	recall, err := r.Recalled()
	if err != nil || !slices.Equal(from, []string{"B", "C"}) {
		t.Fatal(from, err)
	}
	for _, self := range from {
		held := Held{Latest: one}
		if err := AcceptRecall(recall, one.Statement.Issuer, ctx(self)); err != nil {
			t.Fatal(err)
		}
		held = held.Receive(recall)
		if !errors.Is(Show(one, held, self, true), Taken) || !errors.Is(Accept(one, held, "A", nil, ctx(self)), Taken) {
			t.Errorf("%s still has it", self)
		}
		if err := Pass(two, Held{Latest: two}, self, nil, ctx("A")); !errors.Is(err, NotTheirs) {
			t.Errorf("%s learns of what comes later: %v", self, err)
		}
	}
	sent := []SentRecall{{recall, r.PayloadHash()}}
	if open := OpenRecalls(sent, []*envelope.Receipt{{Header: header("B"), Recall: r.PayloadHash()}}); len(open) != 1 || open[0].State != "C" {
		t.Errorf("%+v", open)
	}
}

// MISP 1576 and 2135: a proposal of another's that the originator takes up
// reaches everyone in the audience, as its next version. The proposal itself is
// an object of the proposer's.
func TestMISP1576And2135AcceptedProposalsArrive(t *testing.T) {
	one := version(t, draft{audience: []string{"B", "C"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B", "C"}, hours: 1, name: " as C proposed"})
	for _, self := range []string{"B", "C"} {
		if err := Pass(two, Held{Latest: two}, self, nil, ctx("A")); err != nil {
			t.Error(err)
		}
		if err := Accept(two, Held{Latest: one}, "A", nil, ctx(self)); err != nil {
			t.Error(err)
		}
	}
	if err := Accept(version(t, draft{by: "C", n: 2, after: one, audience: []string{"A", "B"}, hours: 1}), Held{Latest: one}, "C", nil, ctx("A")); !errors.Is(err, NotOwner) {
		t.Errorf("a proposal took the place of what it is about: %v", err)
	}
}

// MISP 3468: who is added to the audience gets what there is, with no version
// before it.
func TestMISP3468NewMembersGetWhatThereIs(t *testing.T) {
	one := version(t, draft{audience: []string{"B"}})
	two := version(t, draft{n: 2, after: one, audience: []string{"B", "C"}, hours: 1})
	if err := Pass(two, Held{Latest: two}, "C", nil, ctx("A")); err != nil {
		t.Error(err)
	}
	if err := Accept(two, Held{}, "A", nil, ctx("C")); err != nil {
		t.Error(err)
	}
	if err := Pass(one, Held{Latest: two}, "C", nil, ctx("A")); !errors.Is(err, NotCurrent) {
		t.Errorf("a version from before its time: %v", err)
	}
}

func TestDryRun(t *testing.T) {
	got := DryRun([]string{"B", "C"}, map[string][]string{"B": {"C", "D"}, "D": {"C"}, "C": {"C"}})
	if want := []Reach{{"B", nil}, {"C", []string{"B"}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if DryRun(nil, map[string][]string{"B": {"C"}}) != nil {
		t.Error("an empty audience is nobody")
	}
	if got := LeftOut([]string{"B"}, []string{"A", "B", "C"}, "A"); !slices.Equal(got, []string{"C"}) {
		t.Error(got)
	}
}

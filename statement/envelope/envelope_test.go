package envelope

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/comity-project/comity/statement/stix"
)

func key(t testing.TB, n byte, quantum bool) *PrivateKey {
	t.Helper()
	var second []byte
	if quantum {
		second = bytes.Repeat([]byte{n + 1}, 32)
	}
	k, err := NewKey(bytes.Repeat([]byte{n}, 32), second)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Public().Check(); err != nil {
		t.Fatal(err)
	}
	return k
}

type ring map[string]PublicKey

func (r ring) KeyOf(state, id string) (PublicKey, bool) {
	k, ok := r[state]
	return k, ok && k.ID() == id
}

const norIdentity = "identity--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"

func statement(k *PrivateKey) Statement {
	return Statement{
		Header: Header{"coc", "NOR", k.Public().ID(), bytes.Repeat([]byte{9}, SaltSize)}, ID: "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", Version: 1, Issued: "2026-11-22T12:00:00.000Z",
		Handling: Handling{TLP: "amber", Audience: []string{"ALV", "KAR"}, ReviewBy: "2027-05-22"},
		Object:   []byte(`{"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created_by_ref":"` + norIdentity + `","created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z","name":"x","object_marking_refs":["` + stix.Amber.ID() + `"]}`),
	}
}

func seal(t testing.TB, p Purpose, payload any, keys ...*PrivateKey) []byte {
	t.Helper()
	b, err := Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := Seal(p, b, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// The vector of DSSE's own text: type http://example.com/HelloWorld, body
// "hello world".
func TestWhatDSSESigns(t *testing.T) {
	if got := string(encode("http://example.com/HelloWorld", []byte("hello world"))); got != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("%q", got)
	}
}

func TestSealAndOpen(t *testing.T) {
	for _, quantum := range []bool{false, true} {
		k := key(t, 1, quantum)
		known := ring{"NOR": k.Public()}
		b := seal(t, ForStatement, statement(k), k)
		if again := seal(t, ForStatement, statement(k), k); !bytes.Equal(again, b) {
			t.Error("the same statement gives other bytes")
		}
		s, err := Open(b, known)
		if err != nil {
			t.Fatal(err)
		}
		st, o, err := s.Said()
		if err != nil || st.Handling.TLP != "amber" || o.CreatedBy() != norIdentity || s.Purpose != ForStatement {
			t.Fatalf("%+v %v", st, err)
		}
		// Every byte counts.
		step := 1
		if quantum {
			step = 13
		}
		for i := 0; i < len(b); i += step {
			bad := bytes.Clone(b)
			bad[i] ^= 1
			if _, err := Open(bad, known); err == nil {
				t.Fatalf("byte %d of %d may change: %q", i, len(b), b[max(0, i-10):min(len(b), i+10)])
			}
		}
		// The same payload under another purpose is not signed.
		other := bytes.Replace(b, []byte("comity.statement+json"), []byte("comity.checkpoint+json"), 1)
		if _, err := Open(other, known); !errors.Is(err, ErrSignature) {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	both, plain := key(t, 1, true), key(t, 1, false)
	b := seal(t, ForStatement, statement(both), both)
	for name, c := range map[string]struct {
		b    []byte
		ring ring
		want error
	}{
		"a stranger":                {b, ring{}, ErrKey},
		"another state's key":       {b, ring{"KAR": both.Public()}, ErrKey},
		"another key of the state":  {b, ring{"NOR": plain.Public()}, ErrKey},
		"a statement not signed":    {[]byte(`{"payload":"e30=","payloadType":"` + ForStatement.Type() + `","signatures":[]}`), nil, ErrUnsigned},
		"bytes in another order":    {[]byte(`{"payloadType":"x","payload":"e30=","signatures":[]}`), nil, ErrForm},
		"another type":              {[]byte(`{"payload":"e30=","payloadType":"application/json","signatures":[]}`), nil, ErrForm},
		"a version to come":         {bytes.Replace(b, []byte("+json;v=1"), []byte("+json;v=2"), 1), nil, ErrForm},
		"a payload not canonical":   {[]byte(`{"payload":"` + base64.StdEncoding.EncodeToString([]byte(`{ }`)) + `","payloadType":"` + ForStatement.Type() + `","signatures":[{"keyid":"x","sig":""}]}`), nil, ErrForm},
		"a member that is not ours": {[]byte(`{"more":1,"payload":"e30=","payloadType":"x","signatures":[]}`), nil, ErrForm},
		"too much":                  {make([]byte, maxBytes+1), nil, ErrForm},
	} {
		if _, err := Open(c.b, c.ring); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// ML-DSA is asked for and was left out: the classical half alone is nothing.
	s, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	w := wire{Payload: s.Payload, PayloadType: s.Purpose.Type(), Signatures: s.signatures[:1]}
	half, err := Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(half, ring{"NOR": both.Public()}); !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), MLDSA65) {
		t.Error(err)
	}
	w.Signatures = append(s.signatures[:2:2], s.signatures[0])
	twice, err := Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(twice, ring{"NOR": both.Public()}); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
}

func TestCombine(t *testing.T) {
	a, b := key(t, 1, true), key(t, 5, false)
	payload, err := Marshal(statement(a))
	if err != nil {
		t.Fatal(err)
	}
	var parts [][]byte
	for _, k := range []*PrivateKey{a, b, a} {
		part, err := Seal(ForTrustList, payload, k)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	all, err := Combine(parts...)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Seal(ForTrustList, payload, a, b)
	if err != nil || !bytes.Equal(all, want) {
		t.Errorf("%v\n%s\n%s", err, all, want)
	}
	if _, err := Combine(parts[0], seal(t, ForStatement, statement(a), a)); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
	if _, err := Combine(); err == nil {
		t.Error("nothing was combined")
	}
}

// A whole number beyond 2^53 is not in canonical form, and two names are
// refused.
func TestPayloadsAreStrict(t *testing.T) {
	for _, bad := range []string{`{"a":9007199254740993}`, `{"a":1,"a":2}`, `{"b":1,"a":2}`, `{"a":1.0}`, `{"a":"\u0041"}`, "{}\n", `{"a":"` + "\xff" + `"}`} {
		if err := canonical([]byte(bad)); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := Unmarshal([]byte(`{"more":1}`), &Header{}); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
}

func TestSaid(t *testing.T) {
	k := key(t, 1, false)
	change := func(old, new string) func(*Statement) {
		return func(s *Statement) { s.Object = bytes.Replace(s.Object, []byte(old), []byte(new), 1) }
	}
	for name, c := range map[string]struct {
		change func(*Statement)
		want   error
	}{
		"as it is":                                {func(*Statement) {}, nil},
		"to nobody":                               {func(s *Statement) { s.Handling.Audience = nil }, nil},
		"version 0":                               {func(s *Statement) { s.Version = 0 }, ErrForm},
		"a second version after nothing":          {func(s *Statement) { s.Version = 2 }, ErrForm},
		"a first version after something":         {func(s *Statement) { s.Previous = Hash{1} }, ErrForm},
		"no time":                                 {func(s *Statement) { s.Issued = "now" }, ErrForm},
		"no date":                                 {func(s *Statement) { s.Handling.ReviewBy = "soon" }, ErrForm},
		"an audience not sorted":                  {func(s *Statement) { s.Handling.Audience = []string{"KAR", "ALV"} }, ErrForm},
		"an audience with one twice":              {func(s *Statement) { s.Handling.Audience = []string{"ALV", "ALV"} }, ErrForm},
		"another object's id":                     {func(s *Statement) { s.ID = "tool--7e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f" }, ErrForm},
		"an object that is not valid":             {change(`"name":"x"`, `"name":1`), ErrForm},
		"no object":                               {func(s *Statement) { s.Object = []byte(`[]`) }, ErrForm},
		"unmarked (connectors 6172)":              {change(`,"object_marking_refs":["`+stix.Amber.ID()+`"]`, ""), ErrMarks},
		"marked down":                             {change(stix.Amber.ID(), stix.Clear.ID()), ErrMarks},
		"marked up":                               {change(stix.Amber.ID(), stix.Red.ID()), ErrMarks},
		"two colours (2223)":                      {change(`["`+stix.Amber.ID(), `["`+stix.Green.ID()+`","`+stix.Amber.ID()), ErrMarks},
		"TLP 1":                                   {change(stix.Amber.ID(), "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"), ErrMarks},
		"handling without a level":                {func(s *Statement) { s.Handling.TLP = "" }, ErrMarks},
		"handling in other letters":               {func(s *Statement) { s.Handling.TLP = "TLP:AMBER" }, ErrMarks},
		"PAP signed and not marked":               {func(s *Statement) { s.Handling.PAP = "red" }, ErrMarks},
		"a part marked more strictly than signed": {change(`,"name":"x"`, `,"granular_markings":[{"marking_ref":"`+stix.Red.ID()+`","selectors":["name"]}],"name":"x"`), ErrMarks},
		"PAP that is none":                        {func(s *Statement) { s.Handling.PAP = "blue" }, ErrMarks},
	} {
		st := statement(k)
		c.change(&st)
		s, err := Open(seal(t, ForStatement, st, k), ring{"NOR": k.Public()})
		if err != nil {
			t.Fatal(name, err)
		}
		if _, _, err := s.Said(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTheOtherPayloads(t *testing.T) {
	k := key(t, 1, false)
	h := statement(k).Header
	const id, at = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "2026-11-22T12:00:00.000Z"
	open := func(p Purpose, payload any) *Sealed {
		s, err := Open(seal(t, p, payload, k), ring{"NOR": k.Public()})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for i, r := range []Recall{{h, id, 1, []string{"ALV"}, at, Erase}, {h, id, 1, nil, at, Erase}, {h, "x", 1, []string{"ALV"}, at, Erase}, {h, id, 0, []string{"ALV"}, at, Erase}, {h, id, 1, []string{"ALV"}, "x", Erase}, {h, id, 1, []string{"ALV"}, at, "burn"}} {
		if _, err := open(ForRecall, r).Recalled(); (err == nil) != (i == 0) {
			t.Error(i, err)
		}
	}
	good := Receipt{h, id, 1, Hash{1}, []Hash{{2}}, at, Erase, []Kept{{"decision", 1, "the case was decided on it"}}}
	for i, change := range []func(*Receipt){func(*Receipt) {}, func(r *Receipt) { r.Recall = Hash{} }, func(r *Receipt) { r.Kept[0].Reason = "" }, func(r *Receipt) { r.Kept[0].What = "memory" }, func(r *Receipt) { r.Issued = "" }} {
		r := good
		r.Kept = []Kept{good.Kept[0]}
		change(&r)
		if _, err := open(ForReceipt, r).Receipted(); (err == nil) != (i == 0) {
			t.Error(i, err)
		}
	}
	for i, g := range []Grant{{h, id, 1, Hash{1}, "ALV", []string{"KAR"}, at}, {h, id, 1, Hash{}, "ALV", []string{"KAR"}, at}, {h, id, 1, Hash{1}, "", []string{"KAR"}, at}, {h, id, 1, Hash{1}, "ALV", nil, at}, {h, id, 1, Hash{1}, "ALV", []string{"KAR"}, ""}} {
		if _, err := open(ForGrant, g).Granted(); (err == nil) != (i == 0) {
			t.Error(i, err)
		}
	}
	if _, err := open(ForGrant, good).Receipted(); !errors.Is(err, ErrForm) {
		t.Error("a grant was read as a receipt")
	}
}

func FuzzParse(f *testing.F) {
	k := key(f, 1, false)
	f.Add(seal(f, ForStatement, statement(k), k))
	f.Add([]byte(`{"payload":"e30=","payloadType":"application/vnd.comity.recall+json;v=1","signatures":[{"keyid":"x","sig":""}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Marshal(wire{s.Payload, s.Purpose.Type(), s.signatures})
		if err != nil || !bytes.Equal(again, b) || canonical(b) != nil {
			t.Errorf("%q is %q", b, again)
		}
		_, _, _ = s.Said()
		_, _ = s.Recalled()
		_, _ = s.Receipted()
		_, _ = s.Granted()
	})
}

// An object of about 600 bytes, signed, and verified with all checks.
func BenchmarkSealed(b *testing.B) {
	for _, quantum := range []bool{false, true} {
		k := key(b, 1, quantum)
		st := statement(k)
		st.Object = bytes.Replace(st.Object, []byte(`"name":"x"`), []byte(`"description":"`+strings.Repeat("x", 220)+`","name":"x"`), 1)
		payload, err := Marshal(st)
		if err != nil {
			b.Fatal(err)
		}
		known := ring{"NOR": k.Public()}
		sealed, err := Seal(ForStatement, payload, k)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("seal/quantum=%v", quantum), func(b *testing.B) {
			for b.Loop() {
				if _, err := Seal(ForStatement, payload, k); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
		})
		b.Run(fmt.Sprintf("open/quantum=%v", quantum), func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					s, err := Open(sealed, known)
					if err != nil {
						b.Fatal(err)
					}
					if _, _, err := s.Said(); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
		})
	}
}

// The bytes of a statement are for ever: another implementation must come to
// the same ones, and so must every later version of this.
func TestTheFormatIsFrozen(t *testing.T) {
	for quantum, want := range map[bool]string{
		false: "1867212c8c3bf51739f0a580853c247e91b2da9fa019af5073e76704bf08dfaf",
		true:  "0b681bd9c420d89e0a03be66321d5bf6f118c0f1dcabcbc673bb0c057435e6c5",
	} {
		k := key(t, 1, quantum)
		s, err := Parse(seal(t, ForStatement, statement(k), k))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Hash().String(); got != want {
			t.Errorf("quantum %v: the envelope's hash is %s, want %s", quantum, got, want)
		}
	}
}

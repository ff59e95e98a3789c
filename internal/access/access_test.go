package access

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden table anew")

// The things that the rule can tell apart, as seen by an actor of the
// organisation "own" with the account "me", admitted to the compartment "in".
var things = []struct {
	name  string
	thing Thing
}{
	{"plain", Thing{}},
	{"own org", Thing{Org: "own"}},
	{"other org", Thing{Org: "other"}},
	{"own account", Thing{Account: "me", Org: "own"}},
	{"other account", Thing{Account: "you", Org: "other"}},
	{"admitted", Thing{Org: "other", Compartment: "in"}},
	{"not admitted", Thing{Org: "other", Compartment: "out"}},
	{"own, not admitted", Thing{Org: "own", Compartment: "out"}},
}

// TestWholeRule writes every role, every act and every kind of thing as a table
// that a person can read, and holds it to the one they agreed to. A changed rule
// is a changed file: go test ./internal/access -update, then read the difference.
func TestWholeRule(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("Who may do what to which thing. yes: may; a point: may not.\nThe actor belongs to the organisation \"own\", is \"me\", and is admitted to one compartment.\n")
	actors := []struct {
		name  string
		actor Actor
	}{{"nobody (a visitor)", Nobody()}, {"system (the node itself)", System()}}
	for _, r := range Roles() {
		actors = append(actors, struct {
			name  string
			actor Actor
		}{string(r), Actor{Account: "me", Org: "own", Roles: []Role{r}, Compartments: []string{"in"}}})
	}
	for _, a := range actors {
		fmt.Fprintf(&b, "\n%-24s", a.name)
		for _, x := range things {
			fmt.Fprintf(&b, "  %s", x.name)
		}
		b.WriteByte('\n')
		for _, act := range Acts() {
			fmt.Fprintf(&b, "%-24s", act)
			for _, x := range things {
				answer := "."
				if Can(a.actor, act, x.thing) {
					answer = "yes"
				}
				fmt.Fprintf(&b, "  %-*s", len(x.name), answer)
			}
			b.Truncate(len(strings.TrimRight(b.String(), " ")))
			b.WriteByte('\n')
		}
	}
	golden := filepath.Join("testdata", "rule.txt")
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, agreed := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	if len(got) != len(agreed) {
		t.Errorf("the rule has %d lines, the agreed table %d: run with -update and read the difference", len(got), len(agreed))
	}
	role, shown := "", 0
	for i := range min(len(got), len(agreed)) {
		if strings.Contains(got[i], "plain") {
			role, _, _ = strings.Cut(got[i], " ")
		}
		if got[i] != agreed[i] && shown < 20 {
			shown++
			t.Errorf("line %d, %s\nagreed %s\nis     %s", i+1, role, agreed[i], got[i])
		}
	}
}

// TestPromisesOfTheRule are promises that no change of the table may
// break, whatever else it does.
func TestPromisesOfTheRule(t *testing.T) {
	one := func(r Role) Actor {
		return Actor{Account: "me", Org: "own", Roles: []Role{r}, Compartments: []string{"in"}}
	}
	for _, act := range Acts() {
		if Can(Nobody(), act, Thing{}) || !ScopeOf(Nobody(), act).Empty() {
			t.Errorf("a visitor may %s", act)
		}
		kind, _, _ := strings.Cut(string(act), ".")
		for _, x := range things {
			if kind == "case" && (Can(one(ExporterUser), act, x.thing) || Can(one(Administrator), act, x.thing)) {
				t.Errorf("an exporter or an administrator may %s of %s", act, x.name)
			}
			if x.name == "not admitted" && Can(one(Auditor), act, x.thing) {
				t.Errorf("an auditor looks into a compartment: %s", act)
			}
		}
	}
	for _, act := range []Act{AccountManage, OrgManage, OrgActivate, Erase, ListImport, PolicyEdit, CaseAssign, CaseDecide, CaseAssess, LicenceChange} {
		if Can(one(Auditor), act, Thing{}) {
			t.Errorf("an auditor changes something: %s", act)
		}
	}
	for _, r := range Roles() {
		if r != RightsAdviser && Can(one(r), CaseRights, Thing{}) {
			t.Errorf("%s has the human-rights adviser's own view", r)
		}
		if r != SeniorOfficer && Can(one(r), CaseOverride, Thing{}) {
			t.Errorf("%s overrides the adviser", r)
		}
	}
}

// TestTwoFormsOfOneRule holds Can and Scope equal on any actor and any thing.
func TestTwoFormsOfOneRule(t *testing.T) {
	orgs, accounts, compartments := []string{"", "a", "b"}, []string{"", "x", "y"}, []string{"", "p", "q"}
	rapid.Check(t, func(t *rapid.T) {
		actor := Actor{
			Account: rapid.SampledFrom(accounts).Draw(t, "account"), Org: rapid.SampledFrom(orgs).Draw(t, "org"),
			Roles:        rapid.SliceOfN(rapid.SampledFrom(Roles()), 0, 4).Draw(t, "roles"),
			Compartments: rapid.SliceOfN(rapid.SampledFrom(compartments[1:]), 0, 2).Draw(t, "admitted"),
			System:       rapid.IntRange(0, 9).Draw(t, "system") == 0,
		}
		act := rapid.SampledFrom(append(Acts(), "no.such_act")).Draw(t, "act")
		thing := Thing{
			Org: rapid.SampledFrom(orgs).Draw(t, "of org"), Account: rapid.SampledFrom(accounts).Draw(t, "of account"),
			Compartment: rapid.SampledFrom(compartments).Draw(t, "compartment"),
		}
		scope := ScopeOf(actor, act)
		if can, holds := Can(actor, act, thing), scope.Holds(thing); can != holds {
			t.Fatalf("Can says %v, Scope %v: %+v", can, holds, scope)
		}
		if scope.Empty() && scope.Holds(thing) {
			t.Fatalf("an empty scope holds %+v", thing)
		}
	})
}

// TestProgramsDoNothingButTheirWork: whatever role a program's account has, its
// token screens, sends customs messages and uses the collections that name it, as
// far as the role may, and no more.
func TestProgramsDoNothingButTheirWork(t *testing.T) {
	for _, r := range Roles() {
		person := Actor{Account: "me", Org: "own", Roles: []Role{r}, Compartments: []string{"in"}}
		program := person
		program.Program = "duty"
		for _, act := range Acts() {
			work := act == ScreenRun || act == CustomsLook || act == CustomsUse || act == ExchangeShelf
			for _, x := range things {
				if got, want := Can(program, act, x.thing), work && Can(person, act, x.thing); got != want {
					t.Errorf("a program as %s may %s of %s: %v", r, act, x.name, got)
				}
			}
			if got, want := ScopeOf(program, act).Empty(), !work || ScopeOf(person, act).Empty(); got != want {
				t.Errorf("the scope of a program as %s for %s is empty: %v", r, act, got)
			}
		}
	}
}

package account

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

var at = time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC)

// fold gives the state that events add up to.
func fold[S event.State](t *testing.T, into S, s event.Stream, events ...event.Event) S {
	t.Helper()
	for i, e := range events {
		if err := into.Apply(event.Recorded{Seq: int64(i + 1), Stream: s, Version: int64(i + 1), Time: at, Actor: "admin", Event: e}); err != nil {
			t.Fatal(err)
		}
	}
	return into
}

// inputs are the names of the inputs that a fault points to.
func inputs(err error) string {
	var f *fault.Error
	var names []string
	if errors.As(err, &f) {
		for _, x := range f.Fields {
			names = append(names, x.Name)
		}
	}
	return strings.Join(names, " ")
}

// check compares what was decided with what was expected.
func check(t *testing.T, got []event.New, err error, want []event.Event, code fault.Code, fields string) {
	t.Helper()
	if code != "" {
		if !fault.Is(err, code) || inputs(err) != fields {
			t.Fatalf("want %s at %q, got %v", code, fields, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var events []event.Event
	for _, n := range got {
		events = append(events, n.Event)
	}
	if !reflect.DeepEqual(events, want) {
		t.Fatalf("decided\n%+v, want\n%+v", events, want)
	}
}

func TestDecideOrg(t *testing.T) {
	active := OrgRegistered{Kind: Exporter, Name: "Tronmark", Country: "XN", Registry: "7"}
	pending := active
	pending.Status = Pending
	note := func(s string) event.Private[string] { return event.P(event.Stream("org/o"), s) }
	long := strings.Repeat("x", 201)
	for name, c := range map[string]struct {
		given  []event.Event
		when   any
		then   []event.Event
		code   fault.Code
		fields string
	}{
		"registers, tidied":           {nil, RegisterOrg{"o", Exporter, " Tronmark ", "xn", " 7 "}, []event.Event{active}, "", ""},
		"a department has no number":  {nil, RegisterOrg{"o", Authority, "Customs", "XN", ""}, []event.Event{OrgRegistered{Kind: Authority, Name: "Customs", Country: "XN"}}, "", ""},
		"an exporter has one":         {nil, RegisterOrg{"o", Exporter, "Tronmark", "XN", ""}, nil, fault.Invalid, "registry"},
		"everything wrong at once":    {nil, RegisterOrg{"o", Exporter, long, "Norland", strings.Repeat("7", 61)}, nil, fault.Invalid, "name country registry"},
		"of no kind":                  {nil, RegisterOrg{"o", "club", "Tronmark", "XN", "7"}, nil, fault.Invalid, "kind"},
		"twice":                       {[]event.Event{active}, RegisterOrg{"o", Exporter, "Tronmark", "XN", "7"}, nil, fault.Conflict, ""},
		"changes":                     {[]event.Event{active}, ChangeOrg{"o", "Tronmark AG", "XN", "7", Active}, []event.Event{OrgChanged{"Tronmark AG", "XN", "7", Active}}, "", ""},
		"is disabled":                 {[]event.Event{active}, ChangeOrg{"o", "Tronmark", "XN", "7", Disabled}, []event.Event{OrgChanged{"Tronmark", "XN", "7", Disabled}}, "", ""},
		"changes nothing that is not": {nil, ChangeOrg{"o", "Tronmark", "XN", "7", Active}, nil, fault.NotFound, ""},
		"has no other status":         {[]event.Event{active}, ChangeOrg{"o", "Tronmark", "XN", "7", "asleep"}, nil, fault.Invalid, "status"},
		"does not wait again":         {[]event.Event{active}, ChangeOrg{"o", "Tronmark", "XN", "7", Pending}, nil, fault.Invalid, "status"},
		"mends its name while it waits": {
			[]event.Event{pending}, ChangeOrg{"o", "Tronmark AG", "XN", "7", Pending}, []event.Event{OrgChanged{"Tronmark AG", "XN", "7", Pending}}, "", "",
		},
		"is not changed past its settlement": {[]event.Event{pending}, ChangeOrg{"o", "Tronmark", "XN", "7", Active}, nil, fault.Invalid, "status"},
		"is activated":                       {[]event.Event{pending}, SettleOrg{"o", Active, " seen "}, []event.Event{OrgSettled{Active, note("seen")}}, "", ""},
		"is turned away":                     {[]event.Event{pending}, SettleOrg{"o", Disabled, "unknown"}, []event.Event{OrgSettled{Disabled, note("unknown")}}, "", ""},
		"is settled with a word":             {[]event.Event{pending}, SettleOrg{"o", "", " "}, nil, fault.Invalid, "status note"},
		"is not settled into waiting":        {[]event.Event{pending}, SettleOrg{"o", Pending, "x"}, nil, fault.Invalid, "status"},
		"is settled once":                    {[]event.Event{pending, OrgSettled{Active, note("seen")}}, SettleOrg{"o", Disabled, "x"}, nil, fault.Conflict, ""},
		"settles nothing that is not":        {nil, SettleOrg{"o", Active, "x"}, nil, fault.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecideOrg(fold(t, &OrgState{}, "org/o", c.given...), c.when)
			check(t, got, err, c.then, c.code, c.fields)
		})
	}
	if _, err := DecideOrg(&OrgState{}, "x"); err == nil {
		t.Error("a text is no command")
	}
}

func TestDecide(t *testing.T) {
	department := Org{ID: "o", Kind: Authority, Name: "Authority", Country: "XN", Status: Active}
	company := Org{ID: "o", Kind: Exporter, Name: "Tronmark", Country: "XN", Status: Active}
	with := func(o Org, s Status) Facts { o.Status = s; return Facts{o} }
	amira := Profile{"Amira Testova", "amira@example.org", "amira"}
	sealed := event.P(event.Stream("account/a"), amira)
	opened := Opened{Org: "o", Roles: []access.Role{access.Auditor}, Profile: sealed}
	staff := []access.Role{access.Auditor}
	for name, c := range map[string]struct {
		given  []event.Event
		when   any
		facts  Facts
		then   []event.Event
		code   fault.Code
		fields string
	}{
		"opens, tidied": {
			nil,
			Open{"a", "o", Profile{" Amira Testova ", " amira@example.org", " Amira "}, []access.Role{access.RightsAdviser, access.Auditor, access.Auditor}},
			Facts{department},
			[]event.Event{Opened{Org: "o", Roles: []access.Role{access.Auditor, access.RightsAdviser}, Profile: sealed}},
			"", "",
		},
		"opens in a company that waits": {
			nil, Open{"a", "o", amira, []access.Role{access.ExporterUser}}, with(company, Pending), []event.Event{Opened{Org: "o", Roles: []access.Role{access.ExporterUser}, Profile: sealed}}, "", "",
		},
		"not in a disabled one":            {nil, Open{"a", "o", amira, staff}, with(department, Disabled), nil, fault.Invalid, "org"},
		"not in none":                      {nil, Open{"a", "o", amira, []access.Role{access.Auditor}}, Facts{}, nil, fault.Invalid, "org"},
		"not twice":                        {[]event.Event{opened}, Open{"a", "o", amira, staff}, Facts{department}, nil, fault.Conflict, ""},
		"an exporter is no staff":          {nil, Open{"a", "o", amira, []access.Role{access.ExporterUser}}, Facts{department}, nil, fault.Invalid, "roles"},
		"staff is no exporter":             {nil, Open{"a", "o", amira, staff}, Facts{company}, nil, fault.Invalid, "roles"},
		"with a role that is one":          {nil, Open{"a", "o", amira, []access.Role{"king"}}, Facts{department}, nil, fault.Invalid, "roles"},
		"everything wrong at once":         {nil, Open{"a", "o", Profile{"", "Amira <a@example.org>", "a b"}, nil}, Facts{department}, nil, fault.Invalid, "name email sign roles"},
		"a sign-in name of one letter":     {nil, Open{"a", "o", Profile{"A", "", "a"}, staff}, Facts{department}, nil, fault.Invalid, "sign"},
		"changes roles and compartments":   {[]event.Event{opened}, ChangeRoles{"a", []access.Role{access.Auditor}, []string{"b-2", "a1", "a1"}, " cover "}, Facts{department}, []event.Event{RolesChanged{staff, []string{"a1", "b-2"}, "cover"}}, "", ""},
		"changes roles for a reason":       {[]event.Event{opened}, ChangeRoles{"a", staff, []string{"Not A Slug"}, " "}, Facts{department}, nil, fault.Invalid, "reason compartments"},
		"keeps to its side of the counter": {[]event.Event{opened}, ChangeRoles{"a", []access.Role{access.ExporterUser}, nil, "x"}, Facts{department}, nil, fault.Invalid, "roles"},
		"is disabled":                      {[]event.Event{opened}, SetStatus{"a", Disabled, "left"}, Facts{}, []event.Event{StatusChanged{Disabled, "left"}}, "", ""},
		"is what it is already":            {[]event.Event{opened}, SetStatus{"a", Active, "x"}, Facts{}, nil, "", ""},
		"does not wait":                    {[]event.Event{opened}, SetStatus{"a", Pending, ""}, Facts{}, nil, fault.Invalid, "status reason"},
		"a reason has bounds":              {[]event.Event{opened}, SetStatus{"a", Disabled, strings.Repeat("x", 2001)}, Facts{}, nil, fault.Invalid, "reason"},
		"a credential":                     {[]event.Event{opened}, SetCredential{"a", "totp"}, Facts{}, []event.Event{CredentialSet{"totp"}}, "", ""},
		"none of an account that is not":   {nil, SetCredential{"a", "totp"}, Facts{}, nil, fault.NotFound, ""},
		"no roles of an account that is not": {
			nil, ChangeRoles{"a", staff, nil, "x"}, Facts{department}, nil, fault.NotFound, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decide(fold(t, &State{}, "account/a", c.given...), c.when, c.facts)
			check(t, got, err, c.then, c.code, c.fields)
		})
	}
	if _, err := Decide(fold(t, &State{}, "account/a", opened), 7, Facts{}); err == nil {
		t.Error("a number is no command")
	}
}

func TestDecideRegister(t *testing.T) {
	good := Register{"o", "Tronmark", "XN", "7", "a", Profile{"Amira Testova", "amira@example.org", "amira"}}
	for name, c := range map[string]struct {
		change func(*Register)
		fields string
	}{
		"as it should be":     {func(*Register) {}, ""},
		"no mail":             {func(r *Register) { r.Profile.Email = "" }, ""},
		"no company":          {func(r *Register) { r.Name, r.Country, r.Registry = "", "", "" }, "company country registry"},
		"no person":           {func(r *Register) { r.Profile = Profile{} }, "name sign"},
		"both names too long": {func(r *Register) { r.Name = strings.Repeat("x", 201); r.Profile.Name = r.Name }, "company name"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := good
			c.change(&cmd)
			got, err := DecideRegister(&OrgState{}, &State{}, cmd)
			if inputs(err) != c.fields || (err == nil) != (c.fields == "") || (cmd.Check() == nil) != (err == nil) {
				t.Fatalf("got %v, want %q", err, c.fields)
			}
			if err != nil {
				return
			}
			org, acc := &OrgState{}, &State{}
			fold(t, org, got[0].Stream, got[0].Event)
			fold(t, acc, got[1].Stream, got[1].Event)
			if org.Status != Pending || org.Kind != Exporter || acc.Org != "o" || len(acc.Roles) != 1 || acc.Roles[0] != access.ExporterUser || acc.Status != Active {
				t.Errorf("%+v %+v", org.Org, acc.Account)
			}
		})
	}
	if _, err := DecideRegister(&OrgState{Org{ID: "o"}}, &State{}, good); !fault.Is(err, fault.Conflict) {
		t.Errorf("an id that is taken: %v", err)
	}
}

// TestErasedAccount: after an erasure the account says when and why, and
// nothing else of the person; enabling it again changes nothing.
func TestErasedAccount(t *testing.T) {
	gone := event.Private[Profile]{Owner: "account/a", Erased: &event.Erasure{Time: at, Rule: "two years after leaving"}}
	s := fold(t, &State{}, "account/a", Opened{Org: "o", Roles: []access.Role{access.Auditor}, Profile: gone}, StatusChanged{Active, "x"})
	if s.Status != Disabled || s.Profile.Name != "" || s.Profile.Sign != "erased-a" || s.Erased == nil {
		t.Errorf("%+v", s.Account)
	}
	if rows := s.Rows(); rows[0].Columns[1].Value != "" {
		t.Errorf("the row still names somebody: %v", rows)
	}
}

func TestFolded(t *testing.T) {
	for in, want := range map[string]string{
		"  Élodie   Ŕivière ": "elodie riviere", "ＡＢＣ": "abc", "МИНИСТЕРСТВО": "министерство", "": "",
	} {
		if got := Folded(in); got != want {
			t.Errorf("%q is folded to %q, want %q", in, got, want)
		}
	}
}

func TestStatesRefuseStrangers(t *testing.T) {
	type stranger struct{ event.Event }
	for _, s := range []event.State{&OrgState{}, &State{}} {
		if err := s.Apply(event.Recorded{Event: stranger{}}); err == nil {
			t.Errorf("%T takes any event", s)
		}
		if s.Rows() != nil {
			t.Errorf("%T has rows before its first event", s)
		}
	}
}

// TestPrograms: the account of a program is opened for one role and purpose until
// a day, and is never made a person's.
func TestPrograms(t *testing.T) {
	department := Org{ID: "o", Kind: Authority, Name: "Authority", Country: "XN", Status: Active}
	company := Org{ID: "o", Kind: Exporter, Name: "Tronmark", Country: "XN", Status: Active}
	waits := company
	waits.Status = Pending
	sealed := event.P(event.Stream("account/a"), Profile{Name: "Declarations", Sign: "program-a"})
	opened := Opened{"o", []access.Role{access.CustomsOfficer}, sealed, &Program{DutyProgram, "Customs act", "2027-05-01"}}
	open := OpenProgram{"a", "o", " Declarations ", access.CustomsOfficer, " Customs act ", "2027-05-01", "2026-11-22", ""}
	with := func(f func(*OpenProgram)) OpenProgram {
		c := open
		f(&c)
		return c
	}
	for name, c := range map[string]struct {
		given  []event.Event
		when   any
		facts  Facts
		then   []event.Event
		code   fault.Code
		fields string
	}{
		"opens, tidied": {nil, open, Facts{department}, []event.Event{opened}, "", ""},
		"an exporter's looks through customers": {
			nil, with(func(c *OpenProgram) { c.Role = access.ExporterUser }),
			Facts{company},
			[]event.Event{Opened{"o", []access.Role{access.ExporterUser}, sealed, &Program{CustomersProgram, "Customs act", "2027-05-01"}}},
			"", "",
		},
		"twice":                        {[]event.Event{opened}, open, Facts{department}, nil, fault.Conflict, ""},
		"of a company that waits":      {nil, with(func(c *OpenProgram) { c.Role = access.ExporterUser }), Facts{waits}, nil, fault.Invalid, "org"},
		"of the other side":            {nil, open, Facts{company}, nil, fault.Invalid, "role"},
		"as an administrator":          {nil, with(func(c *OpenProgram) { c.Role = access.Administrator }), Facts{department}, nil, fault.Invalid, "role"},
		"for no purpose":               {nil, with(func(c *OpenProgram) { c.About = " " }), Facts{department}, nil, fault.Invalid, "about"},
		"without a name":               {nil, with(func(c *OpenProgram) { c.Name = "" }), Facts{department}, nil, fault.Invalid, "name"},
		"until yesterday":              {nil, with(func(c *OpenProgram) { c.Expires = "2026-11-21" }), Facts{department}, nil, fault.Invalid, "expires"},
		"for ever":                     {nil, with(func(c *OpenProgram) { c.Expires = "2036-11-21" }), Facts{department}, nil, fault.Invalid, "expires"},
		"by a certificate for customs": {nil, with(func(c *OpenProgram) { c.Certificate = strings.Repeat("ab", 32) }), Facts{department}, nil, fault.Invalid, "certificate"},
		"by half a certificate":        {nil, with(func(c *OpenProgram) { c.Certificate, c.Role = "abab", access.PointOfContact }), Facts{department}, nil, fault.Invalid, "certificate"},
		"no day":                       {nil, with(func(c *OpenProgram) { c.Expires = "soon" }), Facts{department}, nil, fault.Invalid, "expires"},
		"gets a token":                 {[]event.Event{opened}, SetCredential{"a", "token"}, Facts{}, []event.Event{CredentialSet{"token"}}, "", ""},
		"gets a certificate":           {[]event.Event{opened}, SetCredential{"a", "certificate"}, Facts{}, []event.Event{CredentialSet{"certificate"}}, "", ""},
		"gets no password":             {[]event.Event{opened}, SetCredential{"a", "password"}, Facts{}, nil, fault.Conflict, ""},
		"gets no other role":           {[]event.Event{opened}, ChangeRoles{"a", []access.Role{access.Auditor}, nil, "x"}, Facts{department}, nil, fault.Conflict, ""},
		"ends":                         {[]event.Event{opened}, SetStatus{"a", Disabled, "lost"}, Facts{}, []event.Event{StatusChanged{Disabled, "lost"}}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decide(fold(t, &State{}, "account/a", c.given...), c.when, c.facts)
			check(t, got, err, c.then, c.code, c.fields)
		})
	}
	person := fold(t, &State{}, "account/a", Opened{Org: "o", Roles: []access.Role{access.Auditor}, Profile: sealed})
	if _, err := Decide(person, SetCredential{"a", "token"}, Facts{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a person got a token: %v", err)
	}
	if a := fold(t, &State{}, "account/a", opened).Actor(); a.Program != DutyProgram || a.About != "Customs act" {
		t.Errorf("%+v", a)
	}
}

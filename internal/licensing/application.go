package licensing

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// LineKind says what sort of thing a line is.
type LineKind string

// The kinds of lines. Training, remote support and updates are services, and as
// much an export as the box they belong to.
const (
	Goods      LineKind = "goods"
	Software   LineKind = "software"
	Technology LineKind = "technology"
	Service    LineKind = "service"
)

// ServiceKind says what a service line does.
type ServiceKind string

// The kinds of services.
const (
	Updates       ServiceKind = "updates"
	Training      ServiceKind = "training"
	RemoteSupport ServiceKind = "remote_support"
	Repair        ServiceKind = "repair"
	OtherService  ServiceKind = "other"
)

// Quantity is an amount in thousandths of the line's unit, so that 1.5 kg is
// 1500 and six vehicles are 6000, without rounding.
type Quantity int64

// ParseQuantity reads "6", "1.5" or "0.125".
func ParseQuantity(s string) (Quantity, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 3 || whole == "" || strings.HasPrefix(whole, "-") || strings.HasPrefix(whole, "+") {
		return 0, fmt.Errorf("licensing: %q is not an amount with at most three decimals", s)
	}
	n, err := strconv.ParseInt(whole+(frac + "000")[:3], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("licensing: %q is not an amount: %w", s, err)
	}
	return Quantity(n), nil
}

// String is the amount without needless zeros.
func (q Quantity) String() string {
	s := fmt.Sprintf("%d.%03d", q/1000, q%1000)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Units are the units a quantity may be given in.
var Units = []string{"items", "sets", "licences", "users", "hours", "days", "months", "kg", "g", "l", "m", "m2"}

// ServiceDetail is what a service line adds.
type ServiceDetail struct {
	Kind  ServiceKind   `json:"kind"`
	For   string        `json:"for,omitempty"` // id of the line it serves, where it is one of this application
	From  deadline.Date `json:"from,omitempty"`
	Until deadline.Date `json:"until,omitempty"`
	How   string        `json:"how,omitempty"` // on site, remote, by whom
}

// Line is one item that leaves, or one service that is rendered.
type Line struct {
	ID          string         `json:"id"` // stays between versions
	Kind        LineKind       `json:"kind"`
	PartNumber  string         `json:"part_number,omitempty"`
	Description string         `json:"description,omitempty"`
	Sheet       string         `json:"sheet,omitempty"`        // id of the technical sheet among the documents
	ClaimedCode string         `json:"claimed_code,omitempty"` // control list code in the applicant's view, "5A001.f"
	ClaimedList string         `json:"claimed_list,omitempty"` // which list the code is of, "EU"
	Categories  []string       `json:"categories,omitempty"`   // what it does, ids of the item taxonomy, "imsi_catcher"
	Tariff      string         `json:"tariff,omitempty"`       // customs tariff code
	TariffAsOf  deadline.Date  `json:"tariff_as_of,omitempty"` // the code's meaning changes with the years
	Origin      string         `json:"origin,omitempty"`       // country of origin
	Dispatch    string         `json:"dispatch,omitempty"`     // country it leaves from
	Quantity    Quantity       `json:"quantity"`               // thousandths of Unit
	Unit        string         `json:"unit"`
	Value       int64          `json:"value"` // minor units of Currency
	Currency    string         `json:"currency"`
	Service     *ServiceDetail `json:"service,omitempty"`
	User        string         `json:"user,omitempty"` // id of the party that uses it in the end, where the application has several
}

// Document is a file that belongs to the application; its bytes are in the vault.
type Document struct {
	ID    string `json:"id"`    // vault id
	Kind  string `json:"kind"`  // "technical_sheet", "contract", "end_use_statement", "legal_mandate", ...
	Title string `json:"title"` // as the applicant named it
	Hash  string `json:"hash"`  // the vault's commitment to the content, hex
	Size  int64  `json:"size"`  // bytes
	Type  string `json:"type"`  // media type as sniffed
}

// Answer is the applicant's answer to one paragraph of the profile.
type Answer struct {
	Paragraph string   `json:"paragraph"`      // id in the profile
	Line      string   `json:"line,omitempty"` // the line or party it is about, where the paragraph asks for each
	Party     string   `json:"party,omitempty"`
	Text      string   `json:"text,omitempty"`
	Choice    string   `json:"choice,omitempty"`    // one of the paragraph's choices
	Documents []string `json:"documents,omitempty"` // ids among the documents
}

// Leg is one step of the route.
type Leg struct {
	Country string `json:"country"`
	Place   string `json:"place,omitempty"`
	Carrier string `json:"carrier,omitempty"` // or "download", "in person"
}

// EndUse is what the items are said to be for, where, and on whom.
type EndUse struct {
	Purpose string `json:"purpose"`          // what for, in the applicant's words
	OnWhom  string `json:"on_whom"`          // whose data, bodies or movements it touches
	Place   string `json:"place"`            // where it will be used
	Country string `json:"country"`          // country of use
	Region  string `json:"region,omitempty"` // part of the country
}

// Contact is who the authority talks to.
type Contact struct {
	Account string       `json:"account,omitempty"` // account id, where the contact signs in here
	Owner   event.Stream `json:"owner,omitempty"`   // stream under whose key the contact is sealed; empty: the case's
	Name    string       `json:"name"`
	Email   string       `json:"email,omitempty"`
	Phone   string       `json:"phone,omitempty"`
}

// Declaration is what the applicant signed before submitting.
type Declaration struct {
	Text     string    `json:"text"` // version of the declaration's wording, "declaration/2026-11-22"
	Accepted bool      `json:"accepted"`
	Name     string    `json:"name"` // as typed by the signatory
	At       time.Time `json:"at,omitzero"`
}

// Application is a draft while the exporter works on it: it has no stream, it
// is saved freely, and it may be as incomplete as it likes. Submit makes an
// immutable version of it.
type Application struct {
	ID          string        `json:"id"`
	Kind        string        `json:"kind"` // "individual"; which kinds there are is data
	Title       string        `json:"title"`
	Org         string        `json:"org"` // the exporter's organisation id
	Contact     Contact       `json:"contact"`
	Lines       []Line        `json:"lines,omitempty"`
	Parties     []party.Party `json:"parties,omitempty"`
	EndUse      EndUse        `json:"end_use"`
	Route       []Leg         `json:"route,omitempty"`
	Contract    string        `json:"contract,omitempty"` // reference of the contract
	Documents   []Document    `json:"documents,omitempty"`
	Answers     []Answer      `json:"answers,omitempty"`
	Notes       string        `json:"notes,omitempty"` // anything the applicant wants to add
	Declaration Declaration   `json:"declaration"`
	Profile     string        `json:"profile,omitempty"` // id and version of the profile it was checked against
}

// Line finds a line by its id.
func (a *Application) Line(id string) (Line, bool) {
	for _, l := range a.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return Line{}, false
}

// Party finds a party by its id.
func (a *Application) Party(id string) (party.Party, bool) {
	for _, p := range a.Parties {
		if p.ID == id {
			return p, true
		}
	}
	return party.Party{}, false
}

// Document finds a document by its id.
func (a *Application) Document(id string) (Document, bool) {
	for _, d := range a.Documents {
		if d.ID == id {
			return d, true
		}
	}
	return Document{}, false
}

// EndUser is the ultimate end user where there is one, else the first end user.
func (a *Application) EndUser() (party.Party, bool) {
	for _, r := range []party.Role{party.UltimateEndUser, party.EndUser} {
		for _, p := range a.Parties {
			if p.Is(r) {
				return p, true
			}
		}
	}
	return party.Party{}, false
}

// Value is the sum of the lines in minor units and its currency. Validate sees
// to it that there is one currency only.
func (a *Application) Value() (minor int64, currency string) {
	for _, l := range a.Lines {
		minor += l.Value
		if l.Currency != "" {
			currency = l.Currency
		}
	}
	return minor, currency
}

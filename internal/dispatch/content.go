package dispatch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Kind is what sort of paper one is.
type Kind string

// The kinds.
const (
	Report    Kind = "report"    // a threat or a risk: vendor, capability, end user, abuse
	Practice  Kind = "practice"  // a practice that we offer to others
	Request   Kind = "request"   // a request for information, which anybody may decline
	Procedure Kind = "procedure" // an agreed text on exchange, with rules that are enforced
	Reply     Kind = "reply"     // a word or a text on another's statement
)

// Kinds in the order in which pages offer them. A reply is begun from what it
// replies to.
var Kinds = []Kind{Report, Practice, Request, Procedure}

// The words that content is made of. They are those of the published schemas.
var (
	ReportKinds = []string{"threat", "risk"}
	Abuses      = []string{"arbitrary-detention", "censorship", "discrimination", "enforced-disappearance", "extrajudicial-killing", "interference-with-expression", "interference-with-privacy", "repression-of-assembly", "torture", "transnational-repression", "other"}
	Harms       = []string{"interception", "device-intrusion", "location-tracking", "biometric-identification", "social-media-monitoring", "network-filtering", "forensic-extraction", "data-fusion", "crowd-control", "emotion-recognition", "other"}
	Evidence    = []string{"alleged", "reported-once", "corroborated", "established-by-authority", "established-by-court"}
	Likelihoods = []string{"remote", "very-unlikely", "unlikely", "roughly-even", "likely", "very-likely", "almost-certain"}
	Users       = []string{"police", "military", "intelligence", "border", "prosecution", "prison", "regulator", "telecom", "company", "other", "unknown"}
	Vendors     = []string{"manufacturer", "developer", "reseller", "broker", "integrator", "investor", "parent", "support"}
	Purposes    = []string{"licensing", "enforcement", "policy", "outreach", "awareness"}
	Themes      = []string{"licensing", "due-diligence", "human-rights-assessment", "enforcement", "outreach", "legislation", "technology-watch", "post-shipment", "information-sharing", "other"}
	TLPs        = []string{"clear", "green", "amber", "amber+strict", "red"}
	PAPs        = []string{"clear", "green", "amber", "red"}
	Origins     = []string{"reviewed-report", "open-source", "state", "partner"}
	Consents    = []string{"given", "not-needed", "not-asked", "withheld"}
	Onwards     = []string{"no", "consent", "free"}
	Opinions    = []string{"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"}
	// People are why a natural person may be named; nobody else is.
	People = []string{"listed", "office-holder", "signatory", "company-owner"}
	// Protected are those who are never named, whatever the reason.
	Protected = []string{"victim", "source"}
)

// Words of a reply.
const (
	WordConsidered     = "considered" // we looked at it; what we did is ours
	WordAnswered       = "answered"
	WordDeclined       = "declined" // a request, without a reason
	WordRequest        = "request"
	WordConsentAsked   = "consent-asked" // may we pass this on?
	WordConsentGiven   = "consent-given"
	WordConsentRefused = "consent-refused"
	WordTellAsked      = "telling-asked" // may we tell this to an applicant, a court or the public?
	WordTellGiven      = "telling-given"
	WordTellRefused    = "telling-refused"
	WordAccepted       = "accepted" // a procedure
	WordLeft           = "left"     // a procedure that was accepted
	WordExists         = "exists"   // something was shared under a procedure that you have not accepted
)

// Content is what a paper says.
type Content struct {
	Title     string     `json:"title"`
	Text      string     `json:"text,omitempty"`
	Report    *Reporting `json:"report,omitempty"`
	Theme     string     `json:"theme,omitempty"` // of a practice
	Procedure *Rules     `json:"procedure,omitempty"`
	Due       string     `json:"due,omitempty"` // of a request, ISO date
	Reply     *ReplyTo   `json:"reply,omitempty"`
}

// Reporting is what a report is about and how far it is known.
type Reporting struct {
	Kind         string       `json:"kind"`
	Named        []Named      `json:"named,omitempty"`
	Capabilities []Capability `json:"capabilities,omitempty"`
	Abuses       []string     `json:"abuses,omitempty"`
	Places       []string     `json:"places,omitempty"` // countries
	Evidence     string       `json:"evidence"`
	Admiralty    string       `json:"admiralty"`
	Likelihood   string       `json:"likelihood"`
	Basis        []string     `json:"basis,omitempty"`
}

// Named is a vendor or an end user.
type Named struct {
	Role         string `json:"role"` // "vendor", "end-user"
	Name         string `json:"name"`
	Country      string `json:"country,omitempty"`
	Kind         string `json:"kind,omitempty"` // one of Vendors or Users
	Registration string `json:"registration,omitempty"`
	// Of a natural person: why naming them is needed, how well that is
	// established, and until when the name may stand.
	Person   bool          `json:"person,omitempty"`
	Category string        `json:"category,omitempty"`
	Grade    string        `json:"grade,omitempty"`
	Expires  deadline.Date `json:"expires,omitempty"`
	// Part tells several of one role apart, from 1, and stays when another is
	// taken out, so that each keeps its object from version to version.
	Part int `json:"part,omitempty"`
}

// Capability is what a technology does to people.
type Capability struct {
	Name  string   `json:"name"`
	Harms []string `json:"harms"`
	Part  int      `json:"part,omitempty"` // as in Named
}

// Input is the name under which a form has something of the named.
func (n Named) Input(what string) string {
	role := "vendor"
	if n.Role != "vendor" {
		role = "user"
	}
	return inputOf(role, n.Part, what)
}

// Input is the name under which a form has something of the capability.
func (k Capability) Input(what string) string { return inputOf("capability", k.Part, what) }

func inputOf(role string, part int, what string) string {
	return role + "." + strconv.Itoa(max(part, 1)) + "." + what
}

// Rules are what a procedure says that machines enforce, and its paragraphs.
type Rules struct {
	Number     string        `json:"number"`
	Status     string        `json:"status"` // proposed, agreed, ended
	Onward     string        `json:"onward"`
	LowestTLP  string        `json:"lowest_tlp"`
	Purposes   []string      `json:"purposes"`
	Retention  int           `json:"retention,omitempty"` // days
	ReviewBy   deadline.Date `json:"review_by"`
	Paragraphs []Paragraph   `json:"paragraphs"`
}

// Paragraph is one paragraph of a procedure; Rule names what it makes a rule of.
type Paragraph struct {
	Number string `json:"number"`
	Text   string `json:"text"`
	Rule   string `json:"rule,omitempty"`
}

// Of gives the paragraph that makes a rule.
func (r *Rules) Of(rule string) (Paragraph, bool) {
	i := slices.IndexFunc(r.Paragraphs, func(p Paragraph) bool { return p.Rule == rule })
	if i < 0 {
		return Paragraph{}, false
	}
	return r.Paragraphs[i], true
}

// ReplyTo is what a reply is about: the object, and a word or an opinion.
type ReplyTo struct {
	Object  string `json:"object"`            // STIX id
	Leaf    string `json:"leaf,omitempty"`    // of the statement that was before us
	Word    string `json:"word,omitempty"`    // one of the words
	Opinion string `json:"opinion,omitempty"` // one of Opinions
	Seen    bool   `json:"seen,omitempty"`    // a sighting
	Note    bool   `json:"note,omitempty"`    // a note: a text and no word
	// Of a sighting: how often, and from when to when.
	Count int64         `json:"count,omitempty"`
	First deadline.Date `json:"first,omitempty"`
	Until deadline.Date `json:"until,omitempty"`
}

// As is in what form a reply speaks: "opinion", "note", "sighting", "" for a word.
func (r *ReplyTo) As() string {
	switch {
	case r.Opinion != "":
		return "opinion"
	case r.Seen:
		return "sighting"
	case r.Note:
		return "note"
	}
	return ""
}

// Bare tells that a reply is a word and nothing more: nobody can be harmed by
// it, so nobody has to check it.
func (c *Content) Bare() bool {
	return c.Reply != nil && c.Reply.Word != "" && c.Reply.Word != WordAnswered && strings.TrimSpace(c.Text) == ""
}

// People who are named and are natural persons.
func (c *Content) persons() (out []Named) {
	if c.Report == nil {
		return nil
	}
	for _, n := range c.Report.Named {
		if n.Person {
			out = append(out, n)
		}
	}
	return out
}

// Handling is how a paper is to be handled and who may have it.
type Handling struct {
	TLP       string        `json:"tlp"`
	PAP       string        `json:"pap,omitempty"`
	Audience  []string      `json:"audience,omitempty"` // states, sorted; none is nobody
	ReviewBy  deadline.Date `json:"review_by,omitempty"`
	Purposes  []string      `json:"purposes,omitempty"`
	Origin    string        `json:"origin,omitempty"`    // at the coarsest level that serves
	Procedure string        `json:"procedure,omitempty"` // STIX id of the procedure it is shared under
	Notice    bool          `json:"notice,omitempty"`    // who has not accepted the procedure may learn that something exists
}

// Bounds, in characters.
const (
	maxTitle = 300
	maxText  = 20_000
	maxName  = 300

	// MaxParts bounds the vendors, end users and capabilities of one report.
	MaxParts = 50
)

func invalid() *fault.Error { return fault.New(fault.Invalid, "dispatch.invalid") }

func oneOf(e *fault.Error, field, value string, list []string) {
	if !slices.Contains(list, value) {
		e.Field(field, "dispatch.choose")
	}
}

func want(e *fault.Error, field, text string, limit int) {
	switch {
	case strings.TrimSpace(text) == "":
		e.Field(field, "dispatch.missing")
	case !party.Bounded(text, limit):
		e.Field(field, "dispatch.long", "max", limit)
	}
}

// check holds content to what its kind needs.
func (c *Content) check(kind Kind, today deadline.Date, e *fault.Error) {
	if kind == Reply {
		c.checkReply(today, e)
		return
	}
	want(e, "title", c.Title, maxTitle)
	want(e, "text", c.Text, maxText)
	switch kind {
	case Report:
		c.checkReport(today, e)
	case Practice:
		oneOf(e, "theme", c.Theme, Themes)
	case Request:
		if d := deadline.Date(c.Due); !d.Valid() || d <= today {
			e.Field("due", "dispatch.due")
		}
	case Procedure:
		c.checkProcedure(e)
	default:
		e.Field("kind", "dispatch.choose")
	}
}

// maxSeen bounds the count of a sighting, as the standard does.
const maxSeen = 999_999_999

func (c *Content) checkReply(today deadline.Date, e *fault.Error) {
	r := c.Reply
	words := []string{WordConsidered, WordAnswered, WordDeclined, WordRequest, WordConsentAsked, WordConsentGiven, WordConsentRefused, WordTellAsked, WordTellGiven, WordTellRefused, WordAccepted, WordLeft, WordExists}
	switch {
	case r == nil || r.Object == "":
		e.Field("reply", "dispatch.missing")
	case r.Opinion != "":
		oneOf(e, "opinion", r.Opinion, Opinions)
	case r.Seen:
		if r.Count < 0 || r.Count > maxSeen {
			e.Field("count", "dispatch.seen.count", "max", maxSeen)
		}
		if r.First != "" && !r.First.Valid() || r.Until != "" && !r.Until.Valid() || r.First != "" && r.Until != "" && r.Until < r.First || max(r.First, r.Until) > today {
			e.Field("until", "dispatch.seen.days")
		}
	case !r.Note:
		oneOf(e, "word", r.Word, words)
	}
	if r != nil && (r.Word == WordAnswered || r.Opinion != "" || r.Note) {
		want(e, "text", c.Text, maxText)
	}
	if !party.Bounded(c.Text, maxText) {
		e.Field("text", "dispatch.long", "max", maxText)
	}
}

func (c *Content) checkReport(today deadline.Date, e *fault.Error) {
	r := c.Report
	if r == nil {
		e.Field("report_kind", "dispatch.missing")
		return
	}
	oneOf(e, "report_kind", r.Kind, ReportKinds)
	oneOf(e, "evidence", r.Evidence, Evidence)
	oneOf(e, "likelihood", r.Likelihood, Likelihoods)
	if len(r.Admiralty) != 2 || strings.IndexByte("ABCDEF", r.Admiralty[0]) < 0 || strings.IndexByte("123456", r.Admiralty[1]) < 0 {
		e.Field("admiralty", "dispatch.admiralty")
	}
	if len(r.Abuses) == 0 {
		e.Field("abuses", "dispatch.choose")
	}
	for _, a := range r.Abuses {
		oneOf(e, "abuses", a, Abuses)
	}
	for _, p := range r.Places {
		if !party.ValidCountry(p) {
			e.Field("places", "party.country.unknown", "code", p)
		}
	}
	if len(r.Named)+len(r.Capabilities) == 0 {
		e.Field(Named{Role: "vendor"}.Input("name"), "dispatch.about_nothing")
	}
	if len(r.Named)+len(r.Capabilities) > MaxParts {
		e.Field("rows", "dispatch.parts", "max", MaxParts)
	}
	there := map[string]bool{}
	once := func(part int, name string) {
		if part < 0 || part > maxPart || part > 0 && there[name] {
			e.Field(name, "dispatch.part")
		}
		there[name] = true
	}
	for _, k := range r.Capabilities {
		once(k.Part, k.Input("name"))
		want(e, k.Input("name"), k.Name, maxName)
		if len(k.Harms) == 0 {
			e.Field(k.Input("harms"), "dispatch.choose")
		}
		for _, h := range k.Harms {
			oneOf(e, k.Input("harms"), h, Harms)
		}
	}
	for _, n := range r.Named {
		once(n.Part, n.Input("name"))
		n.check(today, e)
	}
}

// maxPart bounds the number of a part: there are more numbers than parts, since
// those taken out leave theirs behind.
const maxPart = 10_000

func (n Named) check(today deadline.Date, e *fault.Error) {
	kinds := Vendors
	if n.Role != "vendor" {
		kinds = Users
	}
	want(e, n.Input("name"), n.Name, maxName)
	if !slices.Contains(kinds, n.Kind) {
		e.Field(n.Input("kind"), "dispatch.choose")
	}
	if n.Country != "" && !party.ValidCountry(n.Country) {
		e.Field(n.Input("country"), "party.country.unknown", "code", n.Country)
	}
	if !n.Person {
		return
	}
	switch {
	case slices.Contains(Protected, n.Category):
		e.Field(n.Input("category"), "dispatch.person.protected")
	case !slices.Contains(People, n.Category):
		e.Field(n.Input("category"), "dispatch.person.category")
	}
	if i := slices.Index(Evidence, n.Grade); i < 1 {
		e.Field(n.Input("grade"), "dispatch.person.grade") // an allegation names nobody
	}
	if !n.Expires.Valid() || n.Expires <= today || n.Expires > today.Add(longestName) {
		e.Field(n.Input("expires"), "dispatch.person.expires", "days", longestName)
	}
}

// longestName is for how many days a natural person may be named.
const longestName = 3 * 365

func (c *Content) checkProcedure(e *fault.Error) {
	p := c.Procedure
	if p == nil {
		e.Field("number", "dispatch.missing")
		return
	}
	want(e, "number", p.Number, 20)
	oneOf(e, "status", p.Status, []string{"proposed", "agreed", "ended"})
	oneOf(e, "onward", p.Onward, Onwards)
	oneOf(e, "lowest_tlp", p.LowestTLP, TLPs)
	if len(p.Purposes) == 0 {
		e.Field("procedure_purposes", "dispatch.choose")
	}
	if !p.ReviewBy.Valid() {
		e.Field("procedure_review", "dispatch.day")
	}
	if len(p.Paragraphs) == 0 || len(p.Paragraphs) > 100 {
		e.Field("paragraphs", "dispatch.paragraphs")
	}
	for _, x := range p.Paragraphs {
		if x.Number == "" || !party.Bounded(x.Number, 20) || strings.TrimSpace(x.Text) == "" || !party.Bounded(x.Text, 4000) {
			e.Field("paragraphs", "dispatch.paragraphs")
		}
	}
	if _, ok := p.Of("onward"); !ok && p.Onward != "free" {
		e.Field("paragraphs", "dispatch.paragraph_onward") // a refusal names the paragraph it rests on
	}
}

// check holds handling to what every paper needs. The audience may still be
// empty: then nobody gets it.
func (h *Handling) check(kind Kind, today deadline.Date, e *fault.Error) {
	oneOf(e, "tlp", h.TLP, TLPs)
	if h.PAP != "" {
		oneOf(e, "pap", h.PAP, PAPs)
	}
	if !slices.IsSorted(h.Audience) || len(slices.Compact(slices.Clone(h.Audience))) != len(h.Audience) || slices.Contains(h.Audience, "all") || len(h.Audience) > 300 {
		e.Field("audience", "dispatch.audience")
	}
	if kind == Reply {
		return
	}
	if !h.ReviewBy.Valid() || h.ReviewBy <= today {
		e.Field("review_by", "dispatch.review")
	}
	if len(h.Purposes) == 0 {
		e.Field("purposes", "dispatch.choose")
	}
	for _, p := range h.Purposes {
		oneOf(e, "purposes", p, Purposes)
	}
	oneOf(e, "origin", h.Origin, Origins)
}

package letter

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// catalogue is the shipped English, read strictly: a key that is not there, or a
// placeholder that nobody fills, fails the test.
type catalogue struct {
	t  testing.TB
	by map[string]string
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func english(t testing.TB) catalogue {
	t.Helper()
	c := catalogue{t: t, by: map[string]string{}}
	raw, err := os.ReadFile("../../content/lang/en/letter.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := toml.Unmarshal(raw, &c.by); err != nil {
		t.Fatal(err)
	}
	c.by["lang.date"] = "{day} {month} {year}"
	for i, m := range strings.Fields("January February March April May June July August September October November December") {
		c.by[fmt.Sprintf("lang.month.%d", i+1)] = m
	}
	return c
}

func (c catalogue) T(key string, args ...any) string {
	s, ok := c.by[key]
	if !ok {
		c.t.Errorf("no sentence for %s", key)
	}
	for i := 0; i+1 < len(args); i += 2 {
		name := "{" + args[i].(string) + "}"
		if !strings.Contains(s, name) {
			c.t.Errorf("%s does not use %s", key, name)
		}
		s = strings.ReplaceAll(s, name, fmt.Sprint(args[i+1]))
	}
	for _, p := range placeholder.FindAllString(s, -1) {
		if p != "{page}" && p != "{pages}" && p != "{script}" {
			c.t.Errorf("%s: nobody fills %s", key, p)
		}
	}
	return s
}

func sampleHead() Head {
	return Head{
		Reference: "NOR-2026-000123", Date: "2026-11-22", Language: "en", Direction: LTR,
		Authority: Office{Name: "Norland Export Control Authority", Lines: []string{"1 Harbour Street, Norhaven", "licensing@authority.example"}},
		To:        Recipient{Name: Name("Norland Radio Systems"), Lines: []Given{Name("For the attention of Åse Løvåsen"), Name("12 Mast Road, Norhaven")}},
		Signatory: Signatory{Name: "M. Aalto", Role: "Head of licensing"},
	}
}

var ministry = Given{Text: "وزارة الداخلية لجمهورية كارسوفيا", Language: "ar"}

func sampleLines() []RefusedLine {
	return []RefusedLine{
		{1, Name("IMSI catcher, vehicle unit, with interception of mobile identifiers"), "6 units", ministry},
		{2, Name("Software-defined radio boards"), "24 units", ministry},
		{3, Name("Training of operators"), "10 days", ministry},
	}
}

func sampleGrounds() ([]Ground, []Releasable, []Withheld) {
	return []Ground{{"Export Control Act, section 12(2); criterion 2", "There is a clear risk that the items might be used for serious violations of human rights."}},
		[]Releasable{
			"The units locate and identify the telephones of everyone within reach. The law of the destination, as published on 1 March 2026, asks for no order of a judge before they are used.",
			"The assurance that was offered says nothing on who orders the use, and names no way to verify it.",
		},
		[]Withheld{{"information received in confidence from another state.", "Export Control Act, section 31(1)"}}
}

func sampleLicence(n int) LicenceFacts {
	f := LicenceFacts{
		Head: sampleHead(), Number: "NOR-L-2026-0042", Holder: Name("Westmark Mediation GmbH"), Type: "Individual licence",
		Law: "Export Control Act, section 9", From: "2026-12-01", Until: "2027-11-30", Destination: "Belmar",
		EndUse: "Handover of intercepted communications to the body named in each warrant.",
		Parties: []LicenceParty{
			{"Consignee", Name("BelmarTel"), Name("5 Exchange Square, Belmar City")},
			{"Ultimate end user", Name("Служба национальной безопасности Белмара"), Name("Belmar City")},
		},
		Conditions: []Condition{
			{Number: 1, Kind: ConditionLimit, Text: "No more than 500 targets at one time.", Who: Name("BelmarTel"), Lines: []int{1}, Figure: "at most 500 targets", Verify: "log audit", Consequence: "revocation"},
			{Number: 2, Kind: ConditionRecords, Text: "The audit log is retained for three years.", Who: Name("BelmarTel"), Verify: "visit", Consequence: "suspension"},
			{Number: 3, Kind: ConditionFeature, Text: "No handover in bulk; the warrant number is a mandatory field.", Who: Name("Министерство связи"), Lines: []int{1, 2}, Verify: "hash of the installed configuration", Consequence: "revocation"},
			{Number: 4, Kind: ConditionReport, Text: "A summary of the audit log is sent to the authority.", Who: Name("Norland Radio Systems"), Due: "2027-03-31", Every: "every quarter", Verify: "the report itself", Consequence: "reminder, then suspension"},
		},
		RefusedToo: true,
		Check:      PublicCheck{Address: "https://authority.example/check", Code: "7QMX-K2RD-93TV-HW4P", Mark: sampleMark},
		Contact:    "licensing@authority.example",
	}
	for i := range n {
		f.Lines = append(f.Lines, LicenceLine{
			i + 1, Name(fmt.Sprintf("Mediation gateway module, part MG-%03d, with operating software", i+1)), "5A001.f", fmt.Sprintf("%d units", i+2), "EUR 12,500.00",
		})
	}
	return f
}

// samples is one letter of each kind.
func samples(t testing.TB) map[Kind]Document {
	c := english(t)
	grounds, reasons, withheld := sampleGrounds()
	h := sampleHead()
	docs := []Document{
		Acknowledgement(c, ReceiptFacts{Head: h, Received: "2026-11-20", Lines: 3, Documents: 7, DecideBy: "2027-01-19", Contact: "licensing@authority.example"}),
		Return(c, ReturnFacts{Head: h, Missing: []Releasable{"Who operates the units: name the directorate, unit and site.", "The technical sheet of line 2."}, Address: "https://authority.example/applications"}),
		RequestForInformation(c, RequestFacts{Head: h, Questions: []Question{
			{"Which unit of the ministry will operate the vehicles, and who orders each use?", "The outcome depends on who uses them."},
			{"Which functions can be switched off for good, and how would that be shown?", ""},
		}, ReplyBy: "2026-12-12", ClockStops: true, Address: "https://authority.example/applications"}),
		IntentionToRefuse(c, IntentionFacts{
			Head: h, Lines: sampleLines(), Whole: true, Grounds: grounds, Reasons: reasons, Withheld: withheld,
			Law: "Administrative Procedure Act, section 28", ReplyBy: "2026-12-22", Address: "https://authority.example/applications", Contact: "licensing@authority.example",
		}),
		Refusal(c, RefusalFacts{
			Head: h, Lines: sampleLines(), Whole: true, Grounds: grounds, Reasons: reasons, Withheld: withheld,
			ReplyReceived: "2026-12-20", Weighed: []Weighed{{"The ministry trains its officers.", "Training does not replace an order of a judge."}},
			Redress: []Redress{{"Export Appeals Panel", "In writing, signed, with this letter.", "3 Court Lane, Norhaven", "2027-01-22", "Export Control Act, section 31"}},
		}),
		Licence(c, sampleLicence(2)),
		NoLicenceRequired(c, NoLicenceFacts{
			Head: h, Lines: []ExemptLine{{1, Name("Mesh Wi-Fi router for offices"), ""}, {2, Name("Mail server with standard encryption"), "5A002, note 3"}},
			Destination: "Karsovia", EndUser: Name("Газета «Свободное слово»"), AsOf: "2026-11-20",
			Undertaken: []Releasable{"The routers stay in the three offices of the newspaper."},
			Lists:      []string{"Control list of 15 November 2025"}, Reasons: []Releasable{"The encryption is for the mass market and its function cannot be changed by the user."},
		}),
	}
	out := map[Kind]Document{}
	for _, d := range docs {
		out[d.Kind] = d
	}
	return out
}

// sampleMark is as long as the marks of licences are.
const sampleMark = "COMITY1:XN-L-2026-0001:0123456789ABCDEFGHJK:20261122:20261123:20281121:GMW655L367QC5ZLQPDXJAW4ASBUCZSFBAF2LZQI5EPJQC5Z4RKWQSTC5O6NQ66XDKYUOYZN5V6YWDPVUPCR425G7Q4SNJYGF2OXDASWF5CSAE"

package listfile

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/comity-project/comity/screening"
)

const (
	sdnRow  = `36,"EXAMPLE LINES","-0-","DEMO",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n"
	unHead  = `<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-01-02T00:00:00Z"><INDIVIDUALS>`
	unEntry = `<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>Example</FIRST_NAME><REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER></INDIVIDUAL>`
	unTail  = `</INDIVIDUALS></CONSOLIDATED_LIST>`
	ownHead = "schema: comity.parties/v1\nlist: T\ntitle: A test\nparties:\n"
)

func text(name, s string) File { return File{Name: name, Reader: strings.NewReader(s)} }

func TestBadInputNamesItsPlace(t *testing.T) {
	euHead := "celex," + strings.Join(euColumns, ",") + "\n"
	for _, c := range []struct {
		name         string
		format       Format
		in           string
		kind         Kind
		line, column int
		says         string
	}{
		{"empty", UN, "", Structure, 1, 1, "empty"},
		{"zip", UN, "PK\x03\x04rest", Packed, 1, 1, "zip archive; unpack it"},
		{"gzip", OFAC, "\x1f\x8b\x08", Packed, 1, 1, "compressed"},
		{"utf-16", UN, "\xff\xfe<\x00", Encoding, 1, 1, "UTF-16"},
		{"web page", OFAC, "<!DOCTYPE html><html>moved", Structure, 1, 1, "web page"},
		{"latin-1 csv", OFAC, sdnRow + "37,\"CAF\xc9\",-0-", Encoding, 2, 8, "0xc9 is no UTF-8"},
		{"character cut at the end", JSONL, "{\"schema\":\"\xc3", Encoding, 1, 12, "no UTF-8"},

		{"csv cells", OFAC, sdnRow + "37,\"B\",-0-\r\n", Syntax, 2, 1, "3 cells, expected 12"},
		{"csv quote", OFAC, sdnRow + `37,B"C,-0-`, Syntax, 2, 5, "quotation mark"},
		{"csv open quote", OFAC, sdnRow + `37,"B`, Syntax, 2, 6, "not closed"},
		{"csv number", OFAC, strings.Replace(sdnRow, "36", "x6", 1), Value, 1, 1, `"x6" is no entity number`},
		{"csv twice", OFAC, sdnRow + sdnRow, Value, 2, 1, "stands twice"},
		{"csv type", OFAC, strings.Replace(sdnRow, `"-0-"`, "planet", 1), Value, 1, 20, `"planet" is no known type`},

		{"xml other root", UN, `<?xml version="1.0"?><rss></rss>`, Structure, 1, 22, `"rss"`},
		{"xml broken", UN, unHead + "\n<INDIVIDUAL><DATAID>1</INDIVIDUAL>", Syntax, 2, 35, "broken"},
		{"xml cut", UN, unHead + "\n" + unEntry, Syntax, 2, len(unEntry) + 1, "XML"},
		{"xml encoding", UN, `<?xml version="1.0" encoding="ISO-8859-1"?><CONSOLIDATED_LIST/>`, Encoding, 1, 44, "ISO-8859-1"},
		{"xml doctype", UN, `<!DOCTYPE x [<!ENTITY a "aaaa">]><CONSOLIDATED_LIST/>`, Structure, 1, 1, "document type"},
		{"xml no name", UN, unHead + "\n " + strings.Replace(unEntry, "Example", "", 1) + unTail, Value, 2, 2, "no name"},
		{"xml twice", UN, unHead + unEntry + "\n" + unEntry + unTail, Value, 2, 1, "stands twice"},
		{"xml deep", UN, unHead + "<INDIVIDUAL>" + strings.Repeat("<x>", 100), TooLarge, 1, 120, "deeper"},

		{"json broken", USConsolidated, "{\n \"results\": [\n  {\"name\": \"a\",}]}", Syntax, 3, 16, "JSON is broken"},
		{"json cut", USConsolidated, "{\n \"results\": [", Syntax, 2, 14, "ends in the middle"},
		{"json other", USConsolidated, "[1]", Structure, 1, 2, "expected {"},
		{"json no list", USConsolidated, `{"a":1}`, Structure, 1, 1, "neither"},
		{"json member", USConsolidated, "{\"results\": [\n{\"name\": 7}]}", Value, 2, 10, "/name"},
		{"json twice", USConsolidated, "{\"results\": [\n{\"name\":\"a\",\"name\":\"b\"}]}", Syntax, 2, 13, "duplicate"},
		{"json table", USConsolidated, `{"tables":{"sources":[]},"entries":[{"n":"a","s":3}]}`, Value, 1, 52, "source 3 of 0"},
		{"json deep", USConsolidated, strings.Repeat(`{"x":`, 100), TooLarge, 1, 162, "deeper"},
		{"json tail", USConsolidated, "{\"results\":[]}\n7", Syntax, 2, 2, "something follows"},

		{"eu column", EU, "celex,name\n", Structure, 1, 1, `"recordId" is missing`},
		{"eu kind", EU, euHead + "32026R1,1,EU-X,I,Asset freeze,,,Ghost,Name" + strings.Repeat(",", 36) + "\n", Value, 2, 33, `"Ghost"`},

		{"jsonl schema", JSONL, `{"schema":"other/v1"}`, Structure, 1, 1, "other/v1"},
		{"jsonl field", JSONL, "{\"schema\":\"comity.entities/v1\"}\n{\"id\":\"a\",\"nam\":1}", Value, 2, 11, "nam"},
		{"yaml broken", YAML, "schema: comity.parties/v1\n\tlist: T\n", Syntax, 2, 1, "YAML is broken"},
		{"yaml field", YAML, ownHead + "- id: a\n  nmaes: []\n", Value, 6, 3, `"nmaes" is not known`},
		{"yaml alias", YAML, ownHead + "- &a {id: a}\n- *a\n", Structure, 5, 3, "anchors"},
		{"yaml person", YAML, ownHead + "- id: a\n  type: person\n  names: [{text: A, kind: primary}]\n", Value, 5, 3, "no ground"},
		{"yaml birth", YAML, ownHead + "- id: a\n  type: organisation\n  births: ['12.3.61']\n  names: [{text: A, kind: primary}]\n", Value, 5, 3, "12.3.61"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(c.format, DefaultLimits, text("sdn.file", c.in))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if e.Kind != c.kind || e.Line != c.line || e.Column != c.column || !strings.Contains(e.Error(), c.says) || e.Todo == "" {
				t.Errorf("got %s %v", e.Kind, e)
			}
		})
	}
}

// endless gives text for ever, as an unpacked bomb would.
type endless struct{ s string }

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.s)
	}
	return n, nil
}

func TestBoundsHold(t *testing.T) {
	lim := Limits{Bytes: 1 << 20, Rows: 1000, Cell: 100_000, Depth: 16}
	for _, c := range []struct {
		format     Format
		head, body string
	}{
		{OFAC, sdnRow, "7,"},
		{OFAC, `36,"`, "aaaa"},
		{UN, unHead, "<a>"},
		{UN, unHead, strings.Repeat(" ", 64)},
		{UN, unHead, unEntry},
		{USConsolidated, `{"results":[`, `{"name":"a","source":"b"},`},
		{USConsolidated, `{"a":"`, "aaaa"},
		{YAML, ownHead, "- {id: a}\n"},
		{JSONL, `{"schema":"comity.entities/v1"}`, "\n\n"},
		{EU, "celex,", "x,"},
	} {
		t.Run(string(c.format)+" "+c.body[:2], func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(c.head), endless{c.body})
			_, err := Read(c.format, lim, File{Name: "sdn.csv", Reader: r})
			var e *Error
			if !errors.As(err, &e) || e.Todo == "" {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestByteOrderMarkIsTakenAway(t *testing.T) {
	res, err := Read(OFAC, DefaultLimits, text("SDN.CSV", "\xef\xbb\xbf"+sdnRow+"\x1a"))
	if err != nil || res.Counts.Entities != 1 {
		t.Errorf("%+v, %v", res.Counts, err)
	}
}

func TestOFACFilesAreToldApart(t *testing.T) {
	alt := "36,1,\"aka\",\"OTHER NAME\",-0- \r\n99,2,\"aka\",\"NOBODY'S\",-0- \r\n"
	add := "36,1,\"Street 1\",\"Town\",\"Cuba\",-0- \r\n"
	more := "36,\"seam; Tax ID No. 123456 (Cuba).\"\r\n"
	res, err := Read(OFAC, DefaultLimits, text("x/ADD.CSV", add), text("SDN_COMMENTS.CSV", more), text("Alt.csv", alt), text("sdn_1.csv", sdnRow))
	if err != nil {
		t.Fatal(err)
	}
	e := res.Entities[0]
	if len(e.Names) != 2 || e.Countries[0] != "CU" || e.Addresses[0] != "Street 1, Town, Cuba" {
		t.Errorf("%+v", e)
	}
	if len(e.IDs) != 1 || e.IDs[0] != (screening.Ident{Kind: "tax", Value: "123456", Country: "CU"}) {
		t.Errorf("identifiers behind the seam: %+v", e.IDs)
	}
	if len(res.Aside) != 1 || res.Aside[0].Entity != "99" || res.Aside[0].Line != 2 || !strings.Contains(res.Aside[0].Text, "NOBODY'S") {
		t.Errorf("aside: %+v", res.Aside)
	}
	for _, files := range [][]File{{text("alt.csv", alt)}, {text("sdn.csv", sdnRow), text("sdn2.csv", sdnRow)}, {text("other.csv", sdnRow)}} {
		if _, err := Read(OFAC, DefaultLimits, files...); err == nil {
			t.Errorf("%s: no error", files[0].Name)
		}
	}
}

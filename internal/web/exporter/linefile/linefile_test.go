package linefile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
)

func reader() Reader {
	n := 0
	return Reader{Categories: []string{"imsi_catcher", "other"}, Field: "file", NewID: func() string { n++; return fmt.Sprintf("id%d", n) }}
}

const head = "kind,description,quantity,unit,value,currency,origin,tariff,tariff_as_of,categories,service,service_how\n"

func TestLinesAreRead(t *testing.T) {
	lines, err := reader().Read([]byte("\xef\xbb\xbf" + head +
		"goods,\"IMSI catcher, \"\"mobile\"\"\",6,items,3100000.50,EUR,NO,8517.62,2026-11-01,imsi_catcher other,,\r\n" +
		"\r\nservice,Ausbildung für Ämter,1.5,days,0,EUR,,,,,training,on site\n"))
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	a, b := lines[0], lines[1]
	if a.Description != `IMSI catcher, "mobile"` || a.Value != 310000050 || a.Quantity != 6000 || len(a.Categories) != 2 || a.TariffAsOf != "2026-11-01" || a.Service != nil {
		t.Errorf("%+v", a)
	}
	if b.Kind != licensing.Service || b.Quantity != 1500 || b.Service.Kind != licensing.Training || b.Currency != "EUR" || a.ID == b.ID {
		t.Errorf("%+v", b)
	}
	for name, text := range map[string]string{"tabs": "kind\tdescription\tquantity\tunit\ngoods\tRadio\t2\titems\n", "semicolons": "kind;description;quantity;unit\ngoods;Radio;2;items\n"} {
		if lines, err := reader().Read([]byte(text)); err != nil || len(lines) != 1 || lines[0].Description != "Radio" {
			t.Errorf("%s: %+v, %v", name, lines, err)
		}
	}
}

func TestWhatIsWrongIsNamedByLineAndColumn(t *testing.T) {
	const short = "kind,description,quantity,unit\n"
	for _, c := range []struct {
		name, text, key string
		line, column    int
	}{
		{"nothing", "", "exporter.linefile.empty", 1, 1},
		{"no items", short, "exporter.linefile.no_rows", 2, 1},
		{"Latin-1", short + "goods,Sender f\xfcr Funk,1,items\n", "exporter.linefile.utf8", 2, 15},
		{"NUL", short + "goods,a\x00b,1,items\n", "exporter.linefile.utf8", 2, 8},
		{"unknown column", "kind,description,quantity,unit,price\n", "exporter.linefile.column", 1, 32},
		{"column twice", "kind,description,quantity,unit,unit\n", "exporter.linefile.twice", 1, 32},
		{"column missing", "kind,description,quantity\n", "exporter.linefile.lacks", 1, 1},
		{"too few cells", short + "goods,Radio,1\n", "exporter.linefile.cells", 2, 1},
		{"open quotation", short + "goods,\"Radio,1,items\n", "exporter.linefile.quote", 2, 22},
		{"kind", short + "good,Radio,1,items\n", "exporter.linefile.known", 2, 1},
		{"no description", short + "goods,,1,items\n", "exporter.linefile.needed", 2, 7},
		{"quantity", short + "goods,Radio,1.2345,items\n", "exporter.linefile.quantity", 2, 13},
		{"minus", short + "goods,Radio,-1,items\n", "exporter.linefile.quantity", 2, 13},
		{"unit", short + "goods,Radio,1,boxes\n", "exporter.linefile.known", 2, 15},
		{"date", "kind,description,quantity,unit,tariff_as_of\ngoods,Radio,1,items,2026-02-30\n", "exporter.linefile.date", 2, 21},
		{"country", "kind,description,quantity,unit,origin\ngoods,Radio,1,items,Norway\n", "exporter.linefile.country", 2, 21},
		{"grouped amount", "kind,description,quantity,unit,value,currency\ngoods,Radio,1,items,\"3,100\",EUR\n", "exporter.linefile.value", 2, 21},
		{"currency", "kind,description,quantity,unit,value,currency\ngoods,Radio,1,items,3100,euro\n", "exporter.linefile.currency", 2, 26},
		{"category", "kind,description,quantity,unit,categories\ngoods,Radio,1,items,toaster\n", "exporter.linefile.known", 2, 21},
		{"service of goods", "kind,description,quantity,unit,service\ngoods,Radio,1,items,training\n", "exporter.linefile.no_service", 2, 21},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := reader().Read([]byte(c.text))
			var f *fault.Error
			if !errors.As(err, &f) || lines != nil || len(f.Fields) == 0 {
				t.Fatalf("%v, %v", lines, err)
			}
			got := f.Fields[0]
			if got.Key != c.key || got.Args["line"] != c.line || got.Args["column"] != c.column || got.Name != "file" {
				t.Errorf("%s at %v:%v, want %s at %d:%d", got.Key, got.Args["line"], got.Args["column"], c.key, c.line, c.column)
			}
		})
	}
	many := short + strings.Repeat("goods,Radio,1,items\n", licensing.MaxLines+1)
	if _, err := reader().Read([]byte(many)); err == nil || !strings.Contains(err.Error(), "too_many") {
		t.Errorf("over the bound: %v", err)
	}
	bad := short + strings.Repeat("x,,0,y\n", 100)
	var f *fault.Error
	if _, err := reader().Read([]byte(bad)); !errors.As(err, &f) || len(f.Fields) > maxFaults+8 {
		t.Errorf("%d faults are named", len(f.Fields))
	}
}

// What is read is well formed, whatever came in; and faults have a place.
func FuzzLineFile(f *testing.F) {
	f.Add([]byte(head + "goods,Radio,1,items,2,EUR,NO,8517,2026-11-01,other,,\n"))
	f.Add([]byte("kind\tdescription\tquantity\tunit\ngoods\tRadio\t2\titems\n"))
	f.Add([]byte("\xff\xfe\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines, err := reader().Read(raw)
		if err != nil {
			var x *fault.Error
			if !errors.As(err, &x) || len(x.Fields) == 0 || lines != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		a := licensing.Application{Lines: lines}
		var x *fault.Error
		if err := a.Validate(); errors.As(err, &x) {
			for _, field := range x.Fields {
				if field.Key != "licensing.line.currencies" && field.Key != "licensing.line.service" {
					t.Fatalf("read but not valid: %v", err)
				}
			}
		}
	})
}

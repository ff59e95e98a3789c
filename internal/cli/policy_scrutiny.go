package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening/listfile"
)

type policyScrutiny struct {
	Indicators string `required:"" type:"existingfile" help:"Figures about countries (CSV: country,country_name,year,indicator,value,source)."`
	Out        string `required:"" help:"File to write, one line of JSON a country; - for standard output."`
	Pack       string `default:"code-of-conduct" help:"Folder or file of the pack whose table is read, or the name of one that ships."`
	Day        string `help:"Day as of which figures count and have an age (2026-01-31); today when absent."`
}

// scrutinyLine is what is written of one country.
type scrutinyLine struct {
	Country string          `json:"country"` // as the file writes it
	Level   policy.Scrutiny `json:"level"`   // unknown, ordinary, raised or high
	Reasons []string        `json:"reasons"`
}

// Run reads the table of the pack for every country of a file. A level says how
// closely cases with that country are looked at and nothing about their outcome.
func (c policyScrutiny) Run(e *env) error {
	pack, err := loadPack(c.Pack)
	if err != nil {
		return err
	}
	day := policy.DateOf(time.Now())
	if c.Day != "" {
		if day = policy.Date(c.Day); !day.Valid() {
			return fmt.Errorf("--day: %q is no day such as 2026-01-31", c.Day)
		}
	}
	p, err := e.printer()
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Clean(c.Indicators))
	if err != nil {
		return err
	}
	defer f.Close()
	rows, _, err := listfile.ReadIndicators(listfile.File{Name: c.Indicators, Reader: f}, listfile.DefaultLimits)
	if err != nil {
		return err
	}
	of := map[string][]policy.Indicator{}
	var countries []string
	for _, r := range rows {
		if _, seen := of[r.Alpha3]; !seen {
			countries = append(countries, r.Alpha3)
		}
		of[r.Alpha3] = append(of[r.Alpha3], policy.Indicator{Name: r.Code, Year: r.Year, Value: r.Value, Source: r.Source})
	}
	slices.Sort(countries)
	out := e.Stdout
	if c.Out != "-" {
		file, err := os.OpenFile(filepath.Clean(c.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		defer file.Close()
		out = file
	}
	w := bufio.NewWriter(out)
	counts, err := c.write(w, p, pack, day, countries, of)
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c.Out != "-" {
		fmt.Fprintln(e.Stdout, p.T("policy.scrutiny.done", "count", len(countries), "high", counts[policy.ScrutinyHigh], "raised", counts[policy.ScrutinyRaised], "ordinary", counts[policy.ScrutinyOrdinary], "unknown", counts[policy.ScrutinyUnknown]))
	}
	return nil
}

func (c policyScrutiny) write(w io.Writer, p lang.Printer, pack *policy.Pack, day policy.Date, countries []string, of map[string][]policy.Indicator) (map[policy.Scrutiny]int, error) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	counts := map[policy.Scrutiny]int{}
	for _, country := range countries {
		level, reasons := policy.ScrutinyOf(pack, day, of[country])
		counts[level]++
		line := scrutinyLine{Country: country, Level: level, Reasons: []string{}}
		for _, r := range reasons {
			line.Reasons = append(line.Reasons, p.T("policy.scrutiny.reason", "level", p.T("policy.scrutiny."+string(r.Level)), "text", strings.TrimSuffix(r.Text, "."),
				"indicator", r.Indicator.Name, "value", fmt.Sprint(r.Indicator.Value), "year", fmt.Sprint(r.Indicator.Year), "age", r.Age, "source", r.Indicator.Source))
		}
		if missing := absent(pack, day, of[country]); len(missing) > 0 {
			line.Reasons = append(line.Reasons, p.T("policy.scrutiny.missing", "indicators", strings.Join(missing, ", ")))
		}
		if len(line.Reasons) == 0 {
			line.Reasons = append(line.Reasons, p.T("policy.scrutiny.none"))
		}
		if err := enc.Encode(line); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// absent are the indicators of the pack's table of which there is no figure up to
// the day. They stay unknown: no figure of a neighbour or a region stands in.
func absent(pack *policy.Pack, day policy.Date, figures []policy.Indicator) []string {
	var out []string
	for _, row := range pack.Document().Scrutiny {
		has := slices.ContainsFunc(figures, func(x policy.Indicator) bool {
			return x.Name == row.Indicator && fmt.Sprintf("%04d", x.Year) <= string(day[:4])
		})
		if !has && !slices.Contains(out, row.Indicator) {
			out = append(out, row.Indicator)
		}
	}
	return out
}

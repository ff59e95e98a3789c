package listfile

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/comity-project/comity/screening/listfile/country"
)

// Indicator is one figure about one country in one year from one source. It
// describes a country, never a person or a firm; figures are shown side by side
// with year and source, and never added up to one number.
type Indicator struct {
	Country string  `json:"country"` // ISO alpha-2; "" where the code is not known
	Alpha3  string  `json:"alpha3"`  // as the source wrote it
	Name    string  `json:"name"`    // as the source wrote it
	Year    int     `json:"year"`    // year that the figure is about
	Code    string  `json:"code"`    // "v2x_libdem", "treaty_cat_party_since"
	Value   float64 `json:"value"`   // in the indicator's own unit; of treaty_..._party_since the year, 0 where no party
	Source  string  `json:"source"`  // publisher and edition
}

// TableCounts are figures about a table that was read.
type TableCounts struct {
	Rows             int
	Countries        int
	UnknownCountries map[string]int // written forms without a code
}

var indicatorColumns = []string{"country", "country_name", "year", "indicator", "value", "source"}

// ReadIndicators reads figures about countries from CSV.
func ReadIndicators(f File, lim Limits) ([]Indicator, TableCounts, error) {
	var out []Indicator
	counts, err := readTable(f, lim, indicatorColumns, func(c *rows, code string) error {
		year, err := strconv.Atoi(c.get("year"))
		if err != nil || year < 1800 || year > 2200 {
			return c.fault(Value, c.header["year"], fmt.Sprintf("%q is no year", c.get("year")), fetchAgain)
		}
		value, err := strconv.ParseFloat(c.get("value"), 64)
		if err != nil || value != value || value > 1e15 || value < -1e15 {
			return c.fault(Value, c.header["value"], fmt.Sprintf("%q is no figure", c.get("value")), fetchAgain)
		}
		if c.get("indicator") == "" || c.get("source") == "" {
			return c.fault(Value, c.header["indicator"], "the row names no indicator or no source", fetchAgain)
		}
		out = append(out, Indicator{code, c.get("country"), c.get("country_name"), year, c.get("indicator"), value, c.get("source")})
		return nil
	})
	return out, counts, err
}

// ChartRow is one destination of the Commerce Country Chart: for which reasons
// of control a licence is needed. A destination under an embargo has no marks or
// no row: that other rules govern it is not told here, and an empty row is
// never "free".
type ChartRow struct {
	Country   string   `json:"country"` // ISO alpha-2; "" where not known
	Name      string   `json:"name"`
	Reasons   []string `json:"reasons"`   // columns with a mark, "NS 1", "CC 2", in the order of the chart
	Footnotes []int    `json:"footnotes"` // numbers of the chart's footnotes
	Version   string   `json:"version"`   // ISO date of the chart
}

var chartReasons = []string{"CB 1", "CB 2", "CB 3", "NP 1", "NP 2", "NS 1", "NS 2", "MT 1", "RS 1", "RS 2", "FC 1", "CC 1", "CC 2", "CC 3", "AT 1", "AT 2"}

// ReadChart reads the country chart from CSV.
func ReadChart(f File, lim Limits) ([]ChartRow, TableCounts, error) {
	var out []ChartRow
	columns := append(append([]string{"country"}, chartReasons...), "note", "version")
	counts, err := readTable(f, lim, columns, func(c *rows, code string) error {
		row := ChartRow{Country: code, Name: c.get("country"), Version: c.get("version")}
		if !isDay(row.Version) {
			return c.fault(Value, c.header["version"], fmt.Sprintf("version: %q is no date", row.Version), fetchAgain)
		}
		for _, reason := range chartReasons {
			switch mark := c.get(reason); mark {
			case "X":
				row.Reasons = append(row.Reasons, reason)
			case "":
			default:
				return c.fault(Value, c.header[reason], fmt.Sprintf("%q is neither X nor empty", mark), fetchAgain)
			}
		}
		if note := c.get("note"); note != "" {
			var n struct {
				Footnotes []int `json:"footnotes"`
			}
			if err := json.Unmarshal([]byte(note), &n); err != nil {
				return c.fault(Value, c.header["note"], "the note can't be read", fetchAgain)
			}
			row.Footnotes = n.Footnotes
		}
		if slices.ContainsFunc(out, func(r ChartRow) bool { return r.Name == row.Name }) {
			return c.fault(Value, 0, fmt.Sprintf("%q stands twice", row.Name), fetchAgain)
		}
		out = append(out, row)
		return nil
	})
	return out, counts, err
}

// GroupMember says that a country is in a group of the Export Administration
// Regulations.
type GroupMember struct {
	Country string `json:"country"` // ISO alpha-2; "" where not known
	Name    string `json:"name"`
	Group   string `json:"group"` // "A:1", "D:5"
	Label   string `json:"label"`
	Version string `json:"version"` // ISO date
}

// ReadGroups reads the country groups from CSV.
func ReadGroups(f File, lim Limits) ([]GroupMember, TableCounts, error) {
	var out []GroupMember
	counts, err := readTable(f, lim, []string{"country", "group", "label", "version"}, func(c *rows, code string) error {
		m := GroupMember{code, c.get("country"), c.get("group"), c.get("label"), c.get("version")}
		if m.Group == "" || !isDay(m.Version) {
			return c.fault(Value, c.header["group"], "the row names no group or no date", fetchAgain)
		}
		out = append(out, m)
		return nil
	})
	return out, counts, err
}

// readTable reads rows whose column "country" names one; take gets its code.
func readTable(f File, lim Limits, columns []string, take func(c *rows, code string) error) (TableCounts, error) {
	counts := TableCounts{UnknownCountries: map[string]int{}}
	c, err := openCSV(f, lim, 0)
	if err != nil {
		return counts, err
	}
	if _, err := c.readHeader(columns, false); err != nil {
		return counts, err
	}
	seen := map[string]bool{}
	for {
		if _, err := c.next(); err == io.EOF {
			counts.Countries = len(seen)
			return counts, nil
		} else if err != nil {
			return counts, err
		}
		counts.Rows++
		written := c.get("country")
		if written == "" {
			return counts, c.fault(Value, 0, "the row names no country", fetchAgain)
		}
		code := country.Code(written)
		if code == "" {
			counts.UnknownCountries[written]++
		}
		seen[written] = true
		if err := take(c, code); err != nil {
			return counts, err
		}
	}
}

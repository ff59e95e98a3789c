package listfile

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/comity-project/comity/screening"
)

// Restriction is a row of the United States Entity List with what a licensing
// officer needs beyond the name: what needs a licence, what the policy is, and
// from when to when. An old case is judged by the listings of its day, so a
// listing has both ends.
type Restriction struct {
	Entity      screening.Entity
	Requirement string   // licence requirement, the source's words
	Policy      string   // licence review policy, the source's words
	Notice      string   // federal register notices
	HumanRights []string // why the row counts as a listing for human rights; empty where it does not
	Start       string   // ISO date or year; "" where the source does not give it
	End         string   // ISO date on which it ended; "" while it stands or where not known
	Version     string   // ISO date of the list the row is from
}

type restrictionRow struct {
	Name        string   `json:"name"`
	Aliases     []string `json:"aliases"`
	Countries   []string `json:"countries"`
	Requirement string   `json:"licence_requirement"`
	Policy      string   `json:"licence_policy"`
	Notice      string   `json:"fr_notice"`
	Tags        []string `json:"hr_tag"`
	Start       string   `json:"start_date"`
	End         string   `json:"end_date"`
	Version     string   `json:"version"`
}

// ReadEntityList reads the Entity List as JSON lines. Where a row gives no
// date of listing, a date that stands in the notice is taken; else it is
// unknown. Result holds the same parties as entities of the list "EL".
func ReadEntityList(f File, lim Limits) ([]Restriction, Result, error) {
	j, err := openJSON(f, lim)
	if err != nil {
		return nil, Result{}, err
	}
	b := newBuilder()
	var out []Restriction
	for {
		var r restrictionRow
		err := j.strict(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, Result{}, err
		}
		if err := j.row(); err != nil {
			return nil, Result{}, err
		}
		if oneLine(r.Name) == "" {
			return nil, Result{}, j.fault(Value, "a row has no name", fetchAgain)
		}
		for what, d := range map[string]string{"start_date": r.Start, "end_date": r.End, "version": r.Version} {
			if d != "" && !isDay(d) {
				return nil, Result{}, j.fault(Value, fmt.Sprintf("%s: %q is no date", what, d), fetchAgain)
			}
		}
		e := screening.Entity{ID: b.free("el:" + digest(r.Name)), List: "EL", Listed: r.Start}
		addName(&e, r.Name, screening.Primary)
		for _, a := range r.Aliases {
			addName(&e, a, screening.Alias)
		}
		for _, c := range r.Countries {
			b.addCountry(&e, c)
		}
		if e.Listed == "" {
			e.Listed = noticeDay(r.Notice)
		}
		e.Remarks = sentences("Licence requirement: ", r.Requirement, "Licence policy: ", r.Policy, "Notice: ", r.Notice, "Ended: ", r.End)
		b.res.Counts.Rows++
		b.add(e)
		if r.Version > b.res.Published {
			b.res.Published = r.Version
		}
		out = append(out, Restriction{Entity: e, Requirement: r.Requirement, Policy: r.Policy, Notice: r.Notice, HumanRights: r.Tags, Start: e.Listed, End: r.End, Version: r.Version})
	}
	return out, b.finish(), nil
}

// noticeDay is the earliest date written month/day/year in a notice, "81 FR
// 14958, 3/21/16"; "" when there is none.
func noticeDay(notice string) string {
	first := ""
	for _, word := range strings.FieldsFunc(notice, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '.' }) {
		parts := strings.Split(word, "/")
		if len(parts) != 3 || !isNumber(parts[0]) || !isNumber(parts[1]) || !isNumber(parts[2]) {
			continue
		}
		year := parts[2]
		if len(year) == 2 {
			if year > "69" {
				year = "19" + year
			} else {
				year = "20" + year
			}
		}
		if d := isoDate(year, parts[0], parts[1]); len(d) == len("2006-01-02") && (first == "" || d < first) {
			first = d
		}
	}
	return first
}

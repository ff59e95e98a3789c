package screening

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Report is how well a file of answers does on a set of queries with known
// parties, at fixed shares of false alerts. A false alert is an ordinary name,
// not listed, whose best score stands above the threshold; a listed party
// counts as found when it stands above it and at most four others stand as
// high. All shares are in percent.
type Report struct {
	Queries    int                `json:"queries"`
	Negatives  int                `json:"negatives"`
	Points     []Point            `json:"points"`
	CoreMean   float64            `json:"core_mean"`  // mean recall of the core from 0.5 to 5 %
	LatinMean  float64            `json:"latin_mean"` // the same of Latin names
	FPRAt80    float64            `json:"fpr@80latin"`
	LookAlike  float64            `json:"lookalike@1%"`
	USForms    float64            `json:"us_forms@1%"`
	USFormsN   int                `json:"us_forms_n"`
	Wrong      map[string]float64 `json:"wrong@1%"`
	ByGroup    map[string]float64 `json:"fpr_by_group@1%"`
	Categories []CategoryReport   `json:"categories"`
}

// Point is the recall at one share of false alerts.
type Point struct {
	Share     float64 `json:"share"`     // of ordinary names, in percent
	Threshold float64 `json:"threshold"` // the score that share exceeds
	Core      float64 `json:"core"`
	Latin     float64 `json:"latin"`
	Cyrillic  float64 `json:"cyrillic"`
	Arabic    float64 `json:"arabic"`
	Exact     float64 `json:"exact"`
}

// CategoryReport is the recall of one category of queries at each point.
type CategoryReport struct {
	Category string    `json:"category"`
	Queries  int       `json:"queries"`
	Recall   []float64 `json:"recall"` // at the points of the report, in order
	Given    float64   `json:"given"`  // the party is among the results at all
}

var reportShares = []float64{.1, .5, 1, 2, 5}

type evalResult struct {
	QID     string `json:"qid"`
	Results []struct {
		ID    string  `json:"id"`
		Score float64 `json:"score"`
	} `json:"results"`
}

var usForms = regexp.MustCompile(`(?i)\b(inc|corp|corporation|holdings?)\b`)

func evalGroup(c string) string {
	switch {
	case strings.HasPrefix(c, "corrupt_"), c == "alias_near", c == "xlist_latin_near":
		return "lat"
	case c == "xlist_script_cyrillic", c == "un_script_cyrillic":
		return "cyr"
	case c == "xlist_script_arabic", c == "un_script_arabic":
		return "ara"
	case c == "xlist_exact":
		return "exact"
	}
	return ""
}

func negativeGroup(c string) string {
	switch c {
	case "neg_org_listed_companies":
		return "companies_us"
	case "neg_org_cnlist", "neg_org_ohchr":
		return "companies_other"
	case "neg_person_us", "neg_person_cnlist", "neg_person_world":
		return "persons_latin"
	case "neg_org_world":
		return "companies_world"
	}
	if strings.Contains(c, "cyrillic") {
		return "cyrillic"
	}
	return "arabic"
}

func ordinaryNegative(c string) bool {
	return strings.HasPrefix(c, "neg_") && c != "neg_lookalike" && c != "neg_homonym"
}

// Evaluate scores a file of results, as RunBatch writes it, against the file
// of queries it answers. Unanswered or repeated queries, more than twenty
// results, and scores outside [0,1] are errors.
func Evaluate(results, queries io.Reader) (Report, error) {
	qs := map[string]batchQuery{}
	var order []string
	err := eachLine(queries, func(n int, line []byte) error {
		var q batchQuery
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("screening: queries, line %d: %w", n, err)
		}
		if _, ok := qs[q.QID]; !ok {
			order = append(order, q.QID)
		}
		qs[q.QID] = q
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	rs := map[string]evalResult{}
	err = eachLine(results, func(n int, line []byte) error {
		var r evalResult
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("screening: results, line %d: %w", n, err)
		}
		if _, ok := rs[r.QID]; ok {
			return fmt.Errorf("screening: results, line %d: qid %q twice", n, r.QID)
		}
		if _, ok := qs[r.QID]; !ok {
			return fmt.Errorf("screening: results, line %d: unknown qid %q", n, r.QID)
		}
		seen := map[string]bool{}
		for _, h := range r.Results {
			if seen[h.ID] || len(r.Results) > 20 || math.IsNaN(h.Score) || h.Score < 0 || h.Score > 1 {
				return fmt.Errorf("screening: results, line %d: over 20 results, a repeated id, or a score outside [0,1]", n)
			}
			seen[h.ID] = true
		}
		rs[r.QID] = r
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	if len(rs) < len(qs) {
		return Report{}, fmt.Errorf("screening: %d queries unanswered", len(qs)-len(rs))
	}
	return tally(order, qs, rs)
}

func eachLine(r io.Reader, f func(n int, line []byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; sc.Scan(); n++ {
		if line := bytes.TrimSpace(sc.Bytes()); len(line) > 0 {
			if err := f(n, line); err != nil {
				return err
			}
		}
	}
	return sc.Err()
}

// tally counts as the published score tool counts.
func tally(order []string, qs map[string]batchQuery, rs map[string]evalResult) (Report, error) {
	var neg, us, look []float64
	byNeg := map[string][]float64{}
	good, wrong := map[string][]float64{}, map[string][]float64{}
	byCat, inAll := map[string][]float64{}, map[string]int{}
	for _, id := range order {
		q, r := qs[id], rs[id]
		top := 0.0
		for _, h := range r.Results {
			top = math.Max(top, h.Score)
		}
		if ordinaryNegative(q.Category) {
			neg = append(neg, top)
			g := negativeGroup(q.Category)
			byNeg[g] = append(byNeg[g], top)
		}
		if q.Category == "neg_lookalike" {
			look = append(look, top)
		}
		if len(q.Expected) == 0 {
			continue
		}
		best, worst := 0.0, 0.0
		for _, h := range r.Results {
			if slices.Contains(q.Expected, h.ID) {
				best = math.Max(best, h.Score)
			} else {
				worst = math.Max(worst, h.Score)
			}
		}
		rivals := 0
		for _, h := range r.Results {
			if !slices.Contains(q.Expected, h.ID) && h.Score >= best {
				rivals++
			}
		}
		if best > 0 {
			inAll[q.Category]++
		}
		if rivals >= 5 {
			best = 0
		}
		byCat[q.Category] = append(byCat[q.Category], best)
		g := evalGroup(q.Category)
		if g == "" {
			continue
		}
		good[g] = append(good[g], best)
		if g != "exact" {
			wrong[g] = append(wrong[g], worst)
		}
		if (g == "lat" || g == "exact") && usForms.MatchString(q.Query.Name) {
			us = append(us, best)
		}
	}
	if len(neg) == 0 {
		return Report{}, errors.New("screening: the queries hold no ordinary names, so there is no false-alert rate")
	}
	slices.Sort(neg)
	slices.Reverse(neg)
	thr := func(share float64) float64 { return neg[int(share*float64(len(neg)))] }
	core := slices.Concat(good["lat"], good["cyr"], good["ara"])
	rep := Report{Queries: len(order), Negatives: len(neg), Wrong: map[string]float64{}, ByGroup: map[string]float64{}, USFormsN: len(us)}
	for _, sh := range reportShares {
		t := thr(sh / 100)
		rep.Points = append(rep.Points, Point{sh, t, share(core, t), share(good["lat"], t), share(good["cyr"], t), share(good["ara"], t), share(good["exact"], t)})
	}
	grid := []float64{.005, .0075, .01, .015, .02, .03, .04, .05}
	for _, g := range grid {
		rep.CoreMean += share(core, thr(g)) / float64(len(grid))
		rep.LatinMean += share(good["lat"], thr(g)) / float64(len(grid))
	}
	rep.CoreMean, rep.LatinMean = round1(rep.CoreMean), round1(rep.LatinMean)
	t1 := thr(.01)
	rep.FPRAt80 = 100
	if lat := slices.Sorted(slices.Values(good["lat"])); len(lat) > 0 {
		slices.Reverse(lat)
		if t := lat[int(math.Ceil(.8*float64(len(lat))))-1]; t > 0 {
			n := 0
			for _, v := range neg {
				if v >= t {
					n++
				}
			}
			rep.FPRAt80 = math.RoundToEven(1e4*float64(n)/float64(len(neg))) / 100
		}
	}
	rep.LookAlike, rep.USForms = share(look, t1), share(us, t1)
	for g, v := range wrong {
		rep.Wrong[g] = share(v, t1)
	}
	for g, v := range byNeg {
		rep.ByGroup[g] = share(v, t1)
	}
	for _, c := range slices.Sorted(maps.Keys(byCat)) {
		cr := CategoryReport{Category: c, Queries: len(byCat[c]), Given: round1(100 * float64(inAll[c]) / float64(len(byCat[c])))}
		for _, p := range rep.Points {
			cr.Recall = append(cr.Recall, share(byCat[c], p.Threshold))
		}
		rep.Categories = append(rep.Categories, cr)
	}
	return rep, nil
}

// share is the percentage of values above t, to one place.
func share(v []float64, t float64) float64 {
	n := 0
	for _, x := range v {
		if x > t {
			n++
		}
	}
	return round1(100 * float64(n) / float64(max(1, len(v))))
}

func round1(f float64) float64 { return math.RoundToEven(f*10) / 10 }

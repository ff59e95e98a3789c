package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/comity-project/comity/internal/lang"
)

// dots joins short facts: "Rule CAP-2 · base pack 2026.3".
func dots(parts []string) string { return strings.Join(parts, " · ") }

// paragraphs cuts a text at blank lines, and each piece at its line breaks.
func paragraphs(text string) [][]string {
	var out [][]string
	var para []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			if para != nil {
				out, para = append(out, para), nil
			}
			continue
		}
		para = append(para, line)
	}
	if para != nil {
		out = append(out, para)
	}
	return out
}

func documentMeta(ctx context.Context, d Document) string {
	var parts []string
	if d.Kind != "" {
		parts = append(parts, d.Kind)
	}
	if d.Size > 0 {
		parts = append(parts, P(ctx).Bytes(d.Size))
	}
	if !d.Added.IsZero() {
		parts = append(parts, P(ctx).Date(d.Added))
	}
	if d.By != "" {
		parts = append(parts, d.By)
	}
	return dots(parts)
}

func tlpWord(mark string) string { return "TLP:" + strings.ToUpper(mark) }

func tlpClass(mark string) string {
	switch m := strings.ToLower(mark); m {
	case "red", "green", "clear":
		return m
	case "amber", "amber+strict":
		return "amber"
	}
	// A mark we do not know is handled as the strictest.
	return "red"
}

func outcomeClass(f FindingView) string {
	switch {
	case f.Outcome == Met && f.Binding:
		return "binding"
	case f.Outcome == Unknown:
		return "unknown"
	case f.Outcome == NotMet:
		return "not"
	}
	return ""
}

func langOr(code string) string {
	if code == "" {
		return "und"
	}
	return code
}

func bannerClass(t Tone) string {
	switch t {
	case Verified:
		return "done"
	case Needs:
		return "needs"
	case Bad:
		return "grave"
	}
	return ""
}

func bannerLabel(ctx context.Context, title string) string {
	if title != "" {
		return title
	}
	return T(ctx, "ui.banner")
}

func taskID(name string, group, i int) string {
	return "task-" + name + "-" + strconv.Itoa(group) + "-" + strconv.Itoa(i)
}

func (s SeverityView) highest() int { return max(s.Scale, s.Scope, s.Irremediable) }

func (s SeverityView) open() bool { return s.Scale == 0 || s.Scope == 0 || s.Irremediable == 0 }

// States lists all states and territories by their names in the printer's
// language, in its order, for CountrySelect. demo adds user-assigned codes (see
// lang.Printer.WithStates), which a demonstration uses. The list is kept for
// each language, and must not be changed.
func States(p lang.Printer, demo map[string]string) []StateOption {
	// fmt writes maps in the order of their keys.
	key := p.Lang() + fmt.Sprint(demo)
	if kept, ok := statesKept.Load(key); ok {
		return kept.([]StateOption)
	}
	made := states(p, demo)
	statesKept.Store(key, made)
	return made
}

// statesKept holds []StateOption by language and demonstration states: a
// handful, since both come from the node's own settings.
var statesKept sync.Map

func states(p lang.Printer, demo map[string]string) []StateOption {
	p = p.WithStates(demo)
	out := make([]StateOption, 0, len(isoStates)/3+len(demo))
	for i := 0; i+2 <= len(isoStates); i += 3 {
		code := isoStates[i : i+2]
		out = append(out, StateOption{Code: code, Name: p.Country(code)})
	}
	for code, name := range demo {
		out = append(out, StateOption{Code: code, Name: name})
	}
	slices.SortFunc(out, func(a, b StateOption) int {
		return cmp.Or(lang.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return out
}

// isoStates are the officially assigned alpha-2 codes of ISO 3166-1, and XK, a
// user-assigned code in wide use.
const isoStates = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY " +
	"HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "

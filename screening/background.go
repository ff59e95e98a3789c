package screening

import "strings"

// backgroundSize is how many ordinary names calibrate an index. With it, the
// score that one name in two hundred reaches rests on fifteen names.
const backgroundSize = 3000

// dice is a small deterministic generator: the background is the same in every
// run and on every machine.
type dice uint64

func (d *dice) roll(n int) int {
	*d = *d*6364136223846793005 + 1442695040888963407
	return int((uint64(*d) >> 33) % uint64(n))
}

func (d *dice) pick(from []string) string { return from[d.roll(len(from))] }

// backgroundParts reads the parts of ordinary names.
func backgroundParts() map[string][]string {
	b, err := lexiconFiles.ReadFile("lexicon/background.txt")
	if err != nil {
		panic("screening: " + err.Error())
	}
	m := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		key, list, ok := strings.Cut(line, ": ")
		if !ok || line[0] == '#' {
			continue
		}
		if strings.Contains(list, " | ") || strings.HasSuffix(list, "|") || key == "ara.trade" {
			for p := range strings.SplitSeq(list, "|") {
				m[key] = append(m[key], strings.TrimSpace(p))
			}
			continue
		}
		for p := range strings.FieldsSeq(list) {
			m[key] = append(m[key], strings.ReplaceAll(p, "|", " "))
		}
	}
	return m
}

// ordinary is a name that no list holds, and what kind of name it is.
type ordinary struct{ name, group string }

// background makes ordinary names of persons and companies in several scripts,
// in about the shares in which traders meet them. They stand for parties that
// no list holds; a few may be homonyms of listed ones, as in life.
func background() []ordinary {
	p := backgroundParts()
	d := dice(20260101)
	out := make([]ordinary, 0, backgroundSize)
	for len(out) < backgroundSize {
		var n, g string
		switch k := d.roll(100); {
		case k < 34:
			n, g = d.usCompany(p), "companies, as on stock exchanges"
		case k < 48:
			g = "companies in many languages"
			n = d.pick(p["world.word"]) + " " + d.pick(p["world.trade"]) + " " + d.pick(p["world.form"])
			if d.roll(4) == 0 {
				n = d.pick(p["world.trade"]) + " " + d.pick(p["world.family"]) + " " + d.pick(p["world.form"])
			}
		case k < 57:
			g = "persons, Latin script"
			n = d.pick(p["west.given"]) + " " + d.pick(p["west.family"])
			if d.roll(3) == 0 {
				n = d.pick(p["west.given"]) + " " + string(rune('A'+d.roll(26))) + ". " + d.pick(p["west.family"])
			}
		case k < 71:
			g = "persons, Latin script"
			n = d.pick(p["world.given"]) + " " + d.pick(p["world.family"])
			if d.roll(4) == 0 {
				n = d.pick(p["world.family"]) + ", " + d.pick(p["world.given"]) + " " + d.pick(p["world.given"])
			}
		case k < 85:
			n, g = d.cyrillicPerson(p), "persons, Cyrillic script"
		case k < 91:
			g = "companies, Cyrillic script"
			n = d.pick(p["cyr.form"]) + " «" + d.pick(p["cyr.trade"]) + " " + d.pick(p["cyr.word"]) + "»"
		case k < 98:
			g = "persons, Arabic script"
			n = d.pick(p["ara.given"]) + " " + d.pick(p["ara.given"]) + " " + d.pick(p["ara.given"]) + " " + d.pick(p["ara.family"])
		default:
			g = "companies, Arabic script"
			n = d.pick(p["ara.trade"]) + " " + d.pick(p["ara.word"]) + " " + d.pick(p["ara.tail"])
		}
		out = append(out, ordinary{strings.Join(strings.Fields(n), " "), g})
	}
	return out
}

// usCompany makes a company name of the kind that stock exchanges are full of:
// an invented word or an ordinary one, a trade, a form.
func (d *dice) usCompany(p map[string][]string) string {
	brand := d.pick(p["us.start"]) + d.pick(p["us.end"])
	switch d.roll(60) {
	case 0:
		brand = d.pick(p["us.short"])
	case 1, 2, 3:
		brand = d.pick(p["west.family"]) + " " + d.pick(p["west.family"])
	}
	form := d.pick(p["us.form"])
	switch d.roll(20) {
	case 0, 1, 2, 3, 4, 5, 6:
		return brand + " " + form
	case 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17:
		return brand + " " + d.pick(p["us.trade"]) + " " + form
	case 18:
		return d.pick(p["us.word"]) + " " + d.pick(p["us.word"]) + " " + d.pick(p["us.trade"]) + " " + form
	}
	return d.pick(p["us.word"]) + " " + d.pick(p["us.trade"]) + " " + form
}

func (d *dice) cyrillicPerson(p map[string][]string) string {
	family, patr := d.pick(p["cyr.family"]), d.pick(p["cyr.patr"])
	given, end := d.pick(p["cyr.m.given"]), "вич"
	if d.roll(2) == 0 {
		given, end = d.pick(p["cyr.f.given"]), "вна"
		switch {
		case strings.HasSuffix(family, "ий"):
			family = strings.TrimSuffix(family, "ий") + "ая"
		case !strings.HasSuffix(family, "ой"):
			family += "а"
		}
	}
	if strings.HasSuffix(patr, "р") {
		patr += "о"
	}
	patr += end
	switch d.roll(3) {
	case 0:
		return family + " " + given + " " + patr
	case 1:
		if d.roll(3) == 0 {
			return given + " " + family
		}
	}
	return given + " " + patr + " " + family
}

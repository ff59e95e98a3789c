package store

import (
	"slices"
	"strconv"
	"strings"
)

// TouchKeys are what is asked for of somebody or something: names, numbers as
// party.Identifier.Number gives them, and what it is called with the countries it
// is reported of.
type TouchKeys struct {
	Names, Numbers, Items, Places []string
}

// Touched is a case, open or with a live licence, that bears some of the keys.
type Touched struct {
	Case, Reference string
	Licence         bool
	Officer         string
	Compartment     string
	Agrees          []string // what agrees, and of whom: "name/consignee", "item/XR"
}

// live says that a licence of the case can still be used.
const liveLicence = `EXISTS (SELECT 1 FROM licence_row WHERE licence_row.case_id = case_row.id AND licence_row.status IN ('valid', 'suspended', 'restricted', 'not_yet_valid'))`

// CasesTouched gives the cases that bear one of the keys and are open or have a
// licence in force, in the order of their ids from after on; one alone where only
// names it.
func (t *Tx) CasesTouched(k TouchKeys, only, after string, limit int) (out []Touched, err error) {
	text, args := touched(k, only, after, limit)
	if text == "" {
		return nil, nil
	}
	at, streams := map[string]int{}, []string(nil)
	err = t.each(text, args, func(scan func(...any) error) error {
		var c Touched
		var licence int64
		err := scan(&c.Case, &c.Reference, &c.Officer, &c.Compartment, &licence)
		c.Licence = licence == 1
		at[c.Case], streams = len(out), append(streams, "case/"+c.Case)
		out = append(out, c)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	asked := map[string][]string{"name": nameKeys(k.Names), "number": nameKeys(k.Numbers), "item": nameKeys(k.Items)}
	args = nil
	err = t.each(`SELECT case_id, what, role, name_search FROM case_key WHERE stream IN (`+marks(&args, streams)+`) ORDER BY id`, args, func(scan func(...any) error) error {
		var id, what, role, key string
		if err := scan(&id, &what, &role, &key); err != nil {
			return err
		}
		c := &out[at[id]]
		if slices.Contains(asked[what], key) && (what != "item" || slices.Contains(k.Places, role)) && !slices.Contains(c.Agrees, what+"/"+role) {
			c.Agrees = append(c.Agrees, what+"/"+role)
		}
		return nil
	})
	return out, err
}

// touched is the question of CasesTouched; none where nothing is asked for.
func touched(k TouchKeys, only, after string, limit int) (text string, args []any) {
	var parts []string
	add := func(what string, texts []string, where string) {
		if keys := nameKeys(texts); len(keys) > 0 {
			parts = append(parts, `SELECT case_id FROM case_key WHERE what = '`+what+`' AND name_search IN (`+marks(&args, keys)+`)`+where)
		}
	}
	add("name", k.Names, "")
	add("number", k.Numbers, "")
	if len(k.Places) > 0 && len(k.Items) > 0 {
		add("item", k.Items, ` AND role IN (`+marks(&args, k.Places)+`)`)
	}
	if len(parts) == 0 {
		return "", nil
	}
	text = `SELECT case_row.id, case_row.reference, case_row.officer, case_row.compartment, CASE WHEN ` + liveLicence + ` THEN 1 ELSE 0 END
		FROM case_row WHERE case_row.id IN (` + strings.Join(parts, " UNION ALL ") + `) AND case_row.erased = 0 AND case_row.id > ` + marks(&args, []string{after})
	if only != "" {
		text += ` AND case_row.id = ` + marks(&args, []string{only})
	}
	return text + ` AND (case_row.stage_group <> 'closed' OR ` + liveLicence + `) ORDER BY case_row.id LIMIT ` + strconv.Itoa(limit), args
}

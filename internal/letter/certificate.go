package letter

// CertificateFacts are what an end-use certificate says for its end user to sign.
type CertificateFacts struct {
	Head
	Number    string
	Applicant Given
	EndUser   Given
	Address   Given
	Country   string
	Place     Given
	EndUse    Given
	Items     []CertifiedItem
	Clauses   []string // the assurances, in the words of the pack
	Wording   Given    // what was asked for beyond them; may be empty
	Hash      string   // of the text, printed so that a scan can be held against it
	Signed    *CertifiedBy
}

// CertifiedItem is one line of what is supplied.
type CertifiedItem struct {
	Line     string
	What     Given
	Quantity string // with its unit
}

// CertifiedBy is who signed electronically, and what of it they gave.
type CertifiedBy struct {
	Name, Function, Basis, Remarks Given
	Gives                          []bool // of each clause
	On                             string // day and time, in words
}

// Certificate is an end-use certificate: what is supplied to whom, each assurance
// with a box, and a place to sign. Once it was signed electronically it says by
// whom, and that this proves no more than that they had its code.
func Certificate(t Texts, f CertificateFacts) Document {
	b := begin(t, KindCertificate, f.Head, "number", f.Number)
	b.say("opening")
	items := []Definition{{b.key("applicant"), []Run{f.Applicant.run()}}, {t.T("letter.label.end_user"), []Run{f.EndUser.run()}}}
	for _, x := range []struct {
		key   string
		given Given
	}{{"address", f.Address}, {"country", Name(f.Country)}, {"place", f.Place}, {"use", f.EndUse}} {
		if x.given.Text != "" {
			items = append(items, Definition{b.key(x.key), []Run{x.given.run()}})
		}
	}
	b.add(Definitions{Items: items})
	rows := make([][]Cell, len(f.Items))
	for i, l := range f.Items {
		rows[i] = []Cell{Text(l.Line), {l.What.run()}, {{Text: l.Quantity, Isolate: true}}}
	}
	b.add(Table{
		Caption: b.key("items"), Rows: rows,
		Columns: []Column{{Header: t.T("letter.table.line")}, {Header: t.T("letter.table.item"), Weight: 5}, {Header: t.T("letter.table.quantity"), Weight: 2, Figure: true}},
	})
	b.heading("assurances.heading")
	b.say("assurances")
	for i, c := range f.Clauses {
		b.add(Checkbox{Checked: f.Signed != nil && f.Signed.Gives[i], Runs: Text(c)})
	}
	if f.Wording.Text != "" {
		b.add(Paragraph{Runs: []Run{f.Wording.run()}})
	}
	b.heading("signature.heading")
	var name, function, basis, remarks Run
	on := ""
	if s := f.Signed; s != nil {
		name, function, basis, remarks, on = s.Name.run(), s.Function.run(), s.Basis.run(), s.Remarks.run(), s.On
	}
	signed := []Definition{{b.key("name"), toWrite(name)}, {b.key("function"), toWrite(function)}, {b.key("basis"), toWrite(basis)}, {b.key("on"), toWrite(Run{Text: on})}}
	if f.Signed == nil {
		signed = append(signed, Definition{b.key("hand"), toWrite(Run{})})
	} else if remarks.Text != "" {
		signed = append(signed, Definition{b.key("remarks"), []Run{remarks}})
	}
	b.add(Definitions{Items: signed})
	if f.Signed != nil {
		b.say("electronic")
	}
	b.add(Paragraph{Runs: []Run{{Text: b.key("hash") + " "}, {Text: f.Hash, Isolate: true}}})
	return b.doc
}

// toWrite is a text, or a line to write it on.
func toWrite(r Run) []Run {
	if r.Text == "" {
		r.Text = "________________________________"
	}
	return []Run{r}
}

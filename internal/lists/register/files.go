package register

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a file of the register, in bytes: all states of the world with
// all their records need a tenth of it.
const maxFile = 8 << 20

// readable bounds a file and holds it to UTF-8.
func readable(raw []byte) error {
	if len(raw) > maxFile {
		return fmt.Errorf("register: the file is longer than %d bytes", maxFile)
	}
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			line, column := place(raw, int64(i))
			return fmt.Errorf("register: line %d, column %d: this is no UTF-8", line, column)
		}
		i += size
	}
	return nil
}

// Parse reads the register from YAML, as it ships.
func Parse(raw []byte) (Register, error) {
	if err := readable(raw); err != nil {
		return Register{}, err
	}
	var r Register
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return Register{}, fmt.Errorf("register: %w", err)
	}
	return r, r.Check()
}

// ExportJSON writes the register as JSON: same register, same bytes.
func (r Register) ExportJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	return b.Bytes(), nil
}

// ImportJSON reads what ExportJSON wrote. A field that is not known is an error:
// nothing is lost in silence.
func ImportJSON(raw []byte) (Register, error) {
	if err := readable(raw); err != nil {
		return Register{}, err
	}
	var r Register
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		off := d.InputOffset()
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			off = syntax.Offset
		case errors.As(err, &kind):
			off = kind.Offset
		case errors.Is(err, io.ErrUnexpectedEOF):
			off = int64(len(raw))
		}
		line, column := place(raw, off)
		return Register{}, fmt.Errorf("register: line %d, column %d: %w", line, column, err)
	}
	if _, err := d.Token(); err != io.EOF {
		line, column := place(raw, d.InputOffset())
		return Register{}, fmt.Errorf("register: line %d, column %d: something follows after the end", line, column)
	}
	return r, r.Check()
}

func place(raw []byte, off int64) (line, column int) {
	head := raw[:min(off, int64(len(raw)))]
	return bytes.Count(head, []byte("\n")) + 1, len(head) - bytes.LastIndexByte(head, '\n')
}

// The CSV has one record in each row; what a record does not have is empty.
var columns = []string{"record", "code", "code3", "name", "kind", "from", "until", "seen", "document", "source", "verify", "confidence", "place", "person", "email", "role", "note"}

type csvRow map[string]string

// ExportCSV writes the register as CSV: same register, same bytes.
func (r Register) ExportCSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(columns); err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	var lost error
	put := func(record string, row csvRow) {
		row["record"] = record
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = row[c]
			if strings.ContainsRune(row[c], '\r') {
				lost = fmt.Errorf("register: %s %s: the column %s holds a carriage return, which CSV can't keep", record, row["code"], c)
			}
		}
		_ = w.Write(cells) // a buffer takes everything; w.Error tells at the end
	}
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return ""
	}
	put("register", csvRow{"name": r.Schema, "from": r.AsOf, "note": r.Notice})
	for _, s := range r.Sources {
		put("source", csvRow{"code": s.ID, "name": s.What})
		for _, where := range s.Where {
			put("source_where", csvRow{"code": s.ID, "place": where})
		}
	}
	for _, m := range r.Meetings {
		put("meeting", csvRow{"code": m.ID, "kind": m.Kind, "from": m.From, "until": m.Until, "place": m.Place, "person": m.Host, "note": m.Note, "source": m.Source})
	}
	for _, s := range r.States {
		put("state", csvRow{"code": s.Code, "code3": s.Code3, "name": s.Name, "role": s.Role, "note": s.Note})
		for _, x := range s.Subscriptions {
			put("subscription", csvRow{"code": s.Code, "from": x.From, "until": x.Until, "document": x.Document, "source": x.Source, "note": x.Note})
		}
		for _, x := range s.Memberships {
			put("membership", csvRow{"code": s.Code, "kind": x.Of, "from": x.From, "until": x.Until, "seen": x.Seen, "source": x.Source, "verify": yes(x.Verify)})
		}
		for _, x := range s.Invitations {
			put("invitation", csvRow{"code": s.Code, "name": x.To, "from": x.From, "source": x.Source, "verify": yes(x.Verify)})
		}
		if a := s.Authority; a != nil {
			put("authority", csvRow{"code": s.Code, "name": a.Name, "kind": a.Parent, "confidence": a.Confidence, "source": a.Source, "place": a.Page, "note": a.Note})
		}
		for _, x := range s.Contacts {
			put("contact", csvRow{"code": s.Code, "name": x.Office, "person": x.Person, "email": x.Email, "from": x.From, "until": x.Until, "source": x.Source})
		}
	}
	w.Flush()
	if err := errors.Join(lost, w.Error()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ImportCSV reads what ExportCSV wrote.
func ImportCSV(raw []byte) (Register, error) {
	if err := readable(raw); err != nil {
		return Register{}, err
	}
	var r Register
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	c.FieldsPerRecord = len(columns)
	head, err := c.Read()
	if err != nil {
		return r, fmt.Errorf("register: %w", err)
	}
	if strings.Join(head, ",") != strings.Join(columns, ",") {
		return r, errors.New("register: line 1: the columns are not those of a register: " + strings.Join(columns, ","))
	}
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return r, r.Check()
		}
		if err != nil {
			return Register{}, fmt.Errorf("register: %w", err)
		}
		row := csvRow{}
		for i, name := range columns {
			row[name] = cells[i]
		}
		if problem := r.take(row); problem != "" {
			line, _ := c.FieldPos(0)
			return Register{}, errors.New("register: line " + strconv.Itoa(line) + ": " + problem)
		}
	}
}

// take adds one row; the answer is what is wrong with it.
func (r *Register) take(row csvRow) (problem string) {
	verify := row["verify"] == "yes"
	if !verify && row["verify"] != "" {
		return fmt.Sprintf("verify is %q, expected yes or nothing", row["verify"])
	}
	switch row["record"] {
	case "register":
		r.Schema, r.AsOf, r.Notice = row["name"], row["from"], row["note"]
		return ""
	case "source":
		r.Sources = append(r.Sources, Source{ID: row["code"], What: row["name"]})
		return ""
	case "source_where":
		if len(r.Sources) == 0 || r.Sources[len(r.Sources)-1].ID != row["code"] {
			return "the row does not follow its source"
		}
		s := &r.Sources[len(r.Sources)-1]
		s.Where = append(s.Where, row["place"])
		return ""
	case "meeting":
		r.Meetings = append(r.Meetings, Meeting{row["code"], row["kind"], row["from"], row["until"], row["place"], row["person"], row["note"], row["source"]})
		return ""
	case "state":
		r.States = append(r.States, State{Code: row["code"], Code3: row["code3"], Name: row["name"], Note: row["note"], Role: row["role"]})
		return ""
	}
	if len(r.States) == 0 || r.States[len(r.States)-1].Code != row["code"] {
		return "the row does not follow its state"
	}
	s := &r.States[len(r.States)-1]
	switch row["record"] {
	case "subscription":
		s.Subscriptions = append(s.Subscriptions, Subscription{row["from"], row["until"], row["document"], row["source"], row["note"]})
	case "membership":
		s.Memberships = append(s.Memberships, Membership{row["kind"], row["from"], row["until"], row["seen"], row["source"], verify})
	case "invitation":
		s.Invitations = append(s.Invitations, Invitation{row["name"], row["from"], row["source"], verify})
	case "authority":
		if s.Authority != nil {
			return "the state has two authorities"
		}
		s.Authority = &Authority{row["name"], row["kind"], row["confidence"], row["source"], row["place"], row["note"]}
	case "contact":
		s.Contacts = append(s.Contacts, Contact{row["name"], row["person"], row["email"], row["from"], row["until"], row["source"]})
	default:
		return fmt.Sprintf("%q is no record of a register", row["record"])
	}
	return ""
}

package controls

import (
	"io"
	"regexp"
	"strings"
)

var (
	ecfrHead   = regexp.MustCompile(`^([0-9][A-E][0-9]{3})\s+(\S.*)$`)
	ecfrItem   = regexp.MustCompile(`^([a-z]{1,2}(?:\.[0-9a-z]{1,3})*)\.\s+(\S.*)$`)
	ecfrReason = regexp.MustCompile(`^Reasons? for Control:\s*(.+)$`)
	ecfrField  = regexp.MustCompile(`^(Related Controls|Related Definitions):\s*(.*)$`)
)

// ParseECFR reads the Commerce Control List from the XML of the eCFR: headings
// that begin with the number of an entry, paragraphs that begin with their dotted
// place ("f.2."), "Reason for Control", and notes.
//
// It was written from the public description of the format and has not been run
// on an official file: the list it gives is marked Unverified, and Check says so.
func ParseECFR(r io.Reader, version string) (*List, error) {
	form := blocks{
		text: names("P", "FP", "FP-1", "FP-2", "HEAD", "HD1", "HD2", "HD3", "HD4", "HED", "PSPACE", "TD", "TH", "LI"),
		note: names("NOTE", "EDNOTE"),
	}
	bs, err := form.read(r)
	if err != nil {
		return nil, err
	}
	b := newBuilder("us-ccl", version)
	head, heading := "", ""
	for _, bl := range bs {
		text := bl.text
		switch {
		case ecfrHead.MatchString(text) && !bl.note:
			m := ecfrHead.FindStringSubmatch(text)
			head, heading = m[1], m[1]
			b.add(head, m[2])
		case head == "":
			continue
		case ecfrReason.MatchString(text):
			i := b.at[heading]
			for _, reason := range strings.Split(ecfrReason.FindStringSubmatch(text)[1], ",") {
				if reason = strings.Trim(reason, " .;"); reason != "" && len(reason) <= 8 {
					b.list.Entries[i].Reasons = appendNew(b.list.Entries[i].Reasons, reason)
				}
			}
		case ecfrField.MatchString(text):
			m := ecfrField.FindStringSubmatch(text)
			if m[1] == "Related Controls" {
				b.list.Entries[b.at[heading]].Related = m[2]
			} else {
				b.note(m[1], m[2])
			}
		case noteStart.MatchString(text):
			m := noteStart.FindStringSubmatch(text)
			b.note(strings.TrimSpace(m[1]+m[2]), text[len(m[0]):])
		case bl.note:
			b.lastNote(text)
		case ecfrItem.MatchString(text):
			m := ecfrItem.FindStringSubmatch(text)
			b.add(head+"."+m[1], m[2])
		}
	}
	return b.finish()
}

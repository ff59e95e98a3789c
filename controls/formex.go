package controls

import (
	"io"
	"regexp"
	"strings"
)

var (
	formexHead = regexp.MustCompile(`^[0-9][A-E][0-9]{3}$`)
	formexItem = regexp.MustCompile(`^(?:[a-z]{1,2}|[0-9]{1,2})$`)
)

// ParseFormex reads a control annex in the Formex XML of the EU's official
// journal: numbered paragraphs (NP with NO.P and TXT) nested in lists, notes as
// paragraphs that begin with "Note", "N.B." or "Technical Note".
//
// It was written from the public description of the format and has not been run
// on an official file: the list it gives is marked Unverified, and Check says so.
func ParseFormex(r io.Reader, version string) (*List, error) {
	form := blocks{
		item:   names("NP", "ITEM", "DLIST.ITEM"),
		number: names("NO.P", "NO.ITEM", "TERM"),
		text:   names("TXT", "P", "TI", "STI", "DEFINITION", "ALINEA"),
		note:   names("NOTE"),
		list:   names("LIST", "DLIST"),
	}
	bs, err := form.read(r)
	if err != nil {
		return nil, err
	}
	b := newBuilder("eu-dual-use-annex-i", version)
	type level struct {
		code  string
		depth int
	}
	var path []level
	inNote, noteDepth, noteList := false, 0, 0
	for _, bl := range bs {
		number := strings.Trim(bl.number, ".() ")
		// The items of a note stand in the first list that follows it.
		if inNote && len(bl.lists) > noteDepth && noteList == 0 {
			noteList = bl.lists[noteDepth]
		}
		inNote = inNote && len(bl.lists) > noteDepth && bl.lists[noteDepth] == noteList
		switch {
		case formexHead.MatchString(number):
			path, inNote = append(path[:0], level{number, bl.depth}), false
			b.add(number, bl.text)
		case noteStart.MatchString(bl.text) && (number == "" || bl.note):
			m := noteStart.FindStringSubmatch(bl.text)
			b.note(strings.TrimSpace(m[1]+m[2]), bl.text[len(m[0]):])
			inNote, noteDepth, noteList = strings.HasSuffix(bl.text, ":"), len(bl.lists), 0
		case bl.note || inNote:
			text := bl.text
			if number != "" {
				text = number + ". " + text
			}
			b.lastNote(text)
		case number != "" && formexItem.MatchString(number) && len(path) > 0:
			for len(path) > 1 && path[len(path)-1].depth >= bl.depth {
				path = path[:len(path)-1]
			}
			code := path[len(path)-1].code + "." + number
			path = append(path, level{code, bl.depth})
			b.add(code, bl.text)
		case number == "" && len(path) > 0:
			b.more(bl.text)
		}
	}
	return b.finish()
}

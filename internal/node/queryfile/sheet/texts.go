package sheet

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// texts are the texts that cells share, one after another in one.
type texts struct {
	all  string
	ends []uint32
}

func (t *texts) len() int { return len(t.ends) }

func (t *texts) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.all[start:t.ends[i]]
}

func (r *Reader) readTexts(name string) error {
	w, err := r.part(name)
	if err != nil {
		return err
	}
	defer w.close()
	var all []byte
	err = w.each(func(xml.StartElement) (err error) {
		if w.at("sst", "si") {
			if all, err = w.text(all); len(all) > math.MaxUint32 || len(r.texts.ends) == maxTexts {
				err = ErrTooLarge
			}
			r.texts.ends = append(r.texts.ends, uint32(len(all)))
		}
		return err
	})
	r.texts.all = string(all)
	return err
}

// readFormats reads in which form each style shows a number.
func (r *Reader) readFormats(name string) error {
	w, err := r.part(name)
	if err != nil {
		return err
	}
	defer w.close()
	own := map[string]string{}
	known := map[string]*format{}
	return w.each(func(e xml.StartElement) error {
		switch {
		case w.at("styleSheet", "numFmts", "numFmt"):
			own[attr(e, "numFmtId")] = attr(e, "formatCode")
		case w.at("styleSheet", "cellXfs", "xf"):
			id := attr(e, "numFmtId")
			f, ok := known[id]
			if !ok {
				code, mine := own[id]
				if !mine {
					code = builtin(id)
				}
				f = parseFormat(code)
				known[id] = f
			}
			r.formats = append(r.formats, f)
		}
		if len(own) > maxFormats || len(r.formats) > maxFormats {
			return fmt.Errorf("sheet: more than %d formats", maxFormats)
		}
		return nil
	})
}

// escaped is the length of what stands for a character that XML cannot hold.
const escaped = len("_x000D_")

// unescape reads what stands for such characters.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if isEscape(s) {
			n, _ := strconv.ParseUint(s[2:6], 16, 32)
			b.WriteRune(rune(n)) // half a character becomes the sign for none
			s = s[escaped:]
			continue
		}
		_, n := utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

// isEscape tells whether a text begins with an escape.
func isEscape(s string) bool { return likeEscape(s) && len(s) >= escaped && s[escaped-1] == '_' }

// likeEscape tells whether it would if a low line followed.
func likeEscape(s string) bool {
	if len(s) < escaped-1 || s[:2] != "_x" {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

package letter

import (
	"strconv"
	"strings"
)

// cell is a paragraph in a table; in its properties the direction comes before
// the alignment, in the order the format asks for.
func (w *wordML) cell(align string, runs []Run) {
	w.b.WriteString(`<w:p><w:pPr><w:pStyle w:val="Cell"/>` + w.flag("bidi") + align + "</w:pPr>")
	for _, r := range runs {
		w.b.WriteString(w.run(r))
	}
	w.b.WriteString("</w:p>")
}

func (w *wordML) styles() string {
	var b strings.Builder
	lang := `<w:lang w:val="` + escape(w.doc.Language) + `"/>`
	if w.doc.rtl() {
		lang = `<w:lang w:bidi="` + escape(w.doc.Language) + `"/>`
	}
	b.WriteString(`<w:styles ` + wordNS + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:cs="Noto Naskh Arabic"/><w:sz w:val="21"/><w:szCs w:val="24"/>` + lang + `</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="100"/></w:pPr></w:pPrDefault></w:docDefaults>`)
	style := func(id, name, pPr string, size int, bold bool) {
		weight := ""
		if bold {
			weight = "<w:b/><w:bCs/>"
		}
		n := strconv.Itoa(size)
		b.WriteString(`<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/><w:basedOn w:val="Normal"/><w:pPr>` + pPr + `</w:pPr><w:rPr>` + weight + `<w:sz w:val="` + n + `"/><w:szCs w:val="` + n + `"/></w:rPr></w:style>`)
	}
	b.WriteString(`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>`)
	style("Title", "Title", `<w:keepNext/><w:spacing w:before="240" w:after="120"/>`, 32, true)
	style("Heading1", "heading 1", `<w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/>`, 25, true)
	style("Heading2", "heading 2", `<w:keepNext/><w:spacing w:before="160" w:after="60"/><w:outlineLvl w:val="1"/>`, 22, true)
	style("Caption", "caption", `<w:keepNext/>`, 18, true)
	style("Small", "Small", `<w:spacing w:after="0"/>`, 18, false)
	style("Cell", "Cell", `<w:spacing w:before="40" w:after="40"/>`, 18, false)
	style("Notice", "Notice", `<w:ind w:left="240"/>`, 21, false)
	b.WriteString(`</w:styles>`)
	return b.String()
}

// numbering has one list of points, and a list that counts from one for each
// numbered list of the document.
func (w *wordML) numbering() string {
	var b strings.Builder
	level := func(id int, format, text string) {
		b.WriteString(`<w:abstractNum w:abstractNumId="` + strconv.Itoa(id) + `"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="` + format + `"/><w:lvlText w:val="` + text + `"/><w:pPr><w:ind w:left="400" w:hanging="400"/></w:pPr></w:lvl></w:abstractNum>`)
	}
	b.WriteString(`<w:numbering ` + wordNS + `>`)
	level(0, "bullet", "\u2022")
	level(1, "decimal", "%1.")
	b.WriteString(`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`)
	for i := range w.lists {
		b.WriteString(`<w:num w:numId="` + strconv.Itoa(i+2) + `"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`)
	}
	b.WriteString(`</w:numbering>`)
	return b.String()
}

// footer is the reference and "Page 1 of 3", with the numbers as fields.
func (w *wordML) footer() string {
	field := func(name string) string {
		return `<w:fldSimple w:instr=" ` + name + ` "><w:r><w:t>1</w:t></w:r></w:fldSimple>`
	}
	label := w.run(Run{Text: w.doc.Labels.Page})
	if at := strings.Index(w.doc.Labels.Page, "{page}"); at >= 0 {
		label = ""
		rest := w.doc.Labels.Page
		for rest != "" {
			cut, name, skip := len(rest), "", 0
			for token, f := range map[string]string{"{page}": "PAGE", "{pages}": "NUMPAGES"} {
				if i := strings.Index(rest, token); i >= 0 && i < cut {
					cut, name, skip = i, f, len(token)
				}
			}
			if cut > 0 {
				label += w.run(Run{Text: rest[:cut]})
			}
			if name != "" {
				label += field(name)
			}
			rest = rest[cut+skip:]
		}
	}
	return `<w:ftr ` + wordNS + `><w:p><w:pPr><w:pStyle w:val="Small"/>` + w.flag("bidi") + `</w:pPr>` +
		w.run(Run{Text: w.doc.Reference, Isolate: true}) + w.run(Run{Text: " \u2013 "}) + label + `</w:p></w:ftr>`
}

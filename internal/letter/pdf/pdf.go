// Package pdf writes PDF files: pages with text already shaped into glyphs,
// rules, and the structure tree that lets a screen reader follow them. It knows
// nothing about letters or scripts; package letter lays out and calls it.
//
// It exists because the libraries at hand address glyphs by code point, which
// cannot hold shaped Arabic, and write no tags. What it promises: the same calls
// give the same bytes; nothing goes into the file but what the caller gave (no
// producer, no clock, no machine); every glyph carries the text it stands for,
// so that searching and copying give back the words.
package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Info is all that the file says about itself.
type Info struct {
	Title    string // shown as the window title
	Author   string // the authority that signs
	Date     string // YYYYMMDD, the date of the document; empty for none
	Language string // BCP 47 tag of the document
	RTL      bool   // pages turn from right to left
}

// File is a document being written. It is not safe for concurrent use.
type File struct {
	info    Info
	fonts   []*Font
	pages   []*Page
	root    *Elem
	parents [][]*Elem // for each page, by marked-content number: who owns it
	objects [][]byte  // bodies by object number minus one
}

// New starts a file whose structure tree has one Document element.
func New(info Info) *File {
	f := &File{info: info}
	f.root = &Elem{kind: "Document", lang: info.Language}
	return f
}

// Root is the Document element that all other elements descend from.
func (f *File) Root() *Elem { return f.root }

// Pages is the number of pages so far.
func (f *File) Pages() int { return len(f.pages) }

// PageAt returns the page with that number, counted from 0, so that a footer
// with the total can be written when the total is known.
func (f *File) PageAt(i int) *Page { return f.pages[i] }

// AddPage appends a page. Width and height are in points.
func (f *File) AddPage(width, height float64) *Page {
	p := &Page{file: f, index: len(f.pages), width: width, height: height}
	f.pages = append(f.pages, p)
	f.parents = append(f.parents, nil)
	return p
}

// Elem is a node of the structure tree: a heading, a table cell, a list item.
type Elem struct {
	kind  string // a standard structure type: P, H1, Table, TH ...
	lang  string
	scope string // Column or Row, for TH
	alt   string // what a picture says
	kids  []kid
	num   int // object number, while writing
}

type kid struct {
	elem *Elem
	page int // where elem is nil: marked content mcid on this page
	mcid int
}

// Child appends an element of a standard structure type (P, H1, L, LI, Table ...).
func (e *Elem) Child(kind string) *Elem {
	c := &Elem{kind: kind}
	e.kids = append(e.kids, kid{elem: c})
	return c
}

// SetLang names the language of an element where it differs from its parent's.
func (e *Elem) SetLang(tag string) { e.lang = tag }

// SetScope says whether a TH element heads a "Column" or a "Row".
func (e *Elem) SetScope(scope string) { e.scope = scope }

// SetAlt says in words what an element shows that has no text, such as a ticked
// box.
func (e *Elem) SetAlt(words string) { e.alt = words }

// Bytes writes the file. It fails only on a broken font.
func (f *File) Bytes() ([]byte, error) {
	f.objects = nil
	catalog, pages, info, tree, parentTree := f.alloc(), f.alloc(), f.alloc(), f.alloc(), f.alloc()
	fontRefs := &strings.Builder{}
	for i, font := range f.fonts {
		n, err := f.writeFont(font)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(fontRefs, "/F%d %d 0 R", i, n)
	}
	pageNums := make([]int, len(f.pages))
	for i := range f.pages {
		pageNums[i] = f.alloc()
	}
	kids := &strings.Builder{}
	for i, p := range f.pages {
		content := f.stream("", p.out.Bytes())
		fmt.Fprintf(kids, "%d 0 R ", pageNums[i])
		f.put(pageNums[i], fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources<</Font<<%s>>>>/Contents %d 0 R/StructParents %d/Tabs/S>>",
			pages, num(p.width), num(p.height), fontRefs, content, i))
	}
	f.put(pages, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(f.pages), strings.TrimSpace(kids.String())))
	f.number(f.root)
	f.writeElem(f.root, tree, pageNums)
	f.put(tree, fmt.Sprintf("<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d>>", f.root.num, parentTree, len(f.pages)))
	nums := &strings.Builder{}
	for i, owners := range f.parents {
		fmt.Fprintf(nums, "%d[", i)
		for _, o := range owners {
			fmt.Fprintf(nums, "%d 0 R ", o.num)
		}
		nums.WriteString("]")
	}
	f.put(parentTree, fmt.Sprintf("<</Nums[%s]>>", nums))
	created := ""
	if f.info.Date != "" {
		created = "/CreationDate(D:" + f.info.Date + "000000Z)"
	}
	f.put(info, fmt.Sprintf("<</Title%s/Author%s%s>>", text(f.info.Title), text(f.info.Author), created))
	reading := "/L2R"
	if f.info.RTL {
		reading = "/R2L"
	}
	f.put(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang%s/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R/ViewerPreferences<</DisplayDocTitle true/Direction%s>>>>",
		pages, text(f.info.Language), tree, reading))
	return f.assemble(catalog, info), nil
}

func (f *File) assemble(catalog, info int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(f.objects))
	for i, o := range f.objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n", i+1)
		b.Write(o)
		b.WriteString("\nendobj\n")
	}
	// The identifier must not be random: it is the hash of what it identifies.
	sum := sha256.Sum256(b.Bytes())
	id := hex.EncodeToString(sum[:16])
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.objects)+1, catalog, info, id, id, xref)
	return b.Bytes()
}

func (f *File) number(e *Elem) {
	e.num = f.alloc()
	for _, k := range e.kids {
		if k.elem != nil {
			f.number(k.elem)
		}
	}
}

func (f *File) writeElem(e *Elem, parent int, pages []int) {
	b := &strings.Builder{}
	fmt.Fprintf(b, "<</Type/StructElem/S/%s/P %d 0 R", e.kind, parent)
	if e.lang != "" {
		b.WriteString("/Lang" + text(e.lang))
	}
	if e.alt != "" {
		b.WriteString("/Alt" + text(e.alt))
	}
	if e.scope != "" {
		fmt.Fprintf(b, "/A<</O/Table/Scope/%s>>", e.scope)
	}
	b.WriteString("/K[")
	for _, k := range e.kids {
		if k.elem != nil {
			fmt.Fprintf(b, "%d 0 R ", k.elem.num)
		} else {
			fmt.Fprintf(b, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[k.page], k.mcid)
		}
	}
	b.WriteString("]>>")
	f.put(e.num, b.String())
	for _, k := range e.kids {
		if k.elem != nil {
			f.writeElem(k.elem, e.num, pages)
		}
	}
}

func (f *File) alloc() int {
	f.objects = append(f.objects, nil)
	return len(f.objects)
}

func (f *File) put(n int, body string) { f.objects[n-1] = []byte(body) }

// stream adds a compressed stream object; dict is what its dictionary holds
// besides length and filter.
func (f *File) stream(dict string, data []byte) int {
	var z bytes.Buffer
	w, _ := zlib.NewWriterLevel(&z, zlib.BestCompression) // the level is valid
	_, _ = w.Write(data)                                  // a buffer does not fail
	_ = w.Close()
	n := f.alloc()
	var b bytes.Buffer
	fmt.Fprintf(&b, "<<%s/Length %d/Filter/FlateDecode>>stream\n", dict, z.Len())
	b.Write(z.Bytes())
	b.WriteString("\nendstream")
	f.objects[n-1] = b.Bytes()
	return n
}

// num prints a length with at most two decimals.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// text prints a text string as UTF-16 in hexadecimal, which needs no escapes.
func text(s string) string { return "<FEFF" + hex16(s) + ">" }

func hex16(s string) string {
	b := &strings.Builder{}
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(b, "%04X", u)
	}
	return b.String()
}

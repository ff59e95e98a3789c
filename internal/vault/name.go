package vault

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName bounds a file name for saving, in bytes. Most file systems take 255.
const maxName = 150

var endings = map[string]string{
	PDF: ".pdf", PNG: ".png", JPEG: ".jpg", Text: ".txt", CSV: ".csv", DOCX: ".docx", XLSX: ".xlsx", ODT: ".odt",
	"text/html; charset=utf-8": ".html",
}

// SaveName makes a name under which a document can be saved from the name that
// its sender typed: no folders, no control or direction-changing characters,
// bounded, and with the ending of what the document is. The typed name stays as
// it was in the metadata.
func SaveName(typed, mediaType string) string {
	name := path.Base(strings.ReplaceAll(strings.ToValidUTF8(typed, "_"), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			// Cf holds the marks that turn "exe.fdp" around to "pdf.exe".
			return -1
		case strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		}
		return r
	}, name)
	ending := endings[mediaType]
	if ext := path.Ext(name); strings.EqualFold(ext, ending) || strings.EqualFold(ext, ".jpeg") && ending == ".jpg" {
		name, ending = strings.TrimSuffix(name, ext), strings.ToLower(ext)
	}
	name = strings.Trim(name, " .")
	for len(name) > maxName-len(ending) {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.TrimRight(name, " .")
	if name == "" {
		name = "document"
	}
	return name + ending
}

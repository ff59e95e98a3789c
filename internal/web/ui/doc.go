// Package ui is what every page of Comity is made of: the frame, the parts of
// forms, the tables, findings and pictures, and the few things all doors share
// (rendering, security headers, assets, flash messages).
//
// A part is a templ component. Parts that ask for something take a Form, the
// one place that holds what a person typed and what is wrong with it, so that
// nothing typed is ever lost:
//
//	f := ui.NewForm(r.PostForm, lang.Fault(p, err))
//	@ui.ErrorSummary(f)
//	@ui.TextInput(f, ui.Input{Name: "site", Label: ui.T(ctx, "exporter.end_use.site")})
//
// Texts that a caller passes are sentences already, in the reader's language;
// what a part says by itself comes from the keys "ui.*". The printer travels in
// the context (see Localise). Parts carry no style attribute and no script: the
// policy in SecurityHeaders forbids both, and pages work without scripts.
package ui

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/lang"
)

//go:generate go tool -modfile=../../../tools/go.mod templ generate

// T is the sentence for a key in the language of the context.
func T(ctx context.Context, key string, args ...any) string { return lang.From(ctx).T(key, args...) }

// P is the printer of the context, for dates, numbers and names of states.
func P(ctx context.Context) lang.Printer { return lang.From(ctx) }

// Link is words that lead somewhere. Hidden is what a screen reader hears after
// them, to tell one "Change" from the next.
type Link struct {
	Text   string
	Href   string
	Hidden string
}

// dateTime is the machine's form of an instant.
func dateTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// orNothing spares callers a nil check on optional parts.
func orNothing(c templ.Component) templ.Component {
	if c == nil {
		return templ.NopComponent
	}
	return c
}

// Package shelves serves the collections of a node by TAXII 2.1: what named
// accounts may read and write, with provenance forced on what they bring and
// handling on what they get.
package shelves

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/taxii"
	"github.com/comity-project/comity/statement/stix"
)

// Root is the one API root: what others publish.
const Root = "field"

// Library is a node's collections.
type Library struct {
	App *node.App
	// Who gives the account of a name that the server passes on.
	Who func(ctx context.Context, name string) (access.Actor, error)
}

// Paths are where a site sends requests to the server.
var Paths = []string{"/taxii2/", "/" + Root + "/"}

// New makes a server over a node. Accounts send their token as a bearer token, or
// as the password of any name, or show their certificate where the door asks for
// one.
func New(app *node.App, address string, log *slog.Logger) http.Handler {
	l := &Library{App: app, Who: func(ctx context.Context, who string) (access.Actor, error) {
		if pin, ok := strings.CutPrefix(who, shown); ok {
			return app.Showing(ctx, [sha256.Size]byte([]byte(pin)))
		}
		return app.Calling(ctx, who)
	}}
	return taxii.NewServer(l, taxii.Options{
		Address: address, Title: app.Config().Title, Contact: app.Config().Contact, Now: app.Now, Log: log,
		Who: func(r *http.Request) (string, bool) {
			who := certificate(r)
			if who == "" {
				// Nothing that is sent may pass for what was shown.
				if who = bearer(r); strings.HasPrefix(who, shown) {
					return "", false
				}
			}
			actor, err := l.Who(r.Context(), who)
			return who, err == nil && actor.Program == account.ExchangeProgram
		},
	})
}

// shown begins the name of one who showed a certificate.
const shown = "certificate\x00"

// certificate names who showed a certificate on the connection: the hash of its
// public key. Who issued it and until when says nothing, the account says it all.
func certificate(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	pin := sha256.Sum256(r.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
	return shown + string(pin[:])
}

func bearer(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return password
	}
	const scheme = "Bearer "
	if h := r.Header.Get("Authorization"); len(h) > len(scheme) && h[:len(scheme)] == scheme {
		return h[len(scheme):]
	}
	return ""
}

func (l *Library) actor(ctx context.Context, who string) (access.Actor, error) {
	actor, err := l.Who(ctx, who)
	if err == nil && !access.Can(actor, access.ExchangeShelf, access.Thing{}) {
		err = taxii.ErrNotFound
	}
	return actor, err
}

// Roots implements taxii.Library.
func (l *Library) Roots(context.Context, string) ([]string, error) { return []string{Root}, nil }

// Root implements taxii.Library.
func (l *Library) Root(_ context.Context, _, root string) (taxii.Root, error) {
	if root != Root {
		return taxii.Root{}, taxii.ErrNotFound
	}
	return taxii.Root{Title: "What others publish"}, nil
}

// Collections implements taxii.Library.
func (l *Library) Collections(ctx context.Context, who, root string) (out []taxii.Collection, err error) {
	if root != Root {
		return nil, taxii.ErrNotFound
	}
	actor, err := l.actor(ctx, who)
	if err != nil {
		return nil, err
	}
	all, err := l.App.Shelves(ctx, actor)
	for _, c := range all {
		a := c.Of(actor.Account)
		out = append(out, taxii.Collection{ID: c.ID, Title: c.Title, Description: c.About, CanRead: a.Read, CanWrite: a.Write})
	}
	return out, err
}

// Page implements taxii.Library. The server has asked Collections whether the
// caller may read.
func (l *Library) Page(ctx context.Context, collection string, f taxii.Filter, after int64, limit int) ([]taxii.Record, bool, error) {
	if len(f.Spec) > 0 && !wants(f.Spec, "2.1") {
		return nil, false, nil
	}
	rows, more, err := l.App.Shelf(ctx, collection, store.ImportPage{
		Begin: after, After: f.After, Objects: f.IDs, Kinds: f.Types, First: f.First, Last: f.Last, All: f.All, Exact: f.Exact, Limit: limit, Heads: f.Heads,
	})
	records := make([]taxii.Record, len(rows))
	for i, o := range rows {
		records[i] = taxii.Record{Seq: o.Seq, ID: o.Object, Version: o.Version, Added: o.Added, Raw: o.Sealed}
	}
	return records, more, err
}

func wants(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Add implements taxii.Library.
func (l *Library) Add(ctx context.Context, who, root, collection string, objects []stix.Object, status func([]taxii.Outcome) taxii.Status) error {
	actor, err := l.actor(ctx, who)
	if err != nil {
		return err
	}
	_, err = l.App.AddObjects(ctx, actor, collection, objects, func(t *store.Tx, all []node.Brought) error {
		outcomes := make([]taxii.Outcome, len(all))
		for i, b := range all {
			outcomes[i] = taxii.Outcome{Refused: b.Refused, Version: b.Version}
			if b.Had {
				outcomes[i].Message = "it was here already"
			}
		}
		s := status(outcomes)
		body, err := json.Marshal(s)
		if err != nil {
			return err
		}
		return t.PutImportStatus(root+"/"+s.ID, actor.Account, body)
	})
	return told(err)
}

// told turns a fault into what the protocol says of it.
func told(err error) error {
	var f *fault.Error
	switch {
	case !errors.As(err, &f):
		return err
	case f.Code == fault.NotFound:
		return taxii.ErrNotFound
	case f.Key == "dispatch.import.not_yours":
		return taxii.Refuse("only its originator deletes an object")
	case f.Key == "dispatch.import.many":
		return taxii.Refuse("send fewer objects at once")
	case f.Key == "dispatch.collection.closed":
		return taxii.Refuse("the collection is closed")
	}
	return err
}

// Delete implements taxii.Library.
func (l *Library) Delete(ctx context.Context, who, collection, id string, f taxii.Filter) (n int, err error) {
	actor, err := l.actor(ctx, who)
	if err != nil {
		return 0, err
	}
	err = l.App.Do(ctx, actor, node.RemoveImported{Collection: collection, Object: id, Removed: &n, Want: func(o store.ImportObject) bool {
		return f.Wants(&taxii.Record{Seq: o.Seq, ID: o.Object, Version: o.Version, Added: o.Added, First: o.First, Last: o.Last})
	}})
	return n, told(err)
}

// Status implements taxii.Library.
func (l *Library) Status(ctx context.Context, who, root, id string) (s taxii.Status, err error) {
	actor, err := l.actor(ctx, who)
	if err != nil {
		return s, err
	}
	body, found, err := l.App.ShelfStatus(ctx, actor, root+"/"+id)
	if err != nil || !found {
		return s, errors.Join(err, taxii.ErrNotFound)
	}
	return s, json.Unmarshal(body, &s)
}

var _ taxii.Library = (*Library)(nil)

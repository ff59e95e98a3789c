package node_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/statement/stix"
)

// collecting is a point of contact with a collection.
func collecting(t testing.TB, app *node.App) (contact access.Actor, collection string) {
	t.Helper()
	org := nodetest.Org(t, app, account.Authority, "Licensing authority")
	contact = nodetest.Person(t, app, org, "contact", access.PointOfContact)
	collection = node.NewID()
	if err := app.Do(context.Background(), contact, dispatch.OpenCollection{Collection: collection, Title: "The field"}); err != nil {
		t.Fatal(err)
	}
	return contact, collection
}

var amnesty = dispatch.Provenance{Source: "Amnesty International Security Lab", Licence: "CC-BY-4.0", Admiralty: "A2"}

// The bundles of Amnesty and MVT through the node: every object is accounted for,
// the invalid are held aside with their reasons, and each file comes out as it
// came. The node's verification at the end holds every row against the ledger.
func TestTheFieldsBundlesInTheNode(t *testing.T) {
	var names []string
	for _, folder := range []string{"amnesty", "mvt-indicators"} {
		found, err := filepath.Glob(repotest.Data(t, "stix", folder, "*", "*.stix2"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		ctx := context.Background()
		contact, collection := collecting(t, app)
		objects, held, had, accepted := 0, 0, 0, 0
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			id := node.NewID()
			out, err := app.TakeFile(ctx, contact, node.TakeFile{Import: id, Collection: collection, Name: filepath.Base(name), Bytes: src, From: amnesty})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			objects, held, had, accepted = objects+out.Objects, held+out.Held, had+out.Had, accepted+out.Accepted
			_, r, err := app.OpenImport(ctx, contact, id)
			if err != nil {
				t.Fatal(err)
			}
			back, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(back, src) {
				t.Errorf("%s does not come out as it came: %v", name, err)
			}
			p, err := app.Import(ctx, contact, id, -1)
			if err != nil || len(p.Aside) != out.Held || !p.Whole() {
				t.Errorf("%s: %d of %d held are shown, whole %v: %v", name, len(p.Aside), out.Held, p.Whole(), err)
			}
			for _, a := range p.Aside {
				if len(a.Findings) == 0 && a.Code == "invalid" {
					t.Errorf("%s: %s is held without a reason", name, a.Object)
				}
			}
		}
		if objects != 11443 || accepted+held+had != objects || held < 54 {
			t.Errorf("%d objects: %d accepted, %d held, %d here already", objects, accepted, held, had)
		}
		var b bytes.Buffer
		if _, err := app.WriteCollection(ctx, contact, collection, "stix", &b); err != nil {
			t.Fatal(err)
		}
		d, err := stix.Read(b.Bytes(), stix.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range d.Objects[1:] {
			o := &d.Objects[i+1]
			if o.Strictest().TLP != stix.AmberStrict || !bytes.Contains(o.Raw, []byte("Amnesty")) {
				t.Fatalf("%s leaves without its marks", o.ID())
			}
		}
		for _, form := range []string{"misp", "csv"} {
			if _, err := app.WriteCollection(ctx, contact, collection, form, io.Discard); err != nil {
				t.Errorf("%s: %v", form, err)
			}
		}
	})
}

const pair = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Halden Signals"},
{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[app:id = 'x']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":"indicator--00000000-0000-4000-8000-000000000002","target_ref":"identity--00000000-0000-4000-8000-000000000001"}]}`

func TestImportsOfFiles(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		ctx := context.Background()
		contact, collection := collecting(t, app)
		take := func(name, src string, from dispatch.Provenance) (node.TakenFile, error) {
			return app.TakeFile(ctx, contact, node.TakeFile{Import: node.NewID(), Collection: collection, Name: name, Bytes: []byte(src), From: from})
		}
		// Without provenance nothing comes in.
		if _, err := take("a.json", pair, dispatch.Provenance{Source: "A lab"}); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		out, err := take("a.json", pair, amnesty)
		if err != nil || out.Accepted != 1 || out.Held != 2 || !strings.Contains(out.Reasons[0], `"id" is not the name`) {
			t.Fatalf("%+v %v", out, err)
		}
		// The same again is here already; another source does not revise it.
		if out, err = take("a.json", pair, amnesty); err != nil || out.Had != 3 {
			t.Errorf("%+v %v", out, err)
		}
		later := strings.ReplaceAll(pair, `"modified":"2026-01-01`, `"modified":"2026-02-01`)
		if out, err = take("b.json", later, dispatch.Provenance{Source: "Somebody else", Licence: "unknown", Admiralty: "F6"}); err != nil || out.Accepted != 0 || out.Held != 3 {
			t.Errorf("%+v %v", out, err)
		}
		if out, err = take("c.json", later, amnesty); err != nil || out.Accepted != 1 {
			t.Errorf("%+v %v", out, err)
		}
		if _, err = take("d.json", "{", amnesty); !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
		if out, err = take("e.csv", "uuid,event_id,category,type,value,comment,to_ids,date\n\"5c4d2b1a-0000-4000-8000-000000000001\",1,\"Network activity\",\"domain\",\"bad.example\",\"\",1,\"20260101\"\n", amnesty); err != nil || out.Accepted == 0 {
			t.Errorf("%+v %v", out, err)
		}
		officer := nodetest.Person(t, app, contact.Org, "officer", access.LicensingOfficer)
		if _, err := app.TakeFile(ctx, officer, node.TakeFile{Import: node.NewID(), Collection: collection, Name: "a.json", Bytes: []byte(pair), From: amnesty}); !fault.Is(err, fault.NotFound) {
			t.Error("an officer takes in:", err)
		}
		if err := app.Do(ctx, contact, dispatch.CloseCollection{Collection: collection}); err != nil {
			t.Fatal(err)
		}
		if _, err := take("a.json", pair, amnesty); !fault.Is(err, fault.Conflict) {
			t.Error("a closed collection takes in:", err)
		}
	})
}

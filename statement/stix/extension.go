package stix

import (
	"bytes"
	"embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed schema
var schemaFiles embed.FS

// The identity that answers for the extension-definitions, and their ids. They
// are frozen: a change of meaning is a new extension with a new id.
const (
	OwnIdentity         = "identity--0ca213d1-639b-5449-8242-f0ff43880b0f"
	ExtensionPAP        = "extension-definition--633abf7b-a8bd-58e7-9a58-09e2e2d51c06"
	ExtensionProvenance = "extension-definition--40c649dc-e74b-518e-b6c0-605f64b25c59"
	ExtensionHandling   = "extension-definition--bf10ed0a-dd1c-5e2f-b77f-66ab3612b1ef"
	ExtensionReport     = "extension-definition--e171fa30-de51-5db0-8b04-d452e487a38d"
	ExtensionVendor     = "extension-definition--2416f524-ef4b-5595-8720-5f6d7c90651c"
	ExtensionCapability = "extension-definition--8ffc7e70-d605-5688-97e9-396edcfa6a2a"
	ExtensionEndUser    = "extension-definition--656433a9-b162-58a6-9221-148af3f5a58a"
	ExtensionPractice   = "extension-definition--af49d3c1-7770-52b3-b4bb-f4adeecfced1"
	ExtensionDenial     = "extension-definition--56033883-8e6c-57e4-a291-af9516449639"
	ExtensionProcedure  = "extension-definition--44d12052-1a34-5a94-9ea4-b150e160bf93"
	ExtensionReply      = "extension-definition--36a045bc-ce04-5419-8eae-2f6a8d1c9165"
)

// frozen is when the identity and the extensions were made.
const frozen = "2026-11-22T00:00:00.000Z"

// Extension is one of Comity's extensions.
type Extension struct {
	ID          string
	Name        string // also of its schema file: "report" is schema/report.json
	Title       string
	Description string
	Kind        string   // property-extension or new-sdo
	On          []string // types it may stand on; for new-sdo, the type it makes
}

// Extensions are all extensions Comity defines.
func Extensions() []Extension {
	return []Extension{
		{ExtensionPAP, "pap", "Permissible Actions Protocol", "What a recipient may do with marked information.", "property-extension", []string{"marking-definition"}},
		{ExtensionProvenance, "provenance", "Provenance", "Where an object that its author did not mark came from, under which licence, and how far source and content are trusted.", "property-extension", nil},
		{ExtensionHandling, "handling", "Handling", "How a statement may be used, by whom, and when it must be looked at again.", "property-extension", nil},
		{ExtensionReport, "report", "Threat or risk report", "What a state reports about misuse, or the risk of misuse, of goods and technology.", "property-extension", []string{"report"}},
		{ExtensionVendor, "vendor", "Vendor", "Who makes, sells or brokers goods or technology of concern.", "property-extension", []string{"identity"}},
		{ExtensionCapability, "capability", "Capability", "What a tool or a piece of technology can do to people.", "property-extension", []string{"tool", "malware", "infrastructure"}},
		{ExtensionEndUser, "end-user", "End user", "Who uses, or would use, goods or technology of concern.", "property-extension", []string{"identity"}},
		{ExtensionPractice, "practice", "Practice", "A practice in export control that a state offers to others.", "property-extension", []string{"course-of-action"}},
		{ExtensionDenial, "denial", "Denial", "A licence that a state refused, for others to consider.", "new-sdo", []string{"x-comity-denial"}},
		{ExtensionProcedure, "procedure", "Procedure", "An agreed procedure for exchange between states, with the rules that machines enforce.", "property-extension", []string{"course-of-action"}},
		{ExtensionReply, "reply", "Reply", "One word of one state about another's statement. No word needs a reason.", "property-extension", []string{"note"}},
	}
}

// Schema is the JSON Schema (draft 2020-12) of an extension's content.
func (e Extension) Schema() []byte {
	b, err := schemaFiles.ReadFile("schema/" + e.Name + ".json")
	if err != nil {
		panic("stix: schema of " + e.Name + ": " + err.Error()) // part of the program
	}
	return b
}

// Object is the extension-definition, with the address at which the node that
// shows it publishes its schemas: schemas + "/" + Name + ".json".
func (e Extension) Object(schemas string) []byte {
	b, err := json.Marshal(struct {
		Type        string   `json:"type"`
		SpecVersion string   `json:"spec_version"`
		ID          string   `json:"id"`
		CreatedBy   string   `json:"created_by_ref"`
		Created     string   `json:"created"`
		Modified    string   `json:"modified"`
		Name        string   `json:"name"`
		Description string   `json:"description"`
		Schema      string   `json:"schema"`
		Version     string   `json:"version"`
		Types       []string `json:"extension_types"`
	}{"extension-definition", "2.1", e.ID, OwnIdentity, frozen, frozen, "Comity: " + e.Title, e.Description, strings.TrimSuffix(schemas, "/") + "/" + e.Name + ".json", "1.0.0", []string{e.Kind}})
	if err != nil {
		panic("stix: extension-definition: " + err.Error()) // strings alone
	}
	return b
}

// OwnIdentityObject is the identity that the extension-definitions name.
func OwnIdentityObject() []byte {
	return []byte(`{"type":"identity","spec_version":"2.1","id":"` + OwnIdentity + `","created":"` + frozen + `","modified":"` + frozen + `","name":"Comity project","identity_class":"organization"}`)
}

// ownSchemas are the extensions with their schemas, ready to check with.
var ownSchemas = sync.OnceValue(func() map[string]ownExtension {
	all := map[string]ownExtension{}
	for _, e := range Extensions() {
		s, err := parseSchema(e.Schema())
		if err != nil {
			panic("stix: schema/" + e.Name + ".json: " + err.Error()) // part of the program
		}
		all[e.ID] = ownExtension{e, s}
	}
	return all
})

type ownExtension struct {
	Extension
	schema *schema
}

// extensionTypes is which kinds of extension the object names.
func (v *Value) extensionTypes() map[string]bool {
	e, ok := v.Get("extensions")
	if !ok {
		return nil
	}
	kinds := map[string]bool{}
	for i := range e.Members {
		if k := e.Members[i].Value.text("extension_type"); k != "" {
			kinds[k] = true
		}
	}
	return kinds
}

// extensions checks each extension the object carries.
func (c *check) extensions(s *shape) {
	e, ok := c.object.Root.Get("extensions")
	if !ok || e.Kind != Map {
		return
	}
	for i := range e.Members {
		m := &e.Members[i]
		at := (*trail)(nil).in("extensions").in(m.Name)
		if m.Value.Kind != Map {
			c.fail(at, "kind", "put its properties in { }", "want an object, not %s", m.Value.Kind)
			continue
		}
		if len(m.Value.Members) == 0 {
			c.fail(at, "empty", "leave it out", "an extension can't be empty")
		}
		switch {
		case strings.HasPrefix(m.Name, "extension-definition--"):
			c.definedExtension(m, at)
		case c.table.extensions[m.Name] != nil:
			c.shape(&m.Value, at, c.table.extensions[m.Name])
			if s.group != "observable" {
				c.fail(at, "reference", "remove it", "%s stands on observables only", m.Name)
			}
		case !strings.HasSuffix(m.Name, "-ext") || !validTypeName(m.Name):
			c.fail(at, "name", "use the id of an extension-definition", "%q names no extension", shorten(m.Name))
		default:
			c.warn(at, "custom", "use the id of an extension-definition", "%s is not an extension of the standard", shorten(m.Name))
		}
	}
}

func (c *check) definedExtension(m *Member, at *trail) {
	if !validID(m.Name) {
		c.fail(at, "id", "write extension-definition-- and a UUID", "%q is not the id of an extension", shorten(m.Name))
		return
	}
	kind := m.Value.text("extension_type")
	if words := c.table.words["extension-type"]; !slices.Contains(words, kind) && m.Name != tlp2Extension {
		c.fail(at.in("extension_type"), "value", "write one of "+strings.Join(words, ", "), "%q is not a type of extension", shorten(kind))
		return
	}
	own, ok := ownSchemas()[m.Name]
	if !ok {
		return
	}
	if kind != own.Kind {
		c.fail(at.in("extension_type"), "value", "write "+own.Kind, "%s is a %s", own.Title, own.Kind)
	}
	if typ := c.object.Type(); own.On != nil && !slices.Contains(own.On, typ) {
		c.fail(at, "reference", "put it on a "+strings.Join(own.On, " or "), "%s can't stand on a %s", own.Title, shorten(typ))
	}
	against := &m.Value
	if own.Kind == "new-sdo" {
		against = &c.object.Root // its properties are the object's own
	}
	if own.Kind == "new-sdo" {
		at = nil
	}
	c.schema(against, at, own.schema)
}

// Bundle puts objects as they are into a bundle. Its id follows from them, so
// that the same objects give the same bytes.
func Bundle(objects [][]byte) []byte {
	all := bytes.Join(objects, []byte(",\n"))
	return slices.Concat([]byte(`{"type":"bundle","id":"`+NamedID("bundle", string(all))+`","objects":[`), all, []byte("]}\n"))
}

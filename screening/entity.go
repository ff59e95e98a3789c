package screening

// Entity is one party of a list, or one of a state's own: what an index is
// built from. All text is as the source wrote it; folding is the engine's work.
type Entity struct {
	ID        string   `json:"id"`   // unique in the index, stable between versions of a list
	List      string   `json:"list"` // short name of the list, "UN", "SDN", "demo"
	Type      Type     `json:"type"`
	Names     []Name   `json:"names"`               // at least one; the first primary name is shown
	Births    []string `json:"births,omitempty"`    // "1961", "1961-05" or "1961-05-07"; several where the source gives several
	Countries []string `json:"countries,omitempty"` // ISO 3166-1 alpha-2, upper case; codes outside it (XK) allowed
	IDs       []Ident  `json:"ids,omitempty"`
	Addresses []string `json:"addresses,omitempty"` // one line each
	Program   string   `json:"program,omitempty"`   // the source's programme or legal basis
	Listed    string   `json:"listed,omitempty"`    // date of listing, ISO, where known
	Remarks   string   `json:"remarks,omitempty"`   // the source's words, shown and never parsed for matching
	URL       string   `json:"url,omitempty"`       // the source's page of the entry
	Refused   []string `json:"refused,omitempty"`   // of a refusal: the kinds of items that were refused, by their ids in the taxonomy; never matched
}

// Type says what kind of thing is listed. The zero value is "not known", which
// matches every type.
type Type string

// The kinds of listed things.
const (
	Unknown      Type = ""
	Person       Type = "person"
	Organisation Type = "organisation" // companies, agencies, units of the state
	Vessel       Type = "vessel"
	Aircraft     Type = "aircraft"
)

// Name is one name of an entity, in whatever script it was given.
type Name struct {
	Text string   `json:"text"`
	Kind NameKind `json:"kind"`
}

// NameKind says how sure the source is of a name.
type NameKind string

// The kinds of names. Aliases count as much as the primary name, weak ones less.
const (
	Primary NameKind = "primary"
	Alias   NameKind = "alias"
	Former  NameKind = "former"
	Weak    NameKind = "weak" // "weak" or "low quality" alias in the source's words
)

// Ident is an identifying number.
type Ident struct {
	Kind    string `json:"kind"` // "passport", "tax", "registration", "national", "lei", "imo", "mmsi", "swift", "other"
	Value   string `json:"value"`
	Country string `json:"country,omitempty"` // issuing country, ISO alpha-2, where known
}

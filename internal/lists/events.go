package lists

import "github.com/comity-project/comity/internal/event"

// Events. Ids of entries are those of listed parties or list codes, which are
// public with the list; they are kept.
type (
	// Defined: a list was put on record, or its record changed.
	Defined struct {
		Definition
	}
	// VersionImported: the files of a list were read.
	VersionImported struct {
		ID         string      `json:"id"`
		Published  string      `json:"published,omitempty"`
		Source     string      `json:"source"`
		Document   string      `json:"document"`
		Object     string      `json:"object"`
		Report     string      `json:"report"`
		ReportAt   string      `json:"report_at"`
		Base       string      `json:"base,omitempty"`
		Figures    Figures     `json:"figures"`
		GoneLimit  int         `json:"gone_limit"` // the limit that was held against it
		Suspicions []Suspicion `json:"suspicions,omitempty"`
		// The first ids of each, at most NamedIDs; all are in the stored report.
		Added   []string `json:"added,omitempty"`
		Removed []string `json:"removed,omitempty"`
		Changed []string `json:"changed,omitempty"`
	}
	// VersionActivated: from now on this version is used.
	VersionActivated struct {
		ID     string `json:"id"`
		Forced bool   `json:"forced,omitempty"`
		Reason string `json:"reason,omitempty"`
	}
	// VersionRejected: this version will not be used.
	VersionRejected struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	}
	// Checked: the source was looked at and gave nothing new.
	Checked struct {
		Outcome Outcome `json:"outcome"`
		Problem string  `json:"problem,omitempty"`
	}
	// Reviewed: somebody looked whether the list is still needed.
	Reviewed struct {
		Keep   bool   `json:"keep"`
		Note   string `json:"note"`
		NextBy string `json:"next_by,omitempty"`
	}
	// ObjectionReceived: somebody asked for an entry to be corrected or taken away.
	ObjectionReceived struct {
		ID       string                       `json:"id"`
		Entry    string                       `json:"entry"`
		Kind     ObjectionKind                `json:"kind"`
		Received string                       `json:"received"`
		Text     event.Private[ObjectionText] `json:"text"`
	}
	// ObjectionDecided: the authority answered.
	ObjectionDecided struct {
		ID      string                `json:"id"`
		Outcome ObjectionOutcome      `json:"outcome"`
		Answer  event.Private[string] `json:"answer"`
	}
)

// NamedIDs is how many ids of each kind an import's event names.
const NamedIDs = 200

// EventType implements event.Event.
func (Defined) EventType() string { return "list.defined" }

// EventType implements event.Event.
func (VersionImported) EventType() string { return "list.version_imported" }

// EventType implements event.Event.
func (VersionActivated) EventType() string { return "list.version_activated" }

// EventType implements event.Event.
func (VersionRejected) EventType() string { return "list.version_rejected" }

// EventType implements event.Event.
func (Checked) EventType() string { return "list.checked" }

// EventType implements event.Event.
func (Reviewed) EventType() string { return "list.reviewed" }

// EventType implements event.Event.
func (ObjectionReceived) EventType() string { return "list.objection_received" }

// EventType implements event.Event.
func (ObjectionDecided) EventType() string { return "list.objection_decided" }

// Events lists one of each event of this domain, for the registry.
func Events() []event.Event {
	return []event.Event{
		Defined{}, VersionImported{}, VersionActivated{}, VersionRejected{}, Checked{}, Reviewed{}, ObjectionReceived{}, ObjectionDecided{},
	}
}

package licensing

import (
	"slices"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// What a holder can be told to do.
var holderDuties = []string{"stop", "support", "remedy"}

// LicenceInstructed tells the holder what to do after something happened. It is
// the only word on it that the holder reads.
type LicenceInstructed struct {
	Duties []string              `json:"duties,omitempty"` // "stop", "support", "remedy"
	Person string                `json:"person"`
	Text   event.Private[string] `json:"text"`
}

// EventType is "licence.instructed".
func (LicenceInstructed) EventType() string { return "licence.instructed" }

// Instruction is what the holder was told to do.
type Instruction struct {
	Duties []string  `json:"duties,omitempty"`
	Text   Text      `json:"text"`
	At     time.Time `json:"at"`
}

// Instruct tells the holder what to do.
type Instruct struct {
	OnLicence
	Duties []string
	Text   string
}

// Name is "licence.instruct".
func (Instruct) Name() string { return "licence.instruct" }

func instruct(c Instruct, f Facts) (event.Event, error) {
	for _, d := range c.Duties {
		if !slices.Contains(holderDuties, d) {
			return nil, fault.New(fault.Invalid, "licensing.instruct.duty").Field("duties", "licensing.instruct.duty")
		}
	}
	return LicenceInstructed{Duties: c.Duties, Person: f.Actor.person(), Text: event.P(c.Stream(), c.Text)}, text("text", c.Text, true)
}

package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// ExtendInformation gives the applicant more time for a request, as after a
// holding reply. The clock goes on standing.
type ExtendInformation struct {
	On
	RFI string
	Due deadline.Date // empty: the pack's period for it, from now
	Why string
}

// Name is "case.extend_information".
func (ExtendInformation) Name() string { return "case.extend_information" }

// InformationExtended gives more time.
type InformationExtended struct {
	RFI string                `json:"rfi"`
	Due time.Time             `json:"due"`
	Why event.Private[string] `json:"why"`
}

// EventType is "case.information_extended".
func (InformationExtended) EventType() string { return "case.information_extended" }

// How a request ended.
const (
	RFIAnswered   = "answered"
	RFIClosed     = "closed"     // it was no longer needed
	RFIUnanswered = "unanswered" // its time had passed in silence: what it asked stays unknown
)

func (d *decider) extendInformation(cmd ExtendInformation) error {
	if err := d.openRFI(cmd.RFI); err != nil {
		return err
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	due, err := d.due(cmd.Due, d.f.RFIExtension)
	if err != nil {
		return err
	}
	if !due.After(d.c.RFI(cmd.RFI).Due) {
		return fault.New(fault.Invalid, "licensing.rfi.no_later").Field("due", "licensing.rfi.no_later")
	}
	return d.emit(InformationExtended{RFI: cmd.RFI, Due: due, Why: d.private(cmd.Why)})
}

// Unanswered are the requests that the applicant let pass: what they asked stays
// unknown.
func (c *Case) Unanswered() (out []RFI) {
	for _, q := range c.RFIs {
		if q.How == RFIUnanswered {
			out = append(out, q)
		}
	}
	return out
}

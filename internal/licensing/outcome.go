package licensing

import (
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// outcomeRows are the suspensions, variations and revocations of the licence, for
// statistics.
// That a licence used up has something left again is none, whatever it was before.
func (l *Licence) outcomeRows() (rows []event.Row) {
	for i, h := range l.History {
		again := i > 0 && l.History[i-1].Status == Exhausted && h.Why.Value == "" && h.Why.Erased == nil
		if h.Status == Suspended || h.Status == Restricted || h.Status == Revoked {
			if !again {
				rows = append(rows, outcomeRow(l.ID+"/"+strconv.Itoa(i), string(h.Status), l.ID, l.Compartment, h.At))
			}
		}
	}
	for number := 2; number <= l.Version(); number++ {
		if x := l.made(number); x != nil {
			rows = append(rows, outcomeRow(l.ID+"/version/"+strconv.Itoa(number), "varied", l.ID, l.Compartment, x.Closed))
		}
	}
	return rows
}

// outcomeRows is how the stop ended, for statistics.
func (s *Stop) outcomeRows() []event.Row {
	if s.Ended == nil {
		return nil
	}
	return []event.Row{outcomeRow(s.ID, string(s.Status), "", "", s.Ended.At)}
}

func outcomeRow(id, kind, licence, compartment string, at time.Time) event.Row {
	return event.Row{Table: "outcome_row", ID: id, Columns: []event.Column{
		event.C("kind", kind), event.C("licence_id", licence), event.C("compartment", compartment), event.C("at", at),
	}}
}

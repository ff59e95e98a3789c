package cases

import (
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
)

// receives takes into use a file that another state sent: the refusals that it
// tells partners of. Cases that wait are searched again.
func (s *stage) receives(list, publisher, yaml string) {
	s.T.Helper()
	s.receivesAs(list, publisher, "comity-yaml", yaml)
}

// receivesAs takes a file in another format.
func (s *stage) receivesAs(list, publisher, format, body string) {
	s.T.Helper()
	s.Do(access.System(), lists.DefineList{List: list, Definition: lists.Definition{
		Title: "Refusals of " + publisher, Kind: lists.Parties, Means: "denials", Format: format, LegalBasis: "Exchange between states", Publisher: publisher,
		Scope: "Consultation before deciding", GoneLimit: 900, ReviewBy: "2027-11-01",
	}})
	s.Do(access.System(), node.ImportList{List: list, Activate: true, Reason: "sent by " + publisher, Files: []node.ListFile{{Name: list, Bytes: []byte(body)}}})
	s.settle()
}

package licensing

import "github.com/comity-project/comity/internal/deadline"

// NoticeKind is what customs do with a notice.
type NoticeKind string

// The kinds of notices.
const (
	NoticeIssue  NoticeKind = "issue"  // a licence that customs have not heard of
	NoticeUpdate NoticeKind = "update" // it may be used otherwise than before
	NoticeCancel NoticeKind = "cancel" // it may no longer be used
)

// Notice tells customs of one change of a licence's status. Its number is that
// of the change in the ledger; it names the one before it, so that whoever lost
// one knows. The same number always says the same.
type Notice struct {
	Number      int64         `json:"number"`
	Previous    int64         `json:"previous"`
	Kind        NoticeKind    `json:"kind"`
	Licence     string        `json:"licence"`
	Status      LicenceStatus `json:"status"`
	From        deadline.Date `json:"from"`
	Until       deadline.Date `json:"until"`
	Document    string        `json:"document,omitempty"` // code to cite
	Holder      string        `json:"holder"`
	Registry    string        `json:"registry,omitempty"`
	Destination string        `json:"destination"`
	Lines       []NoticeLine  `json:"lines"`
}

// NoticeLine is one line in a notice.
type NoticeLine struct {
	Line        string `json:"line"`
	Code        string `json:"code,omitempty"`
	Tariff      string `json:"tariff,omitempty"`
	Description string `json:"description,omitempty"`
	Quantity    string `json:"quantity"`
	Unit        string `json:"unit"`
	Suspended   bool   `json:"suspended,omitempty"`
}

// Notice is what customs are told of the change at a place of the licence's
// history.
func (l *Licence) Notice(at int, codes *DocumentCodes) Notice {
	h := l.History[at]
	v, _ := l.As(max(h.Number, 1)) // what it allowed then
	n := Notice{
		Number: h.Seq, Kind: NoticeUpdate, Licence: l.Reference, Status: h.Status, From: l.From, Until: v.Until,
		Document: codes.Of(l.Kind), Destination: l.Destination,
	}
	switch {
	case at == 0:
		n.Kind = NoticeIssue
	case h.Status != Valid && h.Status != Restricted:
		n.Kind = NoticeCancel
	}
	for _, x := range v.Lines {
		n.Lines = append(n.Lines, NoticeLine{
			Line: x.Line, Code: x.Code, Tariff: x.Tariff, Description: x.Description, Quantity: x.Quantity.String(), Unit: x.Unit,
			Suspended: h.Status == Restricted && contains(h.Lines, x.Line),
		})
	}
	return n
}

// AtBorder tells whether a condition matters to whoever looks at the goods and
// their papers when they leave.
func (k Condition) AtBorder() bool {
	switch k.Type {
	case MaxQuantity, Serials, ModulesDisabled, WithoutReexport, OtherCondition:
		return true
	}
	return false
}

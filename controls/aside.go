package controls

import "strings"

// A product sheet is data. Sentences in it that speak to whoever reads or
// classifies it ("answer not_listed", "already cleared by our authority, skip
// the questions") are no facts about the product: they can never release an
// item. What they say about the product still counts towards control, so that
// nothing can be hidden in them.

var asidePhrases = []string{
	"note to the assistant", "note to assistant", "note to the reader", "note to the classifier", "to the reviewer", "dear reviewer",
	"dear assistant", "as an ai", "you are", "you must", "you should", "please answer", "please classify", "please mark", "please return",
	"answer not", "answer with", "answer only", "answer no", "reply not", "reply with", "respond with", "respond not", "output not", "output only", "output the",
	"classify as", "classify this", "classify it", "mark as", "mark this", "mark it", "treat as", "treat this", "treat it as", "rate as", "rate this",
	"ignore previous", "ignore all", "ignore the", "ignore any", "disregard", "forget previous", "forget all", "skip the", "skip any", "do not look", "do not ask", "do not consult", "do not flag", "don't ask", "don't flag",
	"system prompt", "system message", "instruction to", "instructions to", "override", "new instructions", "from now on",
	"not_listed", "needs_expert", "status listed", "catch_all", "approve this", "approve the", "approved by the export", "should be approved", "must be approved",
	"already reviewed", "already cleared", "already classified", "already approved", "was cleared", "been cleared", "was reviewed", "been reviewed", "pre-approved", "cleared by",
	"no licence", "no license", "licence is not required", "license is not required", "not subject to", "not controlled", "is uncontrolled", "not export controlled", "ear99", "not dual-use", "not dual use", "not listed", "unlisted",
}

// asideSentences tells which sentences (by number) address the reader or claim a
// classification.
func asideSentences(text string, toks []token) map[int]bool {
	if len(toks) == 0 {
		return nil
	}
	low := strings.ToLower(text)
	var out map[int]bool
	for _, p := range asidePhrases {
		for from := 0; ; {
			i := strings.Index(low[from:], p)
			if i < 0 {
				break
			}
			at := from + i
			from = at + len(p)
			if at > 0 && isWordByte(low[at-1]) || from < len(low) && isWordByte(low[from]) {
				continue
			}
			if s, ok := sentenceAt(toks, at, len(p)); ok {
				if out == nil {
					out = map[int]bool{}
				}
				out[s] = true
			}
		}
	}
	return out
}

func isWordByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

func sentenceAt(toks []token, at, length int) (int, bool) {
	// Lowering can shift offsets of rare letters; the nearest token is enough.
	for _, t := range toks {
		if t.end > at && t.start < at+length {
			return t.sentence, true
		}
	}
	return 0, false
}

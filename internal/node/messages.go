package node

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
)

// ErrMessagesLong says that the messages could not be read to their end.
var ErrMessagesLong = errors.New("node: the messages are too long")

// TakeMessages takes in customs messages, one JSON object on a line, and gives the
// answer to each in turn: what was made of it, or the fault for which it was not
// received. A line without a message is passed over. It ends where the node itself
// fails: what was answered so far is on record, and sent again is answered alike.
func (a *App) TakeMessages(ctx context.Context, actor access.Actor, r io.Reader, give func(line int, answer licensing.MessageAnswer, bad *fault.Error)) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, licensing.MaxMessage)
	for n := 1; in.Scan(); n++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var answer licensing.MessageAnswer
		m, err := licensing.ParseMessage(in.Bytes())
		if err == nil {
			err = a.Do(ctx, actor, TakeMessage{CustomsMessage: m}, Into(&answer))
		}
		var bad *fault.Error
		if err != nil && (!errors.As(err, &bad) || bad.Code == fault.Internal || bad.Code == fault.Unavailable) {
			return err
		}
		give(n, answer, bad)
	}
	if in.Err() != nil {
		return ErrMessagesLong
	}
	return nil
}

package workload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// A client does one operation after another.
type client struct {
	load     *Load
	number   int
	patience context.Context
	random   *rand.Rand
}

// A request is what is sent for an operation.
type request struct {
	method, path string
	body         any
	keyless      bool // a message: its id is the key
}

// said is what any answer may hold.
type said struct {
	conversationSaid
	Outcome      string            `json:"outcome"`
	Code         string            `json:"code"`
	Presence     *presenceSaid     `json:"presence"`
	Conversation *conversationSaid `json:"conversation"`
	Decision     json.RawMessage   `json:"decision"` // an object, or, in a problem, an id
}

type conversationSaid struct {
	ID       string    `json:"id"`
	Status   any       `json:"status"`
	Assignee string    `json:"assignee"`
	Revision uint64    `json:"revision"`
	ClosedAt time.Time `json:"closed_at"`
}

type presenceSaid struct {
	Status string    `json:"status"`
	Since  time.Time `json:"since"`
}

const answerMaxBytes = 4 << 20

// perform sends a write until its outcome is known, and writes it down.
func (c *client) perform(op *history.Op, r request) {
	ctx, cancel := context.WithTimeout(c.patience, opPatience)
	defer cancel()
	body, err := json.Marshal(r.body)
	if err != nil {
		op.Answer.Code = err.Error()
	}
	home := c.random.IntN(len(c.load.o.Servers))
	for try := 0; ; try++ {
		at := (home + try) % len(c.load.o.Servers)
		op.Outcome = c.try(ctx, op, at, r, body)
		if op.Outcome == history.OK || op.Outcome == history.Refused {
			break
		}
		if op.Tries.Unknown > 0 && c.load.o.Config.Resolves && c.random.IntN(4) == 0 {
			c.resolve(ctx, op, at, r)
		}
		wait := 20*time.Millisecond<<min(try, 4) + time.Duration(c.random.IntN(50))*time.Millisecond
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		if ctx.Err() != nil {
			break
		}
	}
	if op.Outcome != history.OK && op.Outcome != history.Refused && op.Tries.Unknown > 0 {
		op.Outcome = history.Unknown
	}
	c.load.end(op)
}

// try sends a request once and says what is known of it then.
func (c *client) try(ctx context.Context, op *history.Op, at int, r request, body []byte) string {
	ctx, cancel := context.WithTimeout(ctx, tryPatience)
	defer cancel()
	op.Answer = history.Answer{Node: c.load.o.Names[at]}
	req, err := http.NewRequestWithContext(ctx, r.method, c.load.o.Servers[at]+r.path, bytes.NewReader(body))
	if err != nil {
		op.Answer.Code = err.Error()
		return history.Unsent
	}
	req.GetBody = nil // so that net/http does not send it again by itself
	req.Header.Set("Rondo-Actor", op.Actor)
	if r.method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.method != http.MethodGet && !r.keyless {
		req.Header.Set("Idempotency-Key", op.Actor)
	}
	resp, err := c.load.http.Do(req)
	if err != nil {
		return c.lost(op, err)
	}
	defer resp.Body.Close()
	op.Tries.Sent++
	data, err := io.ReadAll(io.LimitReader(resp.Body, answerMaxBytes))
	if err != nil {
		op.Tries.Unknown++
		return history.Unknown
	}
	return understand(op, resp, data)
}

// lost is what is known when no answer came: nothing, unless there was no
// connection.
func (c *client) lost(op *history.Op, err error) string {
	op.Answer.Code = err.Error()
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return history.Unsent
	}
	op.Tries.Sent++
	op.Tries.Unknown++
	return history.Unknown
}

// understand reads an answer into the operation.
func understand(op *history.Op, resp *http.Response, data []byte) string {
	var s said
	err := json.Unmarshal(data, &s)
	a := &op.Answer
	a.Status, a.Code = resp.StatusCode, s.Code
	a.Index, _ = strconv.ParseUint(resp.Header.Get("Rondo-Index"), 10, 64)
	op.Tries.Replayed = resp.Header.Get("Idempotency-Replayed") == "true"
	switch {
	case resp.StatusCode < 300 && err != nil:
		a.Code = fmt.Sprintf("not JSON: %v", err)
		op.Tries.Unknown++
		return history.Unknown
	case resp.StatusCode < 300:
		s.into(a)
		return history.OK
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		if s.Outcome == "rejected" {
			op.Tries.Rejected++
			return history.Unsent
		}
		op.Tries.Unknown++
		return history.Unknown
	default:
		return history.Refused
	}
}

func (s *said) into(a *history.Answer) {
	c := &s.conversationSaid
	if s.Conversation != nil {
		c = s.Conversation
	}
	a.Conversation, a.Assignee, a.Revision = c.ID, c.Assignee, c.Revision
	if text, ok := c.Status.(string); ok {
		a.State = text
	}
	if !c.ClosedAt.IsZero() {
		a.AtMs = c.ClosedAt.UnixMilli()
	}
	if s.Presence != nil {
		a.Conversation, a.State, a.AtMs = "", s.Presence.Status, s.Presence.Since.UnixMilli()
	}
	var decision struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(s.Decision, &decision) == nil {
		a.Decision = decision.ID
	}
}

// resolve asks a node what became of the operation's key. While it is pending, or
// not known, it may still arrive: nothing is noted then.
func (c *client) resolve(ctx context.Context, op *history.Op, at int, r request) {
	ctx, cancel := context.WithTimeout(ctx, tryPatience)
	defer cancel()
	path := "/v1/operations/" + url.PathEscape(op.Actor)
	if r.keyless {
		path = "/v1/operations/" + url.PathEscape(op.Subject.Message) + "?inbox=" + url.QueryEscape(op.Subject.Inbox)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.load.o.Servers[at]+path, nil)
	if err != nil {
		return
	}
	req.Header.Set("Rondo-Actor", op.Actor)
	resp, err := c.load.http.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	var became struct {
		Outcome string `json:"outcome"`
	}
	if json.NewDecoder(io.LimitReader(resp.Body, answerMaxBytes)).Decode(&became) != nil || resp.StatusCode != http.StatusOK {
		return
	}
	switch became.Outcome {
	case "committed":
		op.Tries.Resolved = http.StatusOK
	case "rejected":
		op.Tries.Resolved = http.StatusConflict
	}
}

// Package events is `rondo events`: it follows what happens in a cluster, through
// whichever node answers.
//
// It keeps the id of the last event, and goes on behind it on another node when
// the one it listens to dies, stops or falls silent; so nothing is shown twice and
// nothing is left out. It keeps no other state, and changes nothing.
//
// Read follow.go (how a stream is followed), then command.go.
package events

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what is read and waited for.
const (
	// silence is how long a node may say nothing; it sends a heartbeat every 15 s
	// unless it was told otherwise.
	silence = 45 * time.Second

	connectPatience = 2 * time.Second
	headerPatience  = 15 * time.Second
	pauseLeast      = 50 * time.Millisecond
	pauseMost       = 2 * time.Second
	lineBytesMost   = 4 << 20
)

// Options say what to follow.
type Options struct {
	Servers []string   // base addresses of nodes, at least one
	After   string     // id to go on behind; "": from now
	Filter  url.Values // types, team, inbox, conversation, agent

	// Silence is how long a node may say nothing before another is asked; 0 is 45 s.
	Silence time.Duration

	// Trouble is told why another node is asked; nil: nobody is.
	Trouble func(error)
}

// An Event is one block of the stream.
type Event struct {
	ID   string
	Type string // "reset": events were missed; Data says why and what to do
	Data json.RawMessage
}

// A RefusedError is the answer of a node to a call that no other node would
// answer better.
type RefusedError struct {
	Status int
	Detail string
}

func (e *RefusedError) Error() string { return e.Detail }

// Follow calls show for each event in order, from its own goroutine, until ctx
// ends or show returns an error, which it returns.
func Follow(ctx context.Context, o Options, show func(Event) error) error {
	if len(o.Servers) == 0 {
		return errors.New("no server given: name one, such as http://127.0.0.1:4600")
	}
	if o.Silence <= 0 {
		o.Silence = silence
	}
	f := &follower{options: o, last: o.After, show: show, http: &http.Client{Transport: &http.Transport{
		DialContext: (&net.Dialer{Timeout: connectPatience}).DialContext, ResponseHeaderTimeout: headerPatience,
	}}}
	defer f.http.CloseIdleConnections()
	pause := pauseLeast
	for at := 0; ; at++ {
		heard, err := f.listen(ctx, o.Servers[at%len(o.Servers)])
		var refused *RefusedError
		switch {
		case f.stopped != nil:
			return f.stopped
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &refused):
			return err
		case heard:
			pause = pauseLeast
		}
		if o.Trouble != nil {
			o.Trouble(err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if !heard {
			pause = min(2*pause, pauseMost)
		}
	}
}

// A follower is one Follow.
type follower struct {
	options Options
	http    *http.Client
	last    string // id to go on behind
	show    func(Event) error
	stopped error // what show said
}

// listen reads the stream of one node to its end, and says whether it heard
// anything and why it ended.
func (f *follower) listen(ctx context.Context, server string) (heard bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	address := strings.TrimSuffix(server, "/") + "/v1/events"
	if query := f.options.Filter.Encode(); query != "" {
		address += "?" + query
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, &RefusedError{0, fmt.Sprintf("server %q: write it like http://127.0.0.1:4600", server)}
	}
	if f.last != "" {
		r.Header.Set("Last-Event-ID", f.last)
	}
	answer, err := f.http.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return false, refusalOf(server, answer)
	}
	watchdog := time.AfterFunc(f.options.Silence, func() {
		cancel(fmt.Errorf("%s has said nothing for %s", server, f.options.Silence))
	})
	defer watchdog.Stop()
	heard, err = f.read(answer.Body, func() { watchdog.Reset(f.options.Silence) })
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return heard, fmt.Errorf("the stream of %s has ended: %w", server, err)
}

// refusalOf turns an answer that is no stream into an error. Another node, or
// another moment, may answer better than with a 429 or a 5xx.
func refusalOf(server string, answer *http.Response) error {
	const enough = 64 << 10
	body, err := io.ReadAll(io.LimitReader(answer.Body, enough))
	var problem struct{ Detail string }
	if err != nil || json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
		problem.Detail = "is it a Rondo node of this version?"
	}
	detail := fmt.Sprintf("%s answers %s: %s", server, answer.Status, problem.Detail)
	if answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= http.StatusInternalServerError {
		return errors.New(detail)
	}
	return &RefusedError{answer.StatusCode, detail}
}

// read takes blocks until the stream ends. A block counts when its empty line has
// come: half of one is read again elsewhere.
func (f *follower) read(body io.Reader, alive func()) (heard bool, err error) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, lineBytesMost)
	var id string
	var event Event
	for lines.Scan() {
		alive()
		heard = true
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "":
			if id != "" {
				f.last = id
			}
			if event.Type != "" {
				event.ID = f.last
				if f.stopped = f.show(event); f.stopped != nil {
					return heard, f.stopped
				}
			}
			id, event = "", Event{}
		case name == "id":
			id = value
		case name == "event":
			event.Type = value
		case name == "data":
			event.Data = append(event.Data, value...)
		}
	}
	if err = lines.Err(); err == nil {
		err = io.EOF
	}
	return heard, err
}

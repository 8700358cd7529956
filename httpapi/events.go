package httpapi

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// GET /v1/events shows what happens while it happens, as server-sent events, or
// with Accept: application/x-ndjson as a line each. Events are views of the
// records of the state: a record is written by Apply, so only what is committed is
// ever shown, under the same id on every node, and an id is never used twice.
//
// Each stream reads the records for itself, out of views that nobody changes, as
// fast as its client takes them. So there is no queue that a slow client could
// fill, and nothing that writes would wait for. Read events_tide.go for what the
// streams share, events_view.go for what an event looks like, events_filter.go and
// events_wire.go.

// The defaults of EventOptions.
const (
	DefaultMaxStreams = 512
	DefaultHeartbeat  = 15 * time.Second
	DefaultPatience   = 10 * time.Second
)

const (
	// streamBuffer is about how much is written to a client at once.
	streamBuffer = 64 << 10

	// recordsAtOnce bounds how many records a stream looks at before it writes,
	// so that its id moves on however few pass its filter.
	recordsAtOnce = 2048

	// streamRetryMs is when a client is told to come back after a stream has ended.
	streamRetryMs = 1000
)

// EventOptions configure GET /v1/events.
type EventOptions struct {
	// MaxStreams is how many streams may be open on this node; further ones are
	// answered with 429. A stream costs about 100 KiB.
	MaxStreams int

	// Heartbeat is how often a stream says something at least: a comment and the
	// id it has come to, so that a client behind a narrow filter resumes there.
	Heartbeat time.Duration

	// Patience is how long a client may take to accept what is written at once, 64
	// KiB at most; one that is slower is dropped, and resumes when it comes back.
	Patience time.Duration

	// Stopping is closed when this node begins to stop: streams end then, and
	// clients go to another node. Nil: never.
	Stopping <-chan struct{}
}

// events serves the streams of a node.
type events struct {
	api     *api
	options EventOptions
	slots   chan struct{} // one for each stream
	tide    *tide
}

func newEvents(a *api, o EventOptions) *events {
	if o.MaxStreams <= 0 {
		o.MaxStreams = DefaultMaxStreams
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = DefaultHeartbeat
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	return &events{api: a, options: o, slots: make(chan struct{}, o.MaxStreams), tide: &tide{cluster: a.cluster}}
}

// serve answers one call, for as long as the client listens.
func (e *events) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	if IsSpare(r.Context()) {
		e.refuse(w, r, rt, tooManyConnections())
		return
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	default:
		p := newProblem(http.StatusTooManyRequests, codeTooBusy, unavailableTitle(codeTooBusy),
			"this node serves "+strconv.Itoa(cap(e.slots))+" streams of events already; try again later, or another node")
		p.retryAfter = time.Second
		e.refuse(w, r, rt, p)
		return
	}
	s, err := e.begin(w, r, rt)
	if err != nil {
		e.refuse(w, r, rt, err)
		return
	}
	e.api.meter.answered(rt, http.StatusOK, 0)
	if r.Method == http.MethodHead {
		s.wire.open()
		return
	}
	why := s.run(r.Context())
	e.api.meter.streamEnded(why)
	e.api.log.Debug("stream of events ended", "why", why, "at", s.position, "from", r.RemoteAddr)
}

func (e *events) refuse(w http.ResponseWriter, r *http.Request, rt *route, err error) {
	p, known := problemOf(err, &call{route: rt})
	if !known {
		e.api.log.Error("request failed", "method", r.Method, "path", clip(r.URL.Path), "error", err)
	}
	e.api.meter.answered(rt, e.api.write(w, problemAnswer(p, rt)), 0)
}

// A stream is one client's.
type stream struct {
	events   *events
	wire     *eventWire
	filter   eventFilter
	position fsm.RecordID // everything up to it has been looked at
	told     fsm.RecordID // the last id that was sent
	lost     *reset       // what the client must be told first, or nil
}

// begin judges the call, and finds where its stream starts.
func (e *events) begin(w http.ResponseWriter, r *http.Request, rt *route) (*stream, error) {
	select {
	case <-e.options.Stopping:
		return nil, stoppingProblem()
	default:
	}
	principal, err := authenticate(r)
	if err != nil {
		return nil, err
	}
	q, err := parseQuery(r.URL.RawQuery, rt)
	if err != nil {
		return nil, err
	}
	after, given, err := startOf(r, q)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), e.api.timeout)
	defer cancel()
	v, err := e.api.cluster.Read(ctx, true, 0)
	if err != nil {
		return nil, err
	}
	if given && after.Index > v.Index {
		// Another node was ahead of this one. With a fence this one has everything
		// that any node can have shown.
		if v, err = e.api.cluster.Read(ctx, false, 0); err != nil {
			return nil, err
		}
	}
	s := &stream{events: e, position: after}
	if s.filter, err = newFilter(v, principal, q); err != nil {
		return nil, err
	}
	switch {
	case !given:
		s.position = v.Records.Newest()
	case after.Index > v.Index:
		s.lost = resetUnknown(v, after)
		s.position = v.Records.Newest()
	}
	s.wire = newEventWire(w, r, v.Index, e.options.Patience)
	return s, nil
}

func stoppingProblem() *problem {
	const code = "shutting_down"
	p := newProblem(http.StatusServiceUnavailable, code, unavailableTitle(code), "this node is about to stop; ask another one")
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcomeRejected}
	return p
}

// startOf reads where a client wants to go on. What its browser remembers comes
// before what its address says: that is where it began the first time.
func startOf(r *http.Request, q query) (after fsm.RecordID, given bool, err error) {
	const form = `give the id of the last event you have seen, such as 1042.0; 1042 is behind all of entry 1042, and 0 before everything`
	text, given := q["after"]
	where := inQuery("after", "format", form)
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		text, given, where = id, true, inHeader("Last-Event-ID", "format", form)
	}
	if !given {
		return after, false, nil
	}
	if after, err = parsePosition(text); err != nil {
		return after, false, invalid(where)
	}
	return after, true, nil
}

// Why a stream has ended, for the log and the metrics.
const (
	endedByClient = "client_gone"
	endedSlow     = "client_slow"
	endedStopping = "stopping"
	endedAlone    = "out_of_touch"
)

// run sends events until the stream ends, and says why it did.
func (s *stream) run(ctx context.Context) (why string) {
	t := s.events.tide
	t.join()
	defer t.leave()
	s.wire.open()
	s.wire.id(s.position)
	s.told = s.position
	if s.lost != nil {
		s.wire.reset(s.lost)
	}
	if err := s.wire.flush(); err != nil {
		return broken(err)
	}
	beat := time.NewTicker(s.events.options.Heartbeat)
	defer beat.Stop()
	for {
		wave := t.now()
		next, done := wave.next, s.show(wave) // the wave itself is let go here
		if err := s.wire.flush(); err != nil {
			return broken(err)
		}
		if !done {
			if ctx.Err() != nil {
				return endedByClient
			}
			continue
		}
		select {
		case <-next:
			continue
		case <-beat.C:
			if !s.inTouch() {
				return s.end(endedAlone, "this node has lost touch with the cluster: go to another one")
			}
			s.heartbeat()
			if err := s.wire.flush(); err != nil {
				return broken(err)
			}
		case <-s.events.options.Stopping:
			return s.end(endedStopping, "this node is about to stop: go to another one")
		case <-ctx.Done():
			return endedByClient
		}
	}
}

// broken says why a client could not be written to. (The request's context says
// nothing: the server ends it whenever a write fails.)
func broken(err error) string {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return endedSlow
	}
	return endedByClient
}

func (s *stream) end(why, comment string) string {
	s.wire.comment(comment)
	if err := s.wire.flush(); err != nil {
		return endedByClient
	}
	return why
}

// inTouch is false where nothing new would ever be shown: a client that waited
// there would take the silence for peace.
func (s *stream) inTouch() bool {
	for _, check := range s.events.api.cluster.Health() {
		if !check.OK {
			return false
		}
	}
	return true
}

func (s *stream) heartbeat() {
	s.wire.comment("heartbeat")
	if s.position != s.told {
		s.wire.id(s.position)
		s.told = s.position
	}
}

// show buffers what of the wave the client has not seen, at most as much as is
// written at once, and says whether that was all.
func (s *stream) show(w *wave) (done bool) {
	if s.position == w.after && w.events != nil {
		for i := range w.events {
			s.send(&w.events[i])
		}
		s.position = w.last
		return true
	}
	if lost := resetTooOld(w.view, s.position); lost != nil {
		s.wire.reset(lost)
		s.position, s.told = lost.position, lost.position
	}
	looked := 0
	for rec := range w.view.Records.From(behind(s.position)) {
		if looked == recordsAtOnce || s.wire.buffered() >= streamBuffer {
			return false
		}
		looked++
		if s.filter.wants(rec) {
			shown := viewEvent(w.view, rec)
			s.send(&shown)
		}
		s.position = rec.ID
	}
	return true
}

func (s *stream) send(shown *event) {
	s.position = shown.record.ID
	if s.filter.wants(shown.record) {
		s.wire.event(shown)
		s.told = shown.record.ID
	}
}

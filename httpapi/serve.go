package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/rondohq/rondo/fsm"
)

// A call is one request, looked at and ready for its handler.
type call struct {
	ctx       context.Context
	route     *route
	path      map[string]string // the variables of the path
	query     query
	principal Principal
	key       fsm.Key // of a write
	body      []byte  // of a write or a preview; only until its handler returns
	faults    []fault // found in the body so far

	conditions
	reading
}

// conditions are what must hold for a write to happen.
type conditions struct {
	precondition fsm.Precondition
	amends       *fsm.Amendment // of a PATCH
}

// An answer is what a handler found.
type answer struct {
	status   int
	body     any // encoded as JSON; a string is sent as plain text, a document as it is
	index    uint64
	outcome  string // of a write
	replayed bool

	retryAfter time.Duration // 0: none
}

// serve takes one request from its first byte to the last of its answer.
func (a *api) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	started := time.Now()
	got := a.answer(w, r, rt)
	status := a.write(w, got)
	took := time.Since(started)
	a.meter.answered(rt, status, took)
	a.meter.resolved(got)
	if a.log.IsDebug() {
		a.log.Debug("request", "method", r.Method, "path", clip(r.URL.Path), "status", status, "took", took, "from", r.RemoteAddr)
	}
}

// answer never fails: every error becomes an answer, and a panic, too. The
// mistake is ours then, and one request pays for it.
func (a *api) answer(w http.ResponseWriter, r *http.Request, rt *route) (got answer) {
	c := &call{route: rt, reading: reading{lanes: a.lanes}}
	defer func() {
		if cause := recover(); cause != nil {
			a.log.Error("request panicked", "method", r.Method, "route", rt.path, "panic", cause, "stack", string(debug.Stack()))
			got = problemAnswer(undecided(http.StatusInternalServerError, codeInternal, "this node failed; its log says why", c), rt)
		}
	}()
	buffer := buffers.Get().(*bytes.Buffer)
	defer release(buffer)
	err := a.lanes.glance(r.Context(), rt)
	if err == nil {
		err = a.begin(w, r, c, buffer)
	}
	if err == nil {
		if got, err = admit(a, w, r, c); err == nil {
			return got
		}
	}
	p, known := problemOf(err, c)
	if !known {
		a.log.Error("request failed", "method", r.Method, "path", clip(r.URL.Path), "error", err)
	}
	return problemAnswer(p, rt)
}

// admit lets a call into its lane, and answers it there. The whole request has
// arrived by then, or slow clients would keep the places of the others.
func admit(a *api, w http.ResponseWriter, r *http.Request, c *call) (answer, error) {
	leave, err := a.lanes.enter(c.route)
	if err != nil {
		return answer{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(r.Context(), a.timeout+c.fresh.wait)
	defer cancel()
	c.ctx = ctx
	if a.lanes.of(c.route) == a.lanes.operators {
		c.ctx = context.WithValue(ctx, operatorKey{}, true)
	}
	return handle(a, w, c)
}

// begin looks at all that does not depend on the route.
func (a *api) begin(w http.ResponseWriter, r *http.Request, c *call, buffer *bytes.Buffer) (err error) {
	if c.principal, err = authenticate(r); err != nil {
		return err
	}
	if c.query, err = parseQuery(r.URL.RawQuery, c.route); err != nil {
		return err
	}
	c.path = mux.Vars(r)
	if c.route.method == http.MethodPatch {
		if err = refusePatch(r); err != nil {
			return err
		}
	}
	switch c.route.kind {
	case writes, administers:
		if c.key, err = keyOf(r, c.principal, time.Now()); err != nil {
			return err
		}
	case messages:
		if err = refuseKey(r); err != nil {
			return err
		}
	case beats:
	case reads, resolves, operates:
		c.fresh, err = freshnessOf(c.query, c.route)
		return err
	case previews:
		if c.fresh, err = freshnessOf(c.query, c.route); err != nil {
			return err
		}
		return receive(a, w, r, c, buffer)
	default:
		return nil
	}
	if c.precondition, err = preconditionOf(r); err != nil {
		return err
	}
	if (c.route.kind == administers || c.route.kind == beats) && c.precondition != (fsm.Precondition{}) {
		return invalid(inHeader("If-Match", "unsupported", "the cluster has no revisions to match; leave it out"))
	}
	return receive(a, w, r, c, buffer)
}

// receive reads the body of a call.
func receive(a *api, w http.ResponseWriter, r *http.Request, c *call, buffer *bytes.Buffer) (err error) {
	if r.ContentLength < 0 || r.ContentLength > smallBodyBytes {
		leave, err := a.lanes.enterLarge()
		if err != nil {
			return err
		}
		defer leave()
	}
	c.body, err = readBody(w, r, buffer, time.Now().Add(a.timeout))
	return err
}

// refuse answers a request that no route takes.
func (a *api) refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	status := a.write(w, problemAnswer(p, noRoute))
	a.meter.answered(noRoute, status, 0)
	a.log.Debug("request without a route", "method", clip(r.Method), "path", clip(r.URL.Path), "status", status, "from", r.RemoteAddr)
}

// noRoute stands for all that is not in the table, under labels of our choice.
var noRoute = &route{kind: operates, method: "none", path: "none"}

func problemAnswer(p *problem, rt *route) answer {
	got := answer{status: p.body.Status, body: p, index: p.index, replayed: p.replayed}
	if rt.changes() {
		got.outcome = outcomeRejected
		if p.body.retrial != nil {
			got.outcome = p.body.Outcome
		}
	}
	return got
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// release gives a buffer back, unless one large body would keep its memory.
func release(b *bytes.Buffer) {
	const keep = 64 << 10
	if b.Cap() <= keep {
		b.Reset()
		buffers.Put(b)
	}
}

// write sends an answer and returns its status. A client that went away is no
// concern of ours.
func (a *api) write(w http.ResponseWriter, got answer) int {
	if d, ok := got.body.(*download); ok {
		return d.send(w, got, a.log)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer release(buffer)
	header := w.Header()
	contentType, body := "application/json", got.body
	retryAfter := got.retryAfter
	if p, ok := got.body.(*problem); ok {
		contentType, body = "application/problem+json", &p.body
		retryAfter = p.retryAfter
		if p.allow != "" {
			header.Set("Allow", p.allow)
		}
	}
	if retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int((retryAfter+time.Second-1)/time.Second)))
	}
	text, plain := body.(string)
	if doc, ok := body.(document); ok {
		contentType, text = doc.contentType, doc.text
		buffer.WriteString(text)
	} else if plain {
		contentType = "text/plain; charset=utf-8"
		buffer.WriteString(text)
		if got.index > 0 { // a view of the state in words
			header.Set("Rondo-Index", strconv.FormatUint(got.index, 10))
		}
	} else {
		encoder := json.NewEncoder(buffer)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil {
			a.log.Error("encode an answer", "error", err)
			buffer.Reset()
			got.status = http.StatusInternalServerError
		}
		if got.index == 0 {
			got.index = a.cluster.View(0).Index
		}
		header.Set("Rondo-Index", strconv.FormatUint(got.index, 10))
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(buffer.Len()))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if tag := etag(got.body); tag != "" {
		header.Set("ETag", tag)
	}
	if got.outcome != "" {
		header.Set("Rondo-Outcome", got.outcome)
	}
	if got.replayed {
		header.Set("Idempotency-Replayed", "true")
	}
	w.WriteHeader(got.status)
	_, _ = w.Write(buffer.Bytes())
	return got.status
}

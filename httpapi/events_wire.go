package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	contentEvents = "text/event-stream"
	contentLines  = "application/x-ndjson"
)

// An eventWire writes a stream: as server-sent events, or as JSON, a line each.
// What is said is buffered until flush.
type eventWire struct {
	out     http.ResponseWriter
	control *http.ResponseController
	index   uint64 // of the view the stream was begun with
	lines   bool
	buffer  bytes.Buffer

	patience time.Duration // for one flush
}

// newEventWire chooses how events are written.
func newEventWire(w http.ResponseWriter, r *http.Request, index uint64, patience time.Duration) *eventWire {
	wire := &eventWire{out: w, control: http.NewResponseController(w), index: index, patience: patience}
	for _, accept := range r.Header.Values("Accept") {
		wire.lines = wire.lines || strings.Contains(accept, contentLines)
	}
	return wire
}

// open sends the header.
func (w *eventWire) open() {
	// The deadlines of ordinary requests are not ours. A recorder in a test has none.
	_ = w.control.SetReadDeadline(time.Time{})
	h := w.out.Header()
	h.Set("Content-Type", contentEvents)
	if w.lines {
		h.Set("Content-Type", contentLines)
	}
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Rondo-Index", strconv.FormatUint(w.index, 10))
	w.out.WriteHeader(http.StatusOK)
	if !w.lines {
		fmt.Fprintf(&w.buffer, "retry: %d\n", streamRetryMs)
	}
}

// A positionLine is what stands for an id and for a comment where there are only
// lines.
type positionLine struct {
	Type string `json:"type"`
	ID   string `json:"id,omitempty"`
	Text string `json:"text,omitempty"`
}

// id tells the client where it has come to, without an event.
func (w *eventWire) id(position fsm.RecordID) {
	if w.lines {
		w.line(positionLine{Type: "stream.position", ID: showPosition(position)})
		return
	}
	fmt.Fprintf(&w.buffer, "id: %s\n\n", showPosition(position))
}

func (w *eventWire) comment(text string) {
	if w.lines {
		w.line(positionLine{Type: "stream.comment", Text: text})
		return
	}
	fmt.Fprintf(&w.buffer, ": %s\n\n", text)
}

func (w *eventWire) event(shown *event) {
	if w.lines {
		w.buffer.Write(shown.json)
		w.buffer.WriteByte('\n')
		return
	}
	fmt.Fprintf(&w.buffer, "id: %s\nevent: %s\ndata: %s\n\n", shown.record.ID, shown.record.Event, shown.json)
}

func (w *eventWire) reset(lost *reset) {
	if w.lines {
		w.line(struct {
			Type string `json:"type"`
			ID   string `json:"id"`
			resetView
		}{"stream.reset", showPosition(lost.position), lost.view})
		return
	}
	fmt.Fprintf(&w.buffer, "id: %s\nevent: reset\ndata: %s\n\n", showPosition(lost.position), jsonOf(lost.view))
}

func (w *eventWire) line(v any) {
	w.buffer.Write(jsonOf(v))
	w.buffer.WriteByte('\n')
}

func (w *eventWire) buffered() int { return w.buffer.Len() }

// flush sends what is buffered. An error says that the client is gone or too slow.
func (w *eventWire) flush() error {
	if w.buffer.Len() == 0 {
		return nil
	}
	if err := w.control.SetWriteDeadline(time.Now().Add(w.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := w.out.Write(w.buffer.Bytes()); err != nil {
		return err
	}
	w.buffer.Reset()
	return w.control.Flush()
}

// jsonOf cannot fail: views are structs of texts, numbers and lists.
func jsonOf(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

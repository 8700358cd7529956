package nouncmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// A talkingNode answers what a watch asks, and sends an event for each text of its
// channel.
type talkingNode struct {
	mu    sync.Mutex
	open  int
	offer string // that is made to ann
	gone  bool
	speak chan string // to the stream about the agent
}

func (n *talkingNode) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

func (n *talkingNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	open, gone, offer := n.open, n.gone, n.offer
	n.mu.Unlock()
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }
	switch path := r.URL.Path; {
	case path == "/v1/events":
		n.stream(w, r)
	case gone:
		w.WriteHeader(http.StatusNotFound)
		say(`{"code":"not_found","title":"Not found"}`)
	case path == "/v1/agents/ann":
		say(`{"id":"ann","presence":{"status":"available"},"teams":["sales","support"]}`)
	case path == "/v1/agents/ann/notifications":
		say(`{"items":[{"id":"%d.0","kind":"assigned","conversation":"c%d","read":false}],"unread":%d}`, open, open, open)
	case path == "/v1/conversations/count" && r.URL.Query().Get("unread") != "":
		say(`{"count":1,"exact":true}`)
	case path == "/v1/conversations/count" && r.URL.Query().Get("assignee") == "ann":
		say(`{"count":%d,"exact":true}`, open)
	case path == "/v1/conversations/count" && r.URL.Query().Get("team") == "sales,support":
		say(`{"count":10000,"exact":false}`)
	case path == "/v1/offers" && offer == "none": // as an older version
		w.WriteHeader(http.StatusNotFound)
		say(`{"code":"not_found","title":"Not found"}`)
	case path == "/v1/offers" && r.URL.Query().Get("agent") == "ann":
		say(`{"items":[%s],"next_page_token":null}`, offer)
	case path == "/v1/conversations/c9":
		say(`{"id":"c9","contact":"p1","inbox":"sms"}`)
	case path == "/v1/contacts/p1":
		say(`{"id":"p1","name":"Pia","addresses":["+1555"]}`)
	case path == "/v1/conversations":
		say(`{"items":[{"id":"c1","contact":"p1","inbox":"sms","unread":2}],"next_page_token":null}`)
	default:
		w.WriteHeader(http.StatusBadRequest)
		say(`{"code":"invalid","title":"Not asked for: %s"}`, r.URL.Query().Encode())
	}
}

func (n *talkingNode) stream(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	if r.URL.Query().Get("agent") == "" {
		<-r.Context().Done()
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case text := <-n.speak:
			if text == "" { // as a node that dies
				return
			}
			_, _ = fmt.Fprintf(w, "id: 7.0\nevent: %s\ndata: {}\n\n", text)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// A heard is what a command has written so far. Any goroutine may use it.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case h.more <- struct{}{}:
	default:
	}
	return h.text.Write(p)
}

func (h *heard) await(t *testing.T, what string) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		h.mu.Lock()
		text := h.text.String()
		h.mu.Unlock()
		if strings.Contains(text, what) {
			return
		}
		select {
		case <-h.more:
		case <-late:
			t.Fatalf("no %q in\n%s", what, text)
		}
	}
}

// watching runs `rondo inbox watch ann` until stop is called; end returns how it
// ended.
func watching(t *testing.T, n *talkingNode, args ...string) (out *heard, stop func(), end func() error) {
	t.Helper()
	t.Setenv(cli.ServersEnv, "")
	node := httptest.NewServer(n)
	t.Cleanup(node.Close)
	out = &heard{more: make(chan struct{}, 1)}
	root := &cobra.Command{Use: "rondo", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(Commands([]string{node.URL})...)
	root.SetOut(out)
	root.SetErr(out)
	root.SetArgs(append([]string{"inbox", "watch", "ann"}, args...))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	t.Cleanup(cancel)
	return out, cancel, func() error {
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Minute):
			return errors.New("it does not end")
		}
	}
}

// Away from a terminal there is a line for each change, what is heard is shown at
// once, a node that dies is told of, and Ctrl-C is no failure.
func TestWatchInLines(t *testing.T) {
	n := &talkingNode{open: 3, speak: make(chan string)}
	out, stop, end := watching(t, n)
	out.await(t, "ann is available: 3 open, 1 of them unread; 10000 or more waiting; 3 notifications unread\n")
	n.set(func() { n.open = 4 })
	n.speak <- "conversation.assigned"
	out.await(t, "ann is available: 4 open, ")
	out.await(t, "ann: assigned c4\n")
	n.speak <- ""
	out.await(t, "has ended: EOF; going on through the next node\n")
	n.set(func() { n.open = 5 })
	n.speak <- "conversation.assigned" // through the stream that was begun anew
	out.await(t, "ann: assigned c5\n")
	stop()
	if err := end(); err != nil {
		t.Errorf("Ctrl-C ends it with %v", err)
	}
	if strings.Contains(out.text.String(), "\x1b") || strings.Contains(out.text.String(), "assigned c3") {
		t.Errorf("shows\n%q", out.text.String())
	}
}

func TestWatchAsJSON(t *testing.T) {
	n := &talkingNode{open: 3, speak: make(chan string)}
	out, stop, end := watching(t, n, "-o", "json")
	out.await(t, `{"agent":"ann","presence":"available","teams":["sales","support"],"open":"3",`)
	out.await(t, `"customer":"Pia"`)
	stop()
	if err := end(); err != nil || strings.Count(out.text.String(), "\n") != 1 {
		t.Errorf("%v\n%s", err, out.text.String())
	}
}

// An agent who is removed ends the watch, and one who is not there begins none.
func TestWatchOfNobody(t *testing.T) {
	n := &talkingNode{open: 3, speak: make(chan string)}
	out, _, end := watching(t, n)
	out.await(t, "3 open")
	n.set(func() { n.gone = true })
	n.speak <- "agent.removed"
	if code, _ := cli.ExitCode(end()); code != cli.ExitNotThere {
		t.Errorf("ends with code %d", code)
	}
	_, _, end = watching(t, n)
	if code, _ := cli.ExitCode(end()); code != cli.ExitNotThere {
		t.Errorf("begins with code %d", code)
	}
	_, asked, err := runOn(t, n.ServeHTTP, "inbox", "watch", "ann", "-o", "yaml")
	if code, _ := cli.ExitCode(err); code != cli.ExitUsage || len(asked) != 0 {
		t.Errorf("as YAML: %v, asked %v", err, asked)
	}
}

// A screen is painted only when there is something new, at once, and left as it was.
func TestScreenDoesNotFlicker(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&cli.Printer{Out: &out, Columns: 60})
	d := desk{Agent: "ann", Presence: "available", Open: "1", Unread: "1", deskQueue: deskQueue{Waiting: "0"}, Told: "0", Teams: []string{"sales"},
		Conversations: []cli.Doc{{"id": "c1", "customer": strings.Repeat("p", 90), "inbox": "sms\x1b[31m", "unread": "2"}}}
	if err := s.desk(d); err != nil {
		t.Fatal(err)
	}
	first := out.String()
	if !strings.HasPrefix(first, enterScreen+toCorner) || !strings.HasSuffix(first, emptyRight+emptyBelow) || strings.Contains(first, "\x1b[31m") {
		t.Errorf("the first picture is %q", first)
	}
	for _, line := range strings.Split(first, "\r\n") {
		for _, order := range []string{enterScreen, toCorner, emptyRight, emptyBelow} {
			line = strings.ReplaceAll(line, order, "")
		}
		if n := len([]rune(line)); n >= 60 {
			t.Errorf("a line has %d columns: %q", n, line)
		}
	}
	for _, again := range []func() error{s.again, func() error { return s.desk(d) }} {
		if err := again(); err != nil || out.String() != first {
			t.Errorf("the same is painted again: %v %q", err, out.String()[len(first):])
		}
	}
	out.Reset()
	s.trouble("n1 has gone")
	if text := out.String(); !strings.HasPrefix(text, toCorner) || !strings.Contains(text, "n1 has gone") {
		t.Errorf("trouble is painted as %q", text)
	}
	out.Reset()
	if s.trouble(""); out.Len() != 0 {
		t.Error("it is taken away before it can be read")
	}
	if s.end(); out.String() != leaveScreen {
		t.Errorf("it is left with %q", out.String())
	}
}

// However much there is, a picture is no higher than its terminal.
func TestPictureFits(t *testing.T) {
	d := desk{Agent: "ann", Teams: []string{"sales"}}
	for i := range watchedMost {
		doc := cli.Doc{"id": fmt.Sprint("c", i)}
		d.Conversations, d.Queue, d.Notices = append(d.Conversations, doc), append(d.Queue, doc), append(d.Notices, doc)
	}
	for _, rows := range []int{rowsLeast, 24, 50, 200} {
		picture := paint(d, "", 80, rows, false)
		if n := strings.Count(picture, "\n"); n > rows {
			t.Errorf("%d lines on a terminal of %d", n, rows)
		}
		if !strings.Contains(picture, "c0 ") || rows >= 24 && strings.Count(picture, "... and ") != 3 && rows < 200 {
			t.Errorf("on %d rows\n%s", rows, picture)
		}
	}
}

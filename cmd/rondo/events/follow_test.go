package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// scripted is a node that answers each call with the next of its texts; a status
// first makes it a refusal.
func scripted(t *testing.T, texts ...string) (server string, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := len(*asked)
		*asked = append(*asked, r.URL.RawQuery+"|"+r.Header.Get("Last-Event-ID"))
		text := texts[min(n, len(texts)-1)]
		var status int
		if _, err := fmt.Sscanf(text, "%d ", &status); err == nil {
			w.WriteHeader(status)
			fmt.Fprint(w, text[4:])
			return
		}
		fmt.Fprint(w, text)
		if strings.HasSuffix(text, "id: 9") {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done() // and then nothing more
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func event(id string) string { return "id: " + id + "\nevent: x\ndata: {}\n\n" }

// TestFollow: a stream goes on behind the last whole block, whatever ended the one
// before: its end, a refusal for a while, half a block, silence.
func TestFollow(t *testing.T) {
	server, asked := scripted(t,
		"retry: 1000\nid: 1.0\n\n"+event("2.0")+": heartbeat\nid: 4.0\n\n",
		`503 {"detail":"no leader"}`,
		event("5.0")+"id: 6.0\nevent: x\nda",
		event("6.0")+"id: 9",
		event("7.0")+event("8.0"))
	var got []string
	done := errors.New("done")
	err := Follow(context.Background(), Options{Servers: []string{server}, Filter: map[string][]string{"team": {"sales"}}, Silence: 200 * time.Millisecond},
		func(e Event) error {
			if got = append(got, e.ID); e.ID == "8.0" {
				return done
			}
			return nil
		})
	if !errors.Is(err, done) || strings.Join(got, " ") != "2.0 5.0 6.0 7.0 8.0" {
		t.Errorf("%v, shown %v", err, got)
	}
	if want := "team=sales| team=sales|4.0 team=sales|4.0 team=sales|5.0 team=sales|6.0"; strings.Join(*asked, " ") != want {
		t.Errorf("asked %v\nwant  %s", *asked, want)
	}
}

// TestFollowRefused: what no node would answer better ends it.
func TestFollowRefused(t *testing.T) {
	server, _ := scripted(t, `422 {"detail":"there is no team \"x\""}`)
	err := Follow(context.Background(), Options{Servers: []string{server}}, func(Event) error { return nil })
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Status != 422 || !strings.Contains(err.Error(), `there is no team "x"`) {
		t.Error(err)
	}
	if err := Follow(context.Background(), Options{}, nil); err == nil {
		t.Error("no server is no mistake")
	}
}

// TestInWords: what an event is about is read without -o json.
func TestInWords(t *testing.T) {
	local := func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.Local().Format(time.DateTime)
	}
	for _, c := range []struct{ kind, data, want string }{
		{"conversation.tagged", `"tags":["spam","vip"]`, "spam vip by agent:x"},
		{"turn.refunded", `"agent":"ann","refunds":"7.0","tags":[]`, "of ann, decision 7.0 by agent:x"},
		{"team.member_removed", `"agent":"ann","team":"sales"`, "from sales by agent:x"},
		{"agent.presence_planned", `"status":"away","from":"2026-11-21T12:00:00.000Z","until":null`, "away from " + local("2026-11-21T12:00:00Z") + " by agent:x"},
		{"agent.presence_changed", `"status":"away","from":null,"until":"2026-11-21T13:00:00.000Z"`, "away until " + local("2026-11-21T13:00:00Z") + " by agent:x"},
	} {
		data := `{"time":"2026-11-21T09:00:00Z","subject":"agents/ann","data":{"actor":"agent:x",` + c.data + `}}`
		if got := inWords(Event{ID: "8.0", Type: c.kind, Data: []byte(data)}); !strings.HasSuffix(got, "agents/ann "+c.want) {
			t.Errorf("%s: %s", c.kind, got)
		}
	}
}

// TestCommand: both forms, and an end after so many.
func TestCommand(t *testing.T) {
	const opened = `{"time":"2026-11-21T09:00:00Z","subject":"conversations/c1","data":{"actor":"agent:x","decision":{"kind":"rotation","assignee":"chris"}}}`
	stream := "id: 7.0\nevent: reset\ndata: {\"reason\":\"too_old\",\"detail\":\"gone\"}\n\nid: 8.0\nevent: conversation.opened\ndata: " + opened + "\n\n"
	for form, want := range map[string]string{
		"json": `{"type":"reset","id":"7.0","data":{"reason":"too_old","detail":"gone"}}` + "\n" + opened + "\n",
		"text": "conversation.opened      conversations/c1 -> chris (rotation) by agent:x\n",
	} {
		server, _ := scripted(t, stream)
		cmd := Command(nil)
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs([]string{"--server", server, "--count", "2", "-o", form})
		if err := cmd.Execute(); err != nil || !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: %v\n%s", form, err, out.String())
		}
	}
	cmd := Command(nil)
	cmd.SetArgs([]string{"-o", "xml"})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "xml") {
		t.Error(err)
	}
}

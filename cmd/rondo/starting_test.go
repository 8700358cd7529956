package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// bigState takes a moment to load: so many contacts.
func bigState(t *testing.T, contacts int) *fsm.State {
	t.Helper()
	s := fsm.NewState()
	nowMs := time.Now().Add(-time.Hour).UnixMilli()
	apply := func(commands ...fsm.Command) {
		t.Helper()
		var items []fsm.Item
		for i, c := range commands {
			it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(s.Index, ".", i)})
			it.NotAfterMs = nowMs
			items = append(items, it)
		}
		outcomes, err := s.Apply(s.Index+1, fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: nowMs, Items: items})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			if o.Rejection != nil {
				t.Fatal(o.Rejection.Detail)
			}
		}
	}
	apply(fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, Collation: collation.Version, ClusterID: "big"})
	for at := 0; at < contacts; {
		var batch []fsm.Command
		for range min(250, contacts-at) {
			batch = append(batch, fsm.PutContact{ID: fsm.ContactID(fmt.Sprint("p", at)), Name: "Ann", Addresses: []string{fmt.Sprintf("+1555%08d", at)}})
			at++
		}
		apply(batch...)
	}
	return s
}

// TestAliveWhileLoading: from its first moment on a server says that it is alive,
// not ready and why; it takes no work; and told to stop it stops at once.
func TestAliveWhileLoading(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	state := bigState(t, 150_000)
	s := alone(t, "n1")
	err := storage.Found(s.data(), storage.Foundation{
		NodeID: "n1", ClusterID: "big", Address: s.cluster, Index: state.Index, Term: state.Term,
		Write: func(w io.Writer) error { return archive.Write(w, state) },
	})
	if err != nil {
		t.Fatal(err)
	}
	begin := func() *process {
		return start(t, s.id, []string{"GORACE=log_path=" + s.races}, rondo, "server", "--config", filepath.Join(s.dir, "rondo.toml"))
	}

	s.running = begin()
	s.awaitLoading(t)
	s.running.signal(t, syscall.SIGTERM)
	s.gone(t, 0)
	if !strings.Contains(s.log(), "stopped while the node was still starting") {
		t.Errorf("it was not stopped while it was starting: this proves nothing\n%s", s.log())
	}

	s.running = begin()
	s.awaitLoading(t)
	if status, said, err := s.probe("/livez"); err != nil || status != http.StatusOK {
		t.Errorf("livez: %d %s (%v)", status, said, err)
	}
	s.awaitReady(t)
	if status, said, err := s.probe("/v1/contacts/p149999"); err != nil || status != http.StatusOK {
		t.Errorf("the last contact: %d %s (%v)", status, said, err)
	}
	if _, ready, err := s.probe("/readyz?verbose"); err != nil || !strings.Contains(ready, "[+]snapshots ok none is on its way\n") {
		t.Errorf("readyz?verbose says\n%s (%v)", ready, err)
	}
	s.stop(t)
}

// awaitLoading waits until the server says that it is loading its snapshot, and how
// far it has come.
func (s *host) awaitLoading(t *testing.T) {
	t.Helper()
	last := ""
	eventually(t, "it says that it is loading", func() error {
		status, said, err := s.probe("/readyz?verbose")
		switch {
		case err != nil:
			return err
		case status == http.StatusOK:
			t.Fatalf("void: it was ready before anybody could look; it said %q", last)
		}
		last = said
		if !strings.Contains(last, "[-]start loading a snapshot: ") || !strings.Contains(last, " MiB, ") {
			return errorText(last)
		}
		return nil
	})
}

// probe looks at a page as a load balancer does.
func (n node) probe(path string) (status int, said string, err error) {
	response, err := http.Get(n.url + path)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, string(raw), err
}

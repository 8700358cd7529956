package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// TestSnapshotDownload: the view that was read, one at a time, and 404 on a node
// that has none.
func TestSnapshotDownload(t *testing.T) {
	m := newMachine(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	handler, err := New(Options{Cluster: m, WriteSnapshot: func(w io.Writer, s *fsm.State) error {
		if _, err := io.WriteString(w, "snapshot of "+s.ClusterID); err != nil {
			return err
		}
		entered <- struct{}{}
		<-leave
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- get("/v1/cluster/snapshot") }()
	<-entered
	if second := get("/v1/cluster/snapshot"); second.Code != http.StatusTooManyRequests || second.Header().Get("Retry-After") == "" {
		t.Errorf("a second download at once: %d %s", second.Code, second.Body)
	}
	leave <- struct{}{}
	w := <-first
	if w.Code != http.StatusOK || w.Body.String() != "snapshot of test" || w.Header().Get("Rondo-Index") == "" ||
		!strings.Contains(w.Header().Get("Content-Disposition"), ".snapshot") {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
	m.fail = trouble{"no_leader", outcomeRejected, 0} // of the next read that asks the others
	go func() { first <- get("/v1/cluster/snapshot?consistency=stale") }()
	select {
	case <-entered:
		leave <- struct{}{}
		w = <-first
	case w = <-first:
	}
	if w.Code != http.StatusOK {
		t.Fatalf("after the first, without a leader: %d %s", w.Code, w.Body)
	}
	if w := get("/v1/cluster/snapshot"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("linearizable, without a leader: %d %s", w.Code, w.Body)
	}
	if w := get("/v1/cluster/snapshot?min_index=1&wait=1s"); w.Code != http.StatusBadRequest {
		t.Errorf("a snapshot that waits: %d %s", w.Code, w.Body)
	}
	if w := get("/v1/cluster/snapshot?from=n2"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown parameter: %d %s", w.Code, w.Body)
	}
	if handler, err = New(Options{Cluster: m}); err != nil {
		t.Fatal(err)
	}
	if w := get("/v1/cluster/snapshot"); w.Code != http.StatusNotFound {
		t.Errorf("without snapshots: %d %s", w.Code, w.Body)
	}
}

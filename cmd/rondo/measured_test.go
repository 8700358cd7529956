package main

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// measured are series of our own that a node shows once it has done everything
// that they count; the values that are certain are there.
var measured = []string{
	`rondo_unknown_outcomes_total \d+`,
	`rondo_replays_total ([2-9]|[1-9]\d+)`,
	`rondo_queue_length \d+`,
	`rondo_batch_wait_seconds_count [1-9]\d*`,
	`rondo_snapshot_age_seconds (0\.\d*[1-9]|[1-9]\d*)`,
	`rondo_snapshot_duration_seconds_count [1-9]\d*`,
	`rondo_snapshot_size_bytes [1-9]`,
	`rondo_leader_changes_total [1-9]\d*`,
	`rondo_event_streams_open 1`,
	`rondo_disk_operation_seconds_count\{operation="store_log_entries"\} [1-9]\d*`,
	`raft_\w+ `,
}

// What a node measures is there under names that promtool accepts.
func TestMetrics(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	s := alone(t, "n1")
	s.start(t, cutting)
	s.awaitReady(t)
	w := startWriter(t, []node{s.node}, "w.", writerPause)
	s.running.stderr.await(t, s.running, `snapshot taken`)
	w.finish(t)
	for range 3 {
		s.do(t, "PUT", "/v1/agents/twice", `{"name":"T"}`, "Idempotency-Key: twice")
	}
	stream, err := http.Get(s.url + "/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()

	text := s.get(t, "/metrics").raw
	for _, line := range measured {
		if !regexp.MustCompile(`(?m)^` + line).Match(text) {
			t.Errorf("no %s", line)
		}
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "rondo_") {
			t.Errorf("promtool would say of %s: %s", p.Metric, p.Text)
		}
	}
	if t.Failed() {
		t.Logf("%s", regexp.MustCompile(`(?m)^.*rondo_[^h].*$`).FindAll(text, -1))
	}
	_ = stream.Body.Close()
	s.stop(t)
}

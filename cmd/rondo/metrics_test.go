package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// TestMetricNames: names, units and help are what Prometheus expects of them, and
// what Raft, memberlist and the state know is there.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	switch {
	case err != nil && os.Getenv("RONDO_TEST_STRICT") == "1":
		t.Fatal("promtool is not installed: install the Debian package prometheus")
	case err != nil:
		t.Skip("SKIPPED: promtool is not installed (Debian package prometheus): nobody looked at the names of the metrics")
	}
	c := startDev(t)
	c.at(0).do(t, "PUT", "/v1/agents/a", `{"name":"A"}`).want(t, 201, `{}`)
	for i := range 3 {
		page := c.at(i).get(t, "/metrics").raw
		for _, series := range []string{"\nraft_", "\nmemberlist_", "\nrondo_applied_index ", "\nrondo_agents ", "\nrondo_clock_skew_seconds ", "\nrondo_keys "} {
			if !bytes.Contains(page, []byte(series)) {
				t.Errorf("no series %q", series)
			}
		}
		check := exec.Command(promtool, "check", "metrics")
		check.Stdin = bytes.NewReader(page)
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool: %v\n%s", err, said)
		}
	}
}

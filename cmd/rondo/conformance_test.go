package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/conformance"
)

// A conformanceReport is what rondo conformance -o json says.
type conformanceReport struct {
	Passed, Failed int
	Cases          []struct {
		ID, Outcome string
		Prefix      *string
		Failure     json.RawMessage
		Left        []string `json:"left_behind"`
	}
}

// TestConformance runs the whole suite, as shipped, against three nodes, several
// cases at once, and looks at what it leaves behind.
func TestConformance(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	report := runConformance(t, c, "--parallel", "4")
	catalogue, err := conformance.Catalogue()
	if err != nil || len(report.Cases) != len(catalogue) {
		t.Fatalf("%d cases reported of %d (%v)", len(report.Cases), len(catalogue), err)
	}
	for i, k := range report.Cases {
		t.Run(k.ID, func(t *testing.T) {
			if catalogue[i].ID != k.ID {
				t.Fatalf("reported where %s should be", catalogue[i].ID)
			}
			want := string(conformance.Passed)
			if !catalogue[i].Runs() {
				want = string(conformance.NotRun)
			}
			if k.Outcome != want {
				t.Errorf("%s, want %s: %s", k.Outcome, want, k.Failure)
			}
			if len(k.Left) > 0 {
				t.Errorf("left behind: %s", strings.Join(k.Left, "\n"))
			}
		})
	}
	wantPutAway(t, c)
}

// wantPutAway checks that nobody of the suite is available and nothing of it open.
func wantPutAway(t *testing.T, c *cluster) {
	t.Helper()
	for _, path := range []string{"/v1/conversations?status=open", "/v1/conversations?state=waiting"} {
		if left := c.at(0).all(t, path); len(left) > 0 {
			t.Errorf("GET %s still lists %v", path, column(left, "id"))
		}
	}
	for _, agent := range c.at(1).all(t, "/v1/agents") {
		if status := column([]any{agent}, "presence.status")[0]; status != "unavailable" {
			t.Errorf("%s is still %s", column([]any{agent}, "id")[0], status)
		}
	}
}

// With --keep what a case has made stays, under the prefix that it tells.
func TestConformanceKeeps(t *testing.T) {
	t.Parallel()
	c := startDev(t, "--nodes", "1")
	report := runConformance(t, c, "--case", "K7", "--keep")
	if report.Passed != 1 || len(report.Cases) != 1 || report.Cases[0].Prefix == nil {
		t.Fatalf("reported %+v, want K7, passed, with its prefix", report)
	}
	var given []string
	for _, one := range c.at(0).all(t, "/v1/conversations?status=open&inbox="+*report.Cases[0].Prefix+"phone") {
		given = append(given, strings.TrimPrefix(column([]any{one}, "assignee")[0], *report.Cases[0].Prefix))
	}
	if want := strings.Fields("a b c d a"); !slices.Equal(given, want) {
		t.Errorf("the conversations that stay are with %v, want %v", given, want)
	}
}

// runConformance runs the command, which must end with 0 exactly if nothing failed.
func runConformance(t *testing.T, c *cluster, args ...string) conformanceReport {
	t.Helper()
	args = append([]string{"conformance", "-o", "json"}, args...)
	for _, n := range c.nodes {
		args = append(args, "--addr", n.url)
	}
	cmd := exec.Command(rondo, args...)
	cmd.Env = cleanEnv()
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var report conformanceReport
	if decodeErr := json.Unmarshal(out, &report); decodeErr != nil {
		t.Fatalf("rondo %v: %v, %v\n%s\n%s", args, err, decodeErr, out, said.String())
	}
	if (err != nil) != (report.Failed > 0) {
		t.Errorf("rondo %v ended with %v where %d cases failed", args, err, report.Failed)
	}
	return report
}

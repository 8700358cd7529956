package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// busyLog is a log of many tickets over several days, with nights in which some
// arrive.
func busyLog() string {
	var b strings.Builder
	b.WriteString(header)
	n := 0
	for day := 10; day < 14; day++ {
		for hour := 8; hour < 18; hour++ {
			for k := range 4 {
				n++
				id := fmt.Sprint("Case ", n)
				b.WriteString(row(id, "Take in charge ticket", fmt.Sprint("Value ", 1+(n*7+k)%12), fmt.Sprintf("%d %02d:%02d", day, hour, k*10)))
				if n%5 > 0 {
					b.WriteString(row(id, "Closed", "Value 1", fmt.Sprintf("%d %02d:%02d", day, hour+3, k*10)))
				}
			}
		}
		for k := range 5 {
			n++
			b.WriteString(row(fmt.Sprint("Case ", n), "Closed", "Value 1", fmt.Sprintf("%d 23:%02d", day, k))) // arrives at night
			if k > 0 {
				b.WriteString(row(fmt.Sprint("Case ", n), "Closed", "Value 1", fmt.Sprintf("%d 12:00", day+1)))
			}
		}
	}
	return b.String()
}

func writeLog(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runReplay(t *testing.T, o Options) (Report, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, progress bytes.Buffer
	o.Form = FormJSON
	err := Run(ctx, o, &out, &progress)
	var r Report
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
	}
	return r, progress.String(), err
}

// TestReplaySurvivesLostAnswers plays a log over three nodes that lose every third
// answer after the work was done and refuse some calls for a moment. Nothing may be
// done twice, and the checks hold.
func TestReplaySurvivesLostAnswers(t *testing.T) {
	f, servers := startFake(t, 3)
	f.lose = func(n int) bool { return n%3 == 0 }
	f.refuse = func(n int) int {
		if n%17 == 0 {
			return 503
		}
		return 0
	}
	r, progress, err := runReplay(t, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1", Parallel: 16})
	if err != nil {
		t.Fatalf("%v\n%+v", err, r.Checks)
	}
	if !r.OK || len(r.Checks) != 4 || r.Log.Tickets != 180 || r.Totals.Assigned+len(r.Waiting)+len(r.ClosedWaiting) != 180 {
		t.Errorf("%+v", r)
	}
	if len(r.ClosedWaiting) == 0 || r.Run.Retries < 50 || r.Run.Replayed < 50 || r.Run.PresenceChanges == 0 {
		t.Errorf("the test does not test: %+v, closed while waiting %v", r.Run, r.ClosedWaiting)
	}
	if !strings.Contains(progress, "100%") {
		t.Errorf("progress %q", progress)
	}
	seen := map[string]bool{}
	for _, call := range f.log {
		if seen[call] && !strings.Contains(call, "/presence") { // people come and go every day
			t.Errorf("%s was done twice", call)
		}
		seen[call] = true
	}
	body := f.bodies["r1-case-1"]
	if body["inbox"] != "r1-inbox" || body["direction"] != "inbound" || body["from"].(map[string]any)["name"] != "Case 1" ||
		body["attributes"].(map[string]any)["log_time"] != "2012-10-10T08:00:00.000Z" {
		t.Errorf("body %v", body)
	}
	if f.names["r1-value-12"] != "Value 12" || f.model.order[11] != "r1-value-12" {
		t.Errorf("agents %v", f.model.order)
	}
}

// TestPresenceIsABarrier: nothing else is under way while presence changes.
func TestPresenceIsABarrier(t *testing.T) {
	f, servers := startFake(t, 2)
	path := writeLog(t, busyLog())
	plan := mustPlan(t, path, "r1")
	position, segments := map[string]int{}, 0
	for _, s := range plan.Steps {
		switch s.Kind {
		case Available, Unavailable:
			segments++
		case Arrive:
			position["POST /v1/conversations "+plan.Tickets[s.Of].ID] = segments
		case Close:
			position["POST /v1/conversations/"+plan.Tickets[s.Of].ID+"/close <nil>"] = segments
		}
	}
	now, tickets := 0, 0
	f.observe = func(call string) {
		if strings.Contains(call, "/presence") {
			now++
		} else if strings.HasPrefix(call, "POST") {
			tickets++
			if want, ok := position[call]; !ok || want != now {
				t.Errorf("%s came after %d changes of presence, want %d", call, now, want)
			}
		}
	}
	if _, _, err := runReplay(t, Options{Path: path, Servers: servers, Prefix: "r1"}); err != nil {
		t.Fatal(err)
	}
	if now != segments || tickets != len(position) {
		t.Errorf("%d changes of presence, %d of tickets, want %d and %d", now, tickets, segments, len(position))
	}
}

func mustPlan(t *testing.T, path, prefix string) *Plan {
	t.Helper()
	_, plan, err := load(Options{Path: path, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestAFaultIsReported: a cluster that hides one decision is caught, end to end.
func TestAFaultIsReported(t *testing.T) {
	f, servers := startFake(t, 1)
	f.corrupt = func(path string, items []any) []any {
		if path == "/v1/decisions" {
			return slices.Delete(slices.Clone(items), 3, 4)
		}
		return items
	}
	path := writeLog(t, busyLog())
	r, _, err := runReplay(t, Options{Path: path, Servers: servers, Prefix: "r1"})
	if !errors.Is(err, ErrChecksFailed) || r.OK || r.Checks[0].OK || r.Checks[0].Name != DecidedOnce {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestAPrefixIsUsedOnce(t *testing.T) {
	_, servers := startFake(t, 1)
	o := Options{Path: writeLog(t, smallLog()), Servers: servers, Prefix: "r1"}
	if _, _, err := runReplay(t, o); err != nil {
		t.Fatal(err)
	}
	if _, _, err := runReplay(t, o); err == nil || !strings.Contains(err.Error(), "choose another") {
		t.Errorf("%v", err)
	}
	o.Prefix = ""
	if _, _, err := runReplay(t, o); err != nil {
		t.Errorf("a fresh prefix: %v", err)
	}
}

func TestARefusalEndsTheReplay(t *testing.T) {
	f, servers := startFake(t, 2)
	f.refuse = func(n int) int {
		if n > 60 {
			return 422
		}
		return 0
	}
	r, _, err := runReplay(t, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1"})
	if err == nil || errors.Is(err, ErrChecksFailed) || !strings.Contains(err.Error(), "not_now") || !strings.Contains(err.Error(), "r1-") || r.Checks != nil {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestACallIsGivenUp(t *testing.T) {
	f, servers := startFake(t, 2)
	f.lose = func(n int) bool { return n > 40 }
	_, _, err := runReplay(t, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1", GiveUpAfter: 300 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "got no answer") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestCancelStopsClearly cancels in the middle, with calls that would be retried
// for ever.
func TestCancelStopsClearly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, servers := startFake(t, 2)
	f.refuse = func(n int) int {
		if n > 80 {
			cancel()
			return 503
		}
		return 0
	}
	err := Run(ctx, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1"}, io.Discard, io.Discard)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the replay ended after") {
		t.Errorf("%v", err)
	}
}

func TestSpeedPaces(t *testing.T) {
	_, servers := startFake(t, 1)
	start := time.Now()
	// The small log is 33 hours long: at 200,000 times its pace about 0.6 s.
	if _, _, err := runReplay(t, Options{Path: writeLog(t, smallLog()), Servers: servers, Prefix: "r1", Speed: 200_000}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 590*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	path := writeLog(t, smallLog())
	for name, o := range map[string]Options{
		"no file":       {Path: path + "x", Servers: []string{"a"}},
		"no server":     {Path: path},
		"parallel":      {Path: path, Servers: []string{"a"}, Parallel: ParallelMax + 1},
		"speed":         {Path: path, Servers: []string{"a"}, Speed: -1},
		"give up after": {Path: path, Servers: []string{"a"}, GiveUpAfter: -1},
		"format":        {Path: path, Servers: []string{"a"}, Form: "xml"},
		"prefix":        {Path: path, Servers: []string{"a"}, Prefix: "a b"},
	} {
		if err := Run(t.Context(), o, io.Discard, io.Discard); err == nil || errors.Is(err, ErrChecksFailed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCommand(t *testing.T) {
	_, servers := startFake(t, 2)
	path := writeLog(t, strings.Replace(smallLog(), "Resource", "who", 1))
	run := func(args ...string) (string, error) {
		cmd := Command()
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(io.Discard)
		cmd.SetArgs(args)
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
	out, err := run(path, "--server", servers[0], "--server", servers[1], "--prefix", "r1", "--resource-column", "who",
		"--speed", "max", "--attribute-column", "product")
	if err != nil || !strings.Contains(out, "Value 10") || !strings.Contains(out, "✓ ring order") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, args := range [][]string{{}, {path, "--speed", "fast"}, {path, "--speed", "-3x"}, {path, "--speed", "Inf"}, {path, "--speed", "NaN"}, {path, "--server", servers[0]}} {
		if _, err := run(args...); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
	if s := speed(1000); s.String() != "1000x" {
		t.Error(s.String())
	}
}

package replay

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestTextReport(t *testing.T) {
	failed := newCheck(StrictOrder, "strictly increasing order")
	failed.Examined = "12 decisions"
	for i := range 13 {
		failed.violate(fmt.Sprintf("%d.0", i), "c1", "bad")
	}
	fine := newCheck(DecidedOnce, "every ticket decided exactly once")
	fine.Examined = "1 ticket"
	start := time.Date(2012, 1, 2, 0, 0, 0, 0, time.UTC)
	r := &Report{Prefix: "r1", Log: LogReport{Tickets: 4580, First: start, Last: start.AddDate(1, 0, 0)},
		Run: RunReport{Seconds: 12.345, StepsPerSecond: 1234.5, TicketsPerSecond: 370, Retries: 1},
		Agents: []AgentReport{
			{Name: "Value 1", ReallyTaken: new(1234), Assigned: 2, FairShare: 2.04, EligibleSeconds: 3 * 86400},
			{Name: "A name that is far too long for any table", Assigned: 3, FairShare: 2.96, EligibleSeconds: 5 * 3600},
		},
		Totals: TotalReport{1234, 5, 3*86400 + 5*3600, 5}, Checks: []*Check{fine, failed},
		TicketsReport: TicketsReport{Waiting: []string{"c9"}, ClosedWaiting: make([]string, 12)}}
	var b bytes.Buffer
	if err := r.write(&b, FormText); err != nil {
		t.Fatal(err)
	}
	want := `
Replay r1: 4,580 tickets of 2012-01-02 to 2013-01-02, played in 12.3s (370 tickets/s, 1,235 steps/s)
1 call was sent again after no or a lost answer; 0 had been done already

  agent                         took in the log  Rondo assigned  fair share  eligible
  Value 1                                 1,234               2         2.0   3d 00h
  A name that is far too lo...                -               3         3.0   5h 00m
  total                                   1,234               5         5.0   3d 05h

✓ every ticket decided exactly once    1 ticket
✗ strictly increasing order            12 decisions
    0.0, c1: bad
`
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if !strings.HasPrefix(squeeze(b.String()), squeeze(want)) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	for _, says := range []string{"9.0, c1: bad", "and 3 more violations", "still waiting: c9", "and 2 more"} {
		if !strings.Contains(b.String(), says) {
			t.Errorf("the report does not say %q:\n%s", says, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if utf8.RuneCountInString(line) > 101 {
			t.Errorf("a line of more than 100 columns: %q", line)
		}
	}
	if err := r.write(&b, "xml"); err == nil {
		t.Error("xml was written")
	}
}

func TestProgress(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	steps := make([]Step, 1000)
	for i := range steps {
		steps[i].At = start.Add(time.Duration(i) * time.Hour)
	}
	c := newCounters(steps, 0)
	m := meter{started: start}
	if got := m.read(c, start.Add(time.Second)).line(); got != "0/1,000 steps  0%  0/s  time left unknown" {
		t.Error(got)
	}
	for range 500 {
		c.step(steps[0])
	}
	if got := m.read(c, start.Add(6*time.Second)).bar(); got != "[===============               ] 500/1,000 steps  50%  100/s  5s left" {
		t.Error(got)
	}
	if got := m.read(c, start.Add(7*time.Second)); got.perSecond >= 100 || got.perSecond <= 0 {
		t.Errorf("a second without a step leaves the rate at %v", got.perSecond)
	}
	for range 500 {
		c.step(steps[0])
	}
	if got := m.read(c, start.Add(8*time.Second)).line(); !strings.Contains(got, "1,000/1,000 steps  100%") || !strings.HasSuffix(got, "done in 8s") {
		t.Error(got)
	}

	paced := newCounters(steps, 3600)
	paced.step(steps[99])
	if got := (&meter{started: start}).read(paced, start.Add(time.Second)); got.left != 900*time.Second {
		t.Errorf("left %v by the clock", got.left)
	}

	var b bytes.Buffer
	startProgress(&b, c).stop()
	if got := b.String(); strings.Contains(got, "\r") || !strings.HasPrefix(got, "replay: 1,000/1,000 steps") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
	b.Reset()
	writeProgress(&b, reading{total: 10}, true)
	if !strings.HasPrefix(b.String(), "\r[") || strings.Contains(b.String(), "\n") {
		t.Errorf("%q", b.String())
	}
}

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -100: "-100"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
	for seconds, want := range map[int64]string{0: "0", 59: "0m", 3599: "59m", 3600: "1h 00m", 86400*2 + 3*3600: "2d 03h"} {
		if got := hours(seconds); got != want {
			t.Errorf("%d: %q", seconds, got)
		}
	}
}

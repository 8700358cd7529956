package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	leaderKills = 3
	acksBetween = 20 // so many conversations are acknowledged before the next kill
)

// A help desk is replayed while the leader is killed again and again, and nothing
// may be lost, repeated or out of order: by the replay's own checks, and by what
// every node shows of a second load.
func TestKillLeader(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	log := syntheticLog(t)
	w := startWriter(t, c.nodes, "w.", writerPause)
	kills := 0
	var replays []replayReport
	// One replay lasts for all kills, unless the machine is very busy.
	for kills < leaderKills {
		replay := start(t, "rondo replay", nil, rondo, "replay", log.path, "--format", "json", "--speed", log.speed,
			"--server", c.at(0).url, "--server", c.at(1).url, "--server", c.at(2).url)
		replay.stderr.await(t, replay, `ids begin with`)
		for kills < leaderKills && !hasEnded(replay) {
			w.awaitMore(t, acksBetween)
			t.Logf("killed the leader, %s", c.killLeader(t))
			kills++
		}
		if code := replay.wait(t, 2*patience); code != 0 {
			t.Errorf("rondo replay ended with %d\n%s%s", code, replay.stdout, replay.stderr.last(50))
		}
		replays = append(replays, readReport(t, replay.stdout.String()))
	}
	acks := w.finish(t)
	t.Logf("%d conversations acknowledged besides %d replays; the longest gap was %v", len(acks), len(replays), longestGap(acks))
	for _, r := range replays {
		r.check(t, c, log)
	}
	w.wantKept(t, c.nodes, acks, false)
}

func hasEnded(p *process) bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// A replayReport is what this test reads of `rondo replay --format json`.
type replayReport struct {
	Team, Inbox string
	OK          bool
	Log         struct{ Events, Tickets int }
	Run         struct{ Retries, Replayed int }
	Totals      struct{ Assigned int }
	Checks      []struct {
		Name       string
		OK         bool
		Violations int
		First      json.RawMessage
	}
	Waiting       []string
	ClosedWaiting []string `json:"closed_while_waiting"`
}

func readReport(t *testing.T, text string) replayReport {
	t.Helper()
	var r replayReport
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("the report is not JSON: %v\n%s", err, text)
	}
	return r
}

func (r replayReport) check(t *testing.T, c *cluster, log helpDesk) {
	t.Helper()
	t.Logf("replay of %d tickets: %d retries, %d of them had been done already", r.Log.Tickets, r.Run.Retries, r.Run.Replayed)
	if !r.OK || r.Log.Tickets != log.tickets || r.Log.Events != log.events {
		t.Errorf("the report says ok %v of %d tickets and %d events, want %d and %d", r.OK, r.Log.Tickets, r.Log.Events, log.tickets, log.events)
	}
	var names []string
	for _, k := range r.Checks {
		names = append(names, k.Name)
		if !k.OK || k.Violations != 0 {
			t.Errorf("%s: %d violations: %s", k.Name, k.Violations, k.First)
		}
	}
	if got := strings.Join(names, " "); got != "decided_once strict_order ring_order windowed_fairness" {
		t.Errorf("the report has the checks %q", got)
	}
	if sum := r.Totals.Assigned + len(r.Waiting) + len(r.ClosedWaiting); sum != log.tickets {
		t.Errorf("%d tickets assigned, waiting or closed while waiting, want %d", sum, log.tickets)
	}
	for _, n := range c.nodes {
		ids := column(n.all(t, "/v1/conversations?inbox="+r.Inbox), "id")
		slices.Sort(ids)
		if unique := len(slices.Compact(slices.Clone(ids))); unique != log.tickets || len(ids) != log.tickets {
			t.Errorf("%s has %d conversations of the replay, %d different ones, want %d", n.id, len(ids), unique, log.tickets)
		}
	}
	// The agents ended the log unavailable; nothing of it goes on by itself.
	c.at(0).get(t, "/v1/teams/"+r.Team+"/rotation").want(t, http.StatusOK, `{"next":[]}`)
}

// A helpDesk is an event log made up for a test.
type helpDesk struct {
	path            string
	speed           string
	tickets, events int
}

const (
	deskAgents  = 8
	deskDays    = 6
	deskTickets = 900
	deskSeconds = 25 // how long a replay at helpDesk.speed lasts at least
)

// syntheticLog writes the log of a help desk that works round the clock in shifts,
// always the same one. Some tickets come at night, when nobody is there.
func syntheticLog(t *testing.T) helpDesk {
	t.Helper()
	type event struct {
		ticket, activity, agent string
		at                      time.Time
	}
	random := rand.New(rand.NewPCG(2, 7))
	first := time.Date(2024, 2, 26, 0, 0, 0, 0, time.UTC) // over the 29th of February
	var events []event
	for i := range deskTickets {
		day := first.AddDate(0, 0, random.IntN(deskDays))
		at := day.Add(5*time.Hour + time.Duration(random.Int64N(int64(18*time.Hour))))
		ticket := fmt.Sprintf("Case %d", i+1)
		// Three agents have the early shift, five the late one.
		agent := func(at time.Time) string {
			if at.Hour() < 13 {
				return fmt.Sprintf("Value %d", 1+random.IntN(3))
			}
			return fmt.Sprintf("Value %d", 4+random.IntN(deskAgents-3))
		}
		if i%30 == 0 { // nobody ever took this one
			at = day.Add(time.Duration(random.Int64N(int64(4 * time.Hour))))
			events = append(events, event{ticket, "Closed", agent(at), at})
			continue
		}
		events = append(events, event{ticket, "Assign seriousness", agent(at), at})
		at = at.Add(time.Duration(random.Int64N(int64(20 * time.Minute))))
		events = append(events, event{ticket, "Take in charge ticket", agent(at), at})
		if i%5 != 0 {
			at = at.Add(time.Duration(random.Int64N(int64(3 * time.Hour))))
			events = append(events, event{ticket, "Closed", agent(at), at})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Or(strings.Compare(a.ticket, b.ticket), a.at.Compare(b.at)) })

	desk := helpDesk{path: filepath.Join(t.TempDir(), "desk.csv"), tickets: deskTickets, events: len(events)}
	desk.speed = fmt.Sprintf("%dx", deskDays*24*60*60/deskSeconds)
	file, err := os.Create(desk.path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewWriter(file)
	write := func(row ...string) {
		if err := rows.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	write("Case ID", "Activity", "Resource", "Complete Timestamp", "seriousness", "product")
	for _, e := range events {
		write(e.ticket, e.activity, e.agent, e.at.Format("2006/01/02 15:04:05.000"), "Value 1", "Value 2")
	}
	if rows.Flush(); rows.Error() != nil {
		t.Fatal(rows.Error())
	}
	return desk
}

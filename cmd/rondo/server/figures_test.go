package server

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// waitingIn200And returns a state in which a conversation waits in so many teams
// more than have a series.
func waitingIn200And(t *testing.T, more int) *fsm.State {
	t.Helper()
	s, nowMs := fsm.NewState(), int64(1_000_000)
	apply := func(c fsm.Command) {
		t.Helper()
		nowMs++
		it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(nowMs)})
		it.NotAfterMs = nowMs + fsm.MintedKeyLifeMs
		entry, err := fsm.DecodeEntry(fsm.EncodeEntry(fsm.Entry{MinSemantics: 1, TimeMs: nowMs, Items: []fsm.Item{it}}))
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := s.Apply(s.Index+1, entry)
		if err != nil || outcomes[0].Rejection != nil {
			t.Fatalf("%T: %v %v", c, err, outcomes)
		}
	}
	apply(fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, Collation: collation.Version, ClusterID: "test"})
	apply(fsm.PutContact{ID: "ann", Name: "Ann"})
	for i := range maxTeamSeries + more {
		team := fsm.TeamID(fmt.Sprintf("t%03d", i))
		apply(fsm.PutTeam{ID: team, Name: "T"})
		apply(fsm.PutInbox{ID: "sms", Name: "SMS", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: team}})
		apply(fsm.OpenConversation{ID: fsm.ConversationID("c" + team), Inbox: "sms", Contact: "ann"})
	}
	return s
}

// TestTeamSeriesAreBounded: teams beyond the bound are added up, so that no number
// of teams makes a page of metrics that nobody can store.
func TestTeamSeriesAreBounded(t *testing.T) {
	for more, want := range map[int]float64{0: 0, 3: 3} {
		waiting, oldest := map[string]float64{}, 0
		gaugeQueues(waitingIn200And(t, more), func(d *prometheus.Desc, value float64, labels ...string) {
			if d == oldestWaiting {
				oldest++
				return
			}
			waiting[labels[0]] += value
		})
		teams := len(waiting)
		if more > 0 {
			teams--
		}
		if teams != maxTeamSeries || oldest != maxTeamSeries || waiting["other teams"] != want || waiting["t000"] != 1 {
			t.Errorf("%d more: %d teams, %d with an age, %v in others", more, teams, oldest, waiting["other teams"])
		}
	}
}

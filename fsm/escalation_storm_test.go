package fsm

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// stormEscalations draws the steps of a team, with none of them mostly.
func stormEscalations(t *rapid.T) []EscalationSettings {
	next := EscalationSettings{When: "no_reply", AfterSeconds: 60, Do: "next"}
	accept := EscalationSettings{When: "no_acceptance", AfterSeconds: 5, Do: "next"}
	return pickOne(t, [][]EscalationSettings{nil, nil, {next, next}, {accept, next, accept},
		{{When: "waiting", AfterSeconds: 60, Do: "priority", Priority: new(uint8(3))}, {When: "waiting", AfterSeconds: 1800, Do: "team", Team: "u"}},
		{{When: "no_reply", AfterSeconds: 5, Do: "team", Team: "u"}, {When: "waiting", AfterSeconds: 5, Do: "agent", Agent: "b"}},
		{{When: "no_first_reply", AfterSeconds: 60, Do: "agent", Agent: "c"}, {When: "no_reply", AfterSeconds: 5, Do: "supervisors", OnlyFirst: true}},
		{{When: "no_acceptance", AfterSeconds: 30, Do: "team", Team: "t"}}}, "escalations")
}

// checkWatched: what must hold of escalations between entries.
func checkWatched(t *rapid.T, s *State) {
	armed, anew := map[Timer]bool{}, map[TeamHandle]bool{}
	for timer := range s.Timers.All() {
		if timer.Kind == TimerEscalation {
			armed[timer] = true
		}
	}
	for chore := range s.Chores.All() {
		if chore.Kind == ChoreEscalate {
			anew[chore.Team] = true // it has not come to all yet
		}
	}
	for c := range s.Conversations.All() {
		e := c.Escalated
		team, _ := s.Teams.Get(c.Assignment.Team)
		if e == nil {
			if _, _, due, ok := NextEscalation(s, c); ok || due != 0 {
				t.Fatalf("%s: a step is due at %d of nothing", c.ID, due)
			}
			if len(team.Escalations) > 0 && !team.Removed && !anew[team.Handle] && (c.Assignment.queued() || c.Assignment.State == StateAssigned) && c.Status == StatusOpen {
				t.Fatalf("%s is %+v, and nobody watches it", c.ID, c.Assignment)
			}
			continue
		}
		_, _, due, _ := NextEscalation(s, c)
		timer := escalationTimer(c.Handle, e.DueMs)
		switch {
		case c.Status == StatusClosed:
			t.Fatalf("%s is closed, and escalated: %+v", c.ID, e)
		case (e.DueMs != 0) != armed[timer]:
			t.Fatalf("%s is to be escalated at %d, a timer is there: %v", c.ID, e.DueMs, armed[timer])
		case due != e.DueMs && !anew[e.Team] && !team.Removed:
			t.Fatalf("%s is to be escalated at %d, not %d: %+v, %+v", c.ID, due, e.DueMs, e, c.Assignment)
		}
		delete(armed, timer)
		checkDone(t, c)
	}
	for timer := range armed {
		t.Fatalf("timer %+v is for nothing", timer)
	}
}

// checkDone: no step is done more often than it stands in a list.
func checkDone(t *rapid.T, c Conversation) {
	done := map[DoneEscalation]int{}
	for _, one := range c.Escalated.Done {
		key := DoneEscalation{Team: one.Team, Step: one.Step}
		if done[key]++; done[key] > 2 || len(c.Escalated.Done) > MaxStepsOfEpisode {
			t.Fatalf("%s did a step once more: %+v", c.ID, c.Escalated.Done)
		}
	}
}

// checkClimbs: what an entry has escalated was due before it, and neither held, put off,
// pending nor closed; and nobody had decided about it, or answered, since too short a
// time. before is the state in front of the entry.
func checkClimbs(t *rapid.T, before, s *State, met map[string]int) {
	seen := map[ConversationHandle]bool{}
	for rec := range s.Records.From(RecordID{s.Index, 0}) {
		if rec.Event != ConversationEscalated || rec.ID.Index != s.Index || seen[rec.Conversation] {
			continue
		}
		seen[rec.Conversation] = true
		if earlier, ok := s.Records.At(rec.Previous); ok && earlier.ID.Index == s.Index {
			continue // an offer that has ended in this very entry, say
		}
		was, _ := before.Conversations.Get(rec.Conversation)
		if begins := slices.ContainsFunc(slices.Collect(before.Chores.All()), func(c Chore) bool { return c.Kind == ChoreEscalate }); begins {
			continue // its steps may have come in this very entry
		}
		step, number, due, ok := NextEscalation(before, was)
		met["escalated "+step.Do.String()]++
		met["escalated after "+step.When.String()]++
		met["escalated: "+rec.Outcome]++
		switch {
		case !ok || due > s.NowMs || number != rec.Escalation:
			t.Fatalf("%s was escalated by step %d at %d; due was %d at %d: %+v, %+v", was.ID, rec.Escalation, s.NowMs, number, due, was.Assignment, was.Escalated)
		case was.Status != StatusOpen || was.Assignment.State != StateWaiting && was.Assignment.State != StateOffered && was.Assignment.State != StateAssigned:
			t.Fatalf("%s was escalated, and was %s and %+v", was.ID, was.Status, was.Assignment)
		}
		at := rec.Previous
		for range 30 {
			earlier, ok := s.Records.At(at)
			if at == 0 || !ok || earlier.TimeMs <= s.NowMs-step.AfterMs {
				break
			}
			d := earlier.Decision
			if d != nil && (d.Kind == DecidedClaim || d.Kind == DecidedManual) || earlier.Event == MessageSent && step.When == WhenNoReply {
				t.Fatalf("%s was escalated at %d, %d ms are needed since %s at %d", was.ID, s.NowMs, step.AfterMs, earlier.Event, earlier.TimeMs)
			}
			at = earlier.Previous
		}
	}
}

// TestEscalationsStorm: with steps of all kinds in three teams that send to each other,
// some of which offer, the invariants of escalations hold after every entry.
func TestEscalationsStorm(t *testing.T) {
	met := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newStorm(t, met)
		for _, team := range []TeamID{"v", "u", "t"} {
			w.apply(t, []Item{w.item("system:setup", PutTeam{ID: team, Name: "T", Members: []TeamMember{{Agent: "a"}, {Agent: "b"}, {Agent: "c"}}, Escalations: stormEscalations(t),
				Rotation: &RotationSettings{OfferSeconds: stormOffers(t)}})})
		}
		w.apply(t, []Item{w.item("system:setup", PutInbox{ID: "k", Name: "K", Assignment: InboxAssignment{Mode: "rotation", Team: "v"}}),
			w.item("system:setup", DeleteRule{"ra"}), w.item("system:setup", DeleteRule{"rb"})})
		most := 30
		if underRace {
			most = 6
		}
		for range upTo(t, most, "entries") {
			w.nowMs += pickOne(t, []int64{0, 0, 1, 4_999, 5_000, 30_000, 60_000, 31 * 60_000}, "passes")
			var items []Item
			for range upTo(t, 5, "items") {
				actor := pickOne(t, []string{"agent:a", "agent:c", "system:crm"}, "actor")
				c := w.drawAroundOffers(t)
				switch upTo(t, 8, "escalations") {
				case 0, 1:
					c = AddMessage{Conversation: w.conversation(t), ID: w.minted(), Direction: pickOne(t, []string{"inbound", "inbound", "outbound"}, "direction"), MintedID: ConversationID(w.minted())}
				case 2:
					c = w.drawLife(t)
				case 3:
					c = w.drawPlaces(t)
				default:
				}
				items = append(items, w.item(actor, c))
			}
			w.apply(t, items)
		}
		w.calm(t)
	})
	if t.Failed() || underRace {
		return
	}
	for _, what := range []string{"next", "team", "supervisors", "priority", "agent", "after waiting", "after no_acceptance", "after no_first_reply", "after no_reply"} {
		if met["escalated "+what] == 0 {
			t.Errorf("nothing was escalated: %s; nothing is proved about it: %v", what, met)
		}
	}
}

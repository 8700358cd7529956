package cluster

import (
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// rationingFloors are how many of each all stories together must have seen, for one
// change of leader.
var rationingFloors = map[string]float64{
	"given under a rate": 0.1, "rates that slid": 0.05, "passed over by a rate": 0.1, "passed over at a limit": 0.05, "limits changed": 0.02,
}

// A ration counts anew, from the records and the commands alone, who has what open
// and who was given what of late; it looks at no row, verdict, tally or window.
type ration struct {
	*judged
	ids     map[string]uint32 // handles, by agent, team and inbox
	talks   map[fsm.ConversationHandle]*rationTalk
	present map[uint32]bool
	given   map[rationSeat][]int64

	freed map[uint32]uint64 // the number of what gave an agent a place last: it is filled behind that
	rationLimits
	earlier int64 // time of the entry before
}

// The rationLimits are those of now, by handle; no kind shares one with another.
type rationLimits struct {
	limits  map[uint32]*uint32               // of agents
	shares  map[uint32]*fsm.CapacitySettings // of teams and inboxes
	members map[uint32][]uint32              // of teams
	rates   map[uint32]fsm.RateSettings      // of teams
}

type rationSeat struct{ team, agent uint32 }

// A rationTalk is a conversation that is open. Nobody has it if assignee is 0.
type rationTalk struct {
	team, inbox, assignee uint32
	waits                 bool
}

func newRation(j *judged, s *fsm.State) *ration {
	r := &ration{judged: j, ids: map[string]uint32{}, talks: map[fsm.ConversationHandle]*rationTalk{}, present: map[uint32]bool{}, given: map[rationSeat][]int64{}, freed: map[uint32]uint64{},
		rationLimits: rationLimits{map[uint32]*uint32{}, map[uint32]*fsm.CapacitySettings{}, map[uint32][]uint32{}, map[uint32]fsm.RateSettings{}}}
	for i := range rationingAgents {
		row, _ := s.Agents.ByID(rationed(i))
		r.ids[string(row.ID)] = uint32(row.Handle)
	}
	for i := range rationingRates {
		team, _ := s.Teams.ByID(rationedTeam(i))
		inbox, _ := s.Inboxes.ByID(rationedInbox(i))
		r.ids[string(team.ID)], r.ids[string(inbox.ID)] = uint32(team.Handle), uint32(inbox.Handle)
		r.rates[uint32(team.Handle)] = rationingRates[i]
	}
	delete(r.ids, "") // what the story did not come to
	return r
}

// rations is P7: automation gives nobody more than each of the limits and the rate
// allow, passes over for one of them only who has come to it, and leaves nothing
// waiting that somebody has a place for.
func (j *judged) rations(log course) {
	r, next := newRation(j, log.state), 0
	for i, rec := range log.records {
		for ; next < len(log.items) && log.items[next].Seq <= rec.Seq; next++ {
			if it := log.items[next]; !it.Replayed && it.Rejection == nil {
				r.settle(it.command, it.Seq)
			}
		}
		r.step(rec)
		if i+1 == len(log.records) || log.records[i+1].ID.Index != rec.ID.Index {
			r.waitsInVain(rec)
			r.earlier = rec.TimeMs
		}
	}
}

// settle notes the limits of now.
func (r *ration) settle(c fsm.Command, seq uint64) {
	switch c := c.(type) {
	case fsm.PutAgent:
		if agent := r.ids[string(c.ID)]; agent != 0 {
			r.limits[agent], r.freed[agent] = c.Limits.Open, seq
			r.counts["limits changed"]++
		}
	case fsm.PutTeam:
		if team := r.ids[string(c.ID)]; team != 0 {
			r.shares[team], r.members[team] = c.Capacity, nil
			for _, m := range c.Members {
				r.members[team] = append(r.members[team], r.ids[string(m.Agent)])
				r.freed[r.ids[string(m.Agent)]] = seq
			}
		}
	case fsm.PutInbox:
		if inbox := r.ids[string(c.ID)]; inbox != 0 {
			r.shares[inbox] = c.Capacity
			for i := range rationingAgents {
				r.freed[r.ids[string(rationed(i))]] = seq
			}
		}
	}
}

func (r *ration) step(rec fsm.Record) {
	if rec.Event == fsm.PresenceChanged {
		r.present[uint32(rec.Agent)] = rec.Status == rotation.StatusAvailable
	}
	if _, ours := r.rates[uint32(rec.Team)]; !ours || rec.Conversation == 0 {
		return
	}
	talk := r.talks[rec.Conversation]
	if talk == nil {
		talk = &rationTalk{inbox: uint32(rec.Inbox)}
	}
	r.talks[rec.Conversation] = talk
	if d := rec.Decision; d != nil {
		r.freed[talk.assignee] = rec.Seq
		talk.assignee, talk.waits = 0, false // it does not count twice
		talk.team = uint32(rec.Team)
		r.passed(rec, talk)
		r.gave(rec, talk)
		talk.assignee = uint32(d.Assignee)
		talk.waits = d.Cause == fsm.NoOneAvailable || d.Cause == fsm.QueueAhead
	}
	if rec.Event == fsm.ConversationIsClosed {
		r.freed[talk.assignee] = rec.Seq
		delete(r.talks, rec.Conversation)
	}
}

// gave judges what automation has given.
func (r *ration) gave(rec fsm.Record, talk *rationTalk) {
	d := rec.Decision
	if d.Assignee == 0 || d.Assignee == d.Before || d.Kind != fsm.DecidedRotation && d.Kind != fsm.DecidedLeastOpen {
		return
	}
	seat := rationSeat{uint32(rec.Team), uint32(d.Assignee)}
	rate := r.rates[seat.team]
	if n := r.ofLate(seat, rec.TimeMs); n >= int(rate.Limit) {
		r.accuse("record %s gives agent %d the %dth within %d s of team %d, which allows %d", rec.ID, d.Assignee, n+1, rate.WindowSeconds, rec.Team, rate.Limit)
	}
	if over := r.reached(talk, seat.agent); over != "" {
		r.accuse("record %s gives agent %d something, who has come to the limit %s", rec.ID, d.Assignee, over)
	}
	r.counts["given under a rate"]++
	if d.Trigger == fsm.WindowPassed {
		r.counts["rates that slid"]++
		if n := r.ofLate(seat, r.earlier); n < int(rate.Limit) {
			r.accuse("record %s gives agent %d something because a window has passed, and she had had %d of %d in the entry before", rec.ID, d.Assignee, n, rate.Limit)
		}
	}
	r.given[seat] = append(r.given[seat], rec.TimeMs)
}

// passed judges why members were passed over.
func (r *ration) passed(rec fsm.Record, talk *rationTalk) {
	for _, p := range rec.Decision.Passed {
		seat := rationSeat{uint32(rec.Team), uint32(p.Agent)}
		switch p.Verdict {
		case rotation.RateLimited: // timers fire one after the other: hers may be behind this
			r.counts["passed over by a rate"]++
			if n := r.ofLate(seat, r.earlier); n < int(r.rates[seat.team].Limit) {
				r.accuse("record %s passes over agent %d by her rate, and she had %d of %d within the window", rec.ID, p.Agent, n, r.rates[seat.team].Limit)
			}
		case rotation.AtCapacity:
			r.counts["passed over at a limit"]++
			if r.reached(talk, seat.agent) == "" && r.freed[seat.agent] != rec.Seq {
				r.accuse("record %s passes over agent %d at a limit, and she has a place", rec.ID, p.Agent)
			}
		}
	}
}

// waitsInVain: at the end of an entry nothing waits that somebody may be given.
func (r *ration) waitsInVain(rec fsm.Record) {
	for handle, talk := range r.talks {
		if !talk.waits {
			continue
		}
		for _, agent := range r.members[talk.team] {
			if r.present[agent] && r.reached(talk, agent) == "" && r.ofLate(rationSeat{talk.team, agent}, rec.TimeMs) < int(r.rates[talk.team].Limit) {
				r.accuse("after entry %d conversation %d waits in team %d, and agent %d is there and may be given it", rec.ID.Index, handle, talk.team, agent)
			}
		}
	}
}

// ofLate counts what a member was given within the window that ends at a time.
func (r *ration) ofLate(seat rationSeat, ms int64) (n int) {
	for _, at := range r.given[seat] {
		if at > ms-int64(r.rates[seat.team].WindowSeconds)*1000 {
			n++
		}
	}
	return n
}

// reached names a limit that an agent has come to; "" if she has a place.
func (r *ration) reached(of *rationTalk, agent uint32) string {
	var all, inTeam, inInbox uint32
	for _, talk := range r.talks {
		if talk.assignee != agent {
			continue
		}
		all++
		if talk.team == of.team {
			inTeam++
		}
		if talk.inbox == of.inbox {
			inInbox++
		}
	}
	for _, place := range []struct {
		of    string
		n     uint32
		limit *uint32
	}{{"of her own", all, r.limits[agent]}, {"of the team", inTeam, r.share(of.team, agent)}, {"of the inbox", inInbox, r.share(of.inbox, agent)}} {
		if place.limit != nil && place.n >= *place.limit {
			return place.of
		}
	}
	return ""
}

// share returns how many of a team or of an inbox an agent may have.
func (r *ration) share(of, agent uint32) *uint32 {
	c := r.shares[of]
	if c == nil {
		return nil
	}
	for who, n := range c.Agents {
		if r.ids[string(who)] == agent {
			return &n
		}
	}
	return c.Open
}

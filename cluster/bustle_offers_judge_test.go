package cluster

import (
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// courtingFloors are how many of each all stories together must have seen, for one
// change of leader.
var courtingFloors = map[string]float64{
	"offers accepted": 0.03, "offers declined": 0.03, "offers that timed out": 0.03, "offers withdrawn": 0.005, "laps": 0.01,
	"answers that came too late": 0.01, "answers of somebody else": 0.004, "escalations": 0.03, "offers behind a pause": 0.005,
}

// A courtship judges offers by a course of its own: who is asked, until when, and who
// was, it knows from the records and the commands, and never from rows or timers.
type courtship struct {
	*judged
	teams map[fsm.TeamHandle]*courtTeam
	names map[fsm.AgentHandle]string // principals
	talks map[fsm.ConversationHandle]*courtTalk
	asks  map[fsm.OfferHandle]*courtOffer
	open  map[fsm.AgentHandle]fsm.OfferHandle
	entry uint64 // how many entries have passed
}

// A courtTeam is a team as its newest command has put it.
type courtTeam struct {
	fsm.PutTeam
	changed uint64 // the number of the entry
}

type courtOffer struct {
	conversation fsm.ConversationHandle
	agent        fsm.AgentHandle
	dueMs        int64
	end          fsm.Event
	endedMs      int64
}

// A courtTalk is a conversation of theirs.
type courtTalk struct {
	team     fsm.TeamHandle
	holder   fsm.AgentHandle
	offer    fsm.OfferHandle          // the open one
	asked    map[fsm.AgentHandle]bool // in this lap
	before   map[fsm.AgentHandle]bool // or maybe in this one: what falls due in one entry has an order of its own
	touched  uint64                   // the number of the entry that told of it last
	waitMs   int64                    // since when it waits; 0: it does not
	pauseMs  int64                    // how long it does until all may be asked again; 0: nobody was
	taken    fsm.AgentHandle          // she has accepted, and it was not given to her yet
	between  bool                     // its offer has ended, and nothing has come of it yet
	closed   bool
	priority uint8
	openedMs int64 // 0: somebody else has decided since, or it was passed on
	seq      uint64
	courtTimes
}

func newCourtship(j *judged, s *fsm.State) *courtship {
	k := &courtship{judged: j, teams: map[fsm.TeamHandle]*courtTeam{}, names: map[fsm.AgentHandle]string{}, talks: map[fsm.ConversationHandle]*courtTalk{},
		asks: map[fsm.OfferHandle]*courtOffer{}, open: map[fsm.AgentHandle]fsm.OfferHandle{}}
	for i := range courtingTeams {
		if team, ok := s.Teams.ByID(courtingTeam(i)); ok {
			k.teams[team.Handle] = &courtTeam{}
		}
	}
	for i := range courtingAgents {
		if agent, ok := s.Agents.ByID(courted(i)); ok {
			k.names[agent.Handle] = principalOf(agent.ID)
		}
	}
	return k
}

// courtship is K95 and K99, and the escalations: see SIMULATION.md.
func (j *judged) courtship(log course) {
	k, next := newCourtship(j, log.state), 0
	records := log.records
	for _, at := range log.entries {
		k.entry++
		for len(records) > 0 && records[0].ID.Index <= at.index {
			rec := records[0]
			for ; next < len(log.items) && log.items[next].Seq <= rec.Seq; next++ {
				k.put(log.items[next], log.state)
			}
			k.step(rec)
			records = records[1:]
		}
		k.pass(at)
	}
	k.answers(log)
	k.end(log.state)
}

// put notes the settings of now.
func (k *courtship) put(it carriedOut, s *fsm.State) {
	c, puts := it.command.(fsm.PutTeam)
	if !puts || it.Replayed || it.Rejection != nil {
		return
	}
	row, _ := s.Teams.ByID(c.ID)
	if team := k.teams[row.Handle]; team != nil {
		*team = courtTeam{c, k.entry}
	}
}

func (k *courtship) step(rec fsm.Record) {
	talk := k.talks[rec.Conversation]
	if talk == nil {
		if k.teams[rec.Team] == nil || rec.Conversation == 0 {
			return
		}
		talk = &courtTalk{openedMs: rec.TimeMs, seq: rec.Seq, asked: map[fsm.AgentHandle]bool{}, before: map[fsm.AgentHandle]bool{}, team: rec.Team}
		talk.teamMs = rec.TimeMs
		k.talks[rec.Conversation] = talk
	}
	if rec.Team != talk.team {
		talk.team, talk.teamMs, talk.openedMs = rec.Team, rec.TimeMs, 0
		clear(talk.asked)
	}
	switch rec.Event {
	case fsm.OfferMade:
		k.made(rec, talk)
	case fsm.OfferAccepted, fsm.OfferDeclined, fsm.OfferTimedOut, fsm.OfferWithdrawn:
		k.ended(rec, talk)
	case fsm.ConversationIsClosed:
		talk.closed, talk.openedMs, talk.waitMs, talk.between = true, 0, 0, false
		clear(talk.asked)
	case fsm.ConversationPrioritized:
		talk.priority = rec.Priority
	case fsm.ConversationRequeued, fsm.ConversationTransferred, fsm.ConversationReopened, fsm.ConversationUnassigned, fsm.DecisionUndone:
		if rec.Decision == nil { // what brings an offer is told before it
			talk.holder, talk.openedMs, talk.waitMs, talk.between, talk.closed = 0, 0, 0, true, false
			clear(talk.asked)
		}
	}
	if rec.Event == fsm.ConversationEscalated {
		k.escalated(rec, talk)
	}
	if d := rec.Decision; d != nil && rec.Event != fsm.OfferMade {
		k.decided(rec, talk)
	}
	talk.touched = k.entry
	name := ""
	if d := rec.Decision; d != nil {
		name = k.names[d.Assignee]
	}
	talk.heed(rec, name)
}

// made judges an offer.
func (k *courtship) made(rec fsm.Record, talk *courtTalk) {
	k.counts["offers"]++
	team := k.teams[rec.Team]
	if talk.offer != 0 {
		k.accuse("record %s offers conversation %d, of which offer %d is open", rec.ID, rec.Conversation, talk.offer)
	}
	if other := k.open[rec.Agent]; other != 0 {
		k.accuse("record %s asks agent %d, who is asked by offer %d", rec.ID, rec.Agent, other)
	}
	if talk.holder != 0 {
		k.accuse("record %s offers conversation %d, which agent %d has", rec.ID, rec.Conversation, talk.holder)
	}
	if talk.waitMs != 0 && talk.pauseMs != 0 && rec.TimeMs >= talk.waitMs+talk.pauseMs {
		k.counts["offers behind a pause"]++
		clear(talk.asked)
	}
	if talk.asked[rec.Agent] {
		k.accuse("record %s asks agent %d a second time in a lap of conversation %d (K99)", rec.ID, rec.Agent, rec.Conversation)
	}
	if team == nil || team.Rotation.OfferSeconds == nil {
		k.accuse("record %s offers in team %d, which does not", rec.ID, rec.Team)
		return
	}
	k.overtaken(rec, talk)
	k.asks[rec.Offer] = &courtOffer{conversation: rec.Conversation, agent: rec.Agent, dueMs: rec.TimeMs + int64(*team.Rotation.OfferSeconds)*1000}
	k.open[rec.Agent], talk.offer = rec.Offer, rec.Offer
	talk.waitMs, talk.between, talk.closed = 0, false, false
}

// overtaken: nothing older waits that she might have been asked for (K105). Of what
// people have moved about, the age is not known here.
func (k *courtship) overtaken(rec fsm.Record, talk *courtTalk) {
	for handle, older := range k.talks {
		if talk.openedMs != 0 && older.openedMs != 0 && older.team == talk.team && older.waitMs != 0 && older.seq < talk.seq &&
			older.priority >= talk.priority && !older.before[rec.Agent] {
			k.accuse("record %s offers conversation %d to agent %d, and %d is older and waits (K105)", rec.ID, rec.Conversation, rec.Agent, handle)
		}
	}
}

// ended judges an offer's end.
func (k *courtship) ended(rec fsm.Record, talk *courtTalk) {
	offer := k.asks[rec.Offer]
	if offer == nil || offer.conversation != rec.Conversation || offer.agent != rec.Agent {
		k.accuse("record %s ends offer %d, which was not made like that", rec.ID, rec.Offer)
		return
	}
	if offer.end != fsm.EventNone {
		k.accuse("record %s ends offer %d, which has ended: %s", rec.ID, rec.Offer, offer.end)
		return
	}
	offer.end, offer.endedMs = rec.Event, rec.TimeMs
	delete(k.open, rec.Agent)
	talk.offer, talk.between = 0, true
	if strings.HasPrefix(rec.Actor, "agent:") && rec.Actor != k.names[rec.Agent] && (rec.Event == fsm.OfferAccepted || rec.Event == fsm.OfferDeclined) {
		k.accuse("record %s: %s answers for agent %d, who is asked", rec.ID, rec.Actor, rec.Agent)
	}
	if (rec.Event == fsm.OfferTimedOut) != (rec.TimeMs >= offer.dueMs) {
		k.accuse("record %s: %s at %d, and the offer was open until %d", rec.ID, rec.Event, rec.TimeMs, offer.dueMs)
	}
	switch rec.Event {
	case fsm.OfferAccepted:
		k.counts["offers accepted"]++
		talk.taken = rec.Agent
	case fsm.OfferWithdrawn:
		k.counts["offers withdrawn"]++
	case fsm.OfferDeclined:
		k.counts["offers declined"]++
		talk.asked[rec.Agent], talk.before[rec.Agent] = true, true
	default:
		k.counts["offers that timed out"]++
		talk.asked[rec.Agent], talk.before[rec.Agent] = true, true
	}
}

// decided goes on with a conversation that was given to somebody, or to nobody.
func (k *courtship) decided(rec fsm.Record, talk *courtTalk) {
	d := rec.Decision
	if talk.offer != 0 {
		k.accuse("record %s, %s, decides about conversation %d while offer %d is open", rec.ID, rec.Event, rec.Conversation, talk.offer)
	}
	if talk.taken != 0 && (d.Assignee != talk.taken || !d.Turn || d.Kind != fsm.DecidedOffer) {
		k.accuse("record %s gives conversation %d to agent %d, and agent %d has accepted it", rec.ID, rec.Conversation, d.Assignee, talk.taken)
	}
	if d.Kind == fsm.DecidedOffer && talk.taken == 0 {
		k.accuse("record %s gives conversation %d to agent %d, who has not accepted it", rec.ID, rec.Conversation, d.Assignee)
	}
	talk.taken, talk.between, talk.holder, talk.closed = 0, false, d.Assignee, rec.Event == fsm.ConversationIsClosed
	if d.Cause == fsm.CauseDeclined {
		k.counts["laps"]++
	}
	goesOn := d.Kind == fsm.DecidedWaiting && (d.Trigger == fsm.OfferDeclined || d.Trigger == fsm.OfferTimedOut || d.Trigger == fsm.OfferWithdrawn)
	if !goesOn {
		clear(talk.asked)
		if d.Trigger != fsm.ConversationOpened {
			talk.openedMs = 0
		}
	}
	if d.Kind != fsm.DecidedWaiting {
		talk.waitMs = 0
		return
	}
	if !goesOn || talk.waitMs == 0 {
		talk.waitMs, talk.pauseMs = rec.TimeMs, 0
		if team := k.teams[rec.Team]; team != nil && team.Rotation.OfferPauseSeconds != nil && len(talk.asked) > 0 {
			talk.pauseMs = int64(*team.Rotation.OfferPauseSeconds) * 1000
		}
	}
}

// pass is the end of an entry: no offer is open beyond its time, and none has ended
// without anything having come of it.
func (k *courtship) pass(at courseEntry) {
	for agent, handle := range k.open {
		if offer := k.asks[handle]; offer.dueMs <= at.nowMs {
			k.accuse("after entry %d, at %d, agent %d is asked by offer %d, which was open until %d", at.index, at.nowMs, agent, handle, offer.dueMs)
			delete(k.open, agent) // once is enough
		}
	}
	for handle, talk := range k.talks {
		if talk.between || talk.taken != 0 {
			k.accuse("after entry %d nobody has conversation %d, whose offer has ended, and it waits nowhere", at.index, handle)
			talk.between, talk.taken = false, 0
		}
		if !talk.closed {
			k.overdue(at, handle, talk)
		}
	}
}

// answers judges what those were told who have answered.
func (k *courtship) answers(log course) {
	won := map[fsm.OfferHandle]string{}
	for _, it := range log.items {
		var handle fsm.OfferHandle
		switch c := it.command.(type) {
		case fsm.AcceptOffer:
			handle = c.Offer
		case fsm.DeclineOffer:
			handle = c.Offer
		}
		offer := k.asks[handle]
		switch {
		case offer == nil || it.Replayed:
		case it.Rejection == nil:
			if won[handle] != "" || it.nowMs >= offer.dueMs {
				k.accuse("%s answers offer %d at %d; it was open until %d, and the answers before were %q", it.principal, handle, it.nowMs, offer.dueMs, won[handle])
			}
			won[handle] = it.principal
		case it.Rejection.Reason == fsm.OfferEnded:
			k.counts["answers that came too late"]++
			if it.nowMs < offer.dueMs && (offer.end == fsm.EventNone || it.nowMs < offer.endedMs) {
				k.accuse("%s is told at %d that offer %d has ended, which was open", it.principal, it.nowMs, handle)
			}
		case it.principal != k.names[offer.agent]:
			k.counts["answers of somebody else"]++
		default:
			k.accuse("%s answers offer %d, and is refused: %v", it.principal, handle, it.Rejection)
		}
	}
}

// end: every conversation is where its records have brought it, and as old.
func (k *courtship) end(s *fsm.State) {
	for handle, talk := range k.talks {
		c, _ := s.Conversations.Get(handle)
		at := c.Assignment
		if offered, waits := at.State == fsm.StateOffered, at.State == fsm.StateWaiting; at.Assignee != talk.holder || offered != (talk.offer != 0) || waits != (talk.waitMs != 0) {
			k.accuse("conversation %s is %s, with agent %d; by its records it is with %d, open offer %d, waiting since %d", c.ID, at.State, at.Assignee, talk.holder, talk.offer, talk.waitMs)
		}
		if talk.openedMs != 0 && (talk.offer != 0 || talk.waitMs != 0) && at.SinceMs != talk.openedMs {
			k.accuse("conversation %s has waited since %d by its row, and since %d by its records", c.ID, at.SinceMs, talk.openedMs)
		}
	}
}

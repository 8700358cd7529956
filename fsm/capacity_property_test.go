package fsm

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rondohq/rondo/rotation"
)

// A throng is a state with limits everywhere, and what was seen of it. It counts by
// walking over everything, and looks at no verdict, tally or window of the state.
type throng struct {
	*lab
	t     *rapid.T
	given map[[2]uint32][]int64 // when automation gave something, by team and agent
	met   map[string]int

	later []Record // of the same entry: a team without limits may have given her more by then
}

// TestAutomationNeverExceedsLimits is P7: whatever people and clocks do, automation
// gives nobody more than each of the limits and the rate allow, and leaves nothing
// waiting for which somebody has a place.
func TestAutomationNeverExceedsLimits(t *testing.T) {
	met, steps := map[string]int{}, 150
	if underRace {
		steps = 12
	}
	rapid.Check(t, func(r *rapid.T) {
		w := &throng{lab: newLab(t), t: r, given: map[[2]uint32][]int64{}, met: met}
		w.furnish()
		for n := range steps {
			if upTo(r, 4, "action") == 0 {
				w.nowMs += pickOne(r, []int64{0, 1000, 20_000, 60_000, 280_000}, "pass")
				w.happen()
			} else {
				w.happen(w.item(w.draw(n)))
			}
		}
	})
	t.Log(met)
	if underRace || t.Failed() {
		return
	}
	for _, what := range []string{"at_capacity", "rate_limited", "over_capacity", "on conversation.closed", "on conversation.snoozed", "on window.passed",
		"rotation", "least_open", "owner", "last_assignee", "default_assignee", "fallback", "transfer", "undo"} {
		if met[what] == 0 {
			t.Errorf("%s was never met: nothing is proved about it", what)
		}
	}
}

func (w *throng) furnish() {
	r := w.t
	for i := range 4 {
		w.accept(w.agentWith(i, pickOne(r, []int{0, 1, 2, 3, 5, 8}, "limit")), available(i))
	}
	w.accept(w.teamWith("t", []int{0, 1, 2}), w.teamWith("u", []int{1, 2, 3}))
	capacity := func() *CapacitySettings {
		return &CapacitySettings{Open: limitOrNil(pickOne(r, []int{0, 0, 2, 6}, "inbox limit")), Agents: map[AgentID]uint32{agentID(1): 2}}
	}
	w.accept(
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", LastAssignee: true}, Capacity: capacity()},
		PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{Mode: "rotation", Team: "u", WhenOwnerAbsent: "wait"}, Capacity: capacity()},
		PutInbox{ID: "k", Name: "K", Assignment: InboxAssignment{Mode: "default_assignee", Team: "t", Agent: agentID(0)}, Capacity: capacity()})
	for i := range 5 {
		contact := PutContact{ID: ContactID(fmt.Sprint("p", i)), Name: "P"}
		if i < 2 {
			contact.Owner = agentID(i + 1)
		}
		w.accept(contact)
	}
}

func limitOrNil(n int) *uint32 {
	if n == 0 {
		return nil
	}
	return new(uint32(n))
}

func (w *throng) agentWith(i, limit int) PutAgent {
	c := putAgent(i).(PutAgent)
	c.Limits = &LimitSettings{Open: limitOrNil(limit)}
	return c
}

// teamWith draws a team. Its rate is the same whenever it is drawn.
func (w *throng) teamWith(id TeamID, agents []int) PutTeam {
	c := PutTeam{ID: id, Name: string(id), Rate: &RateSettings{Limit: 2, WindowSeconds: 300},
		Capacity: &CapacitySettings{Open: limitOrNil(pickOne(w.t, []int{0, 1, 2, 3, 6}, "team limit"))},
		Rotation: &RotationSettings{Strategy: pickOne(w.t, []string{"round_robin", "least_open", "weighted"}, "strategy")}}
	for _, i := range agents {
		c.Members = append(c.Members, TeamMember{Agent: agentID(i), Weight: new(uint32(i + 1))})
	}
	if id == "t" {
		c.Rate = nil
		c.Rotation.RespectCapacity = new(upTo(w.t, 5, "respected") > 0)
		c.Rotation.Fallback = &FallbackSettings{To: "agent", Agent: agentID(3), AfterSeconds: new(uint32(30))}
	}
	return c
}

func (w *throng) draw(n int) Command {
	r := w.t
	some := ConversationID(fmt.Sprint("c", max(0, n-upTo(r, 20, "conversation"))))
	agent := upTo(r, 3, "agent")
	switch upTo(r, 19, "command") {
	case 0, 1, 2, 3, 4, 5:
		return OpenConversation{ID: ConversationID(fmt.Sprint("c", n)), Inbox: pickOne(r, []InboxID{"i", "i", "j", "j", "k"}, "inbox"),
			Contact: ContactID(fmt.Sprint("p", upTo(r, 4, "contact")))}
	case 6, 7:
		return CloseConversation{some}
	case 8:
		return ReopenConversation{some}
	case 9:
		until := w.nowMs + pickOne(r, []int64{1000, 60_000}, "until")
		return SnoozeConversation{Conversation: some, Until: time.UnixMilli(until).UTC().Format(time.RFC3339)}
	case 10, 11:
		return AssignConversation{Conversation: some, Agent: agentID(agent)}
	case 12:
		return UnassignConversation{Conversation: some}
	case 13:
		return RequeueConversation{Conversation: some}
	case 14:
		return TransferConversation{Conversation: some, Team: pickOne(r, []TeamID{"t", "u"}, "team")}
	case 15:
		c, _ := w.state.Conversations.ByID(some)
		rec, ok := w.state.Records.At(c.Decided)
		if !ok {
			return ClaimConversation{Conversation: some, Agent: agentID(agent)}
		}
		return UndoDecision{Decision: rec.ID.String()}
	case 16:
		return w.agentWith(agent, pickOne(r, []int{0, 1, 2, 3, 5, 8}, "limit"))
	case 17:
		if upTo(r, 1, "team") == 0 {
			return w.teamWith("t", []int{0, 1, 2})
		}
		return w.teamWith("u", []int{1, 2, 3})
	default:
		return PutPresence{Agent: agentID(agent), Status: pickOne(r, []string{"available", "available", "away", "in_break"}, "status")}
	}
}

// happen applies an entry, and looks at what automation has done in it.
func (w *throng) happen(items ...Item) {
	w.apply(items...)
	records := w.records()
	for i, rec := range records {
		d := rec.Decision
		if d == nil {
			continue
		}
		w.met[d.Kind.String()]++
		w.met["on "+d.Trigger.String()]++
		for _, p := range d.Passed {
			w.met[p.Verdict.String()]++
		}
		for _, note := range d.Notes {
			w.met[note.String()]++
		}
		c, _ := w.state.Conversations.Get(rec.Conversation)
		if d.Assignee == 0 || !slices.Contains([]DecisionKind{DecidedRotation, DecidedLeastOpen, DecidedOwner, DecidedLastAssignee,
			DecidedDefaultAssignee, DecidedFallback}, d.Kind) {
			continue
		}
		if d.Assignee != d.Before {
			w.given[[2]uint32{uint32(rec.Team), uint32(d.Assignee)}] = append(w.given[[2]uint32{uint32(rec.Team), uint32(d.Assignee)}], w.nowMs)
		}
		w.later = records[i+1:]
		if broken := w.exceeded(c, rec.Team, d.Assignee, 0); broken != "" {
			w.t.Fatalf("%s was given to %d as %s on %s, and so she is above %s", c.ID, d.Assignee, d.Kind, d.Trigger, broken)
		}
		if n := w.ofLate(rec.Team, d.Assignee); d.Assignee != d.Before && n > w.rateOf(rec.Team) {
			w.t.Fatalf("%s was given to %d as the %dth within the window of team %d", c.ID, d.Assignee, n, rec.Team)
		}
	}
	w.later = nil
	w.checkPlaces()
}

// exceeded names the limit that an agent is above, had she so many more, and none of
// what came later; "" if none.
func (w *throng) exceeded(c Conversation, team TeamHandle, agent AgentHandle, more int) string {
	t, _ := w.state.Teams.Get(team)
	if t.Rotation.IgnoreCapacity {
		return ""
	}
	all, inTeam, inInbox := more, more, more
	for row := range w.state.Conversations.All() {
		if row.Status == StatusOpen && row.Assignment.Assignee == agent {
			all++
			if row.Assignment.Team == team {
				inTeam++
			}
			if row.Inbox == c.Inbox {
				inInbox++
			}
		}
	}
	for _, rec := range w.later {
		if d := rec.Decision; d != nil && d.Assignee == agent && d.Before != agent {
			all--
			if rec.Team == team {
				inTeam--
			}
			if rec.Inbox == c.Inbox {
				inInbox--
			}
		}
	}
	a, _ := w.state.Agents.Get(agent)
	i, _ := w.state.Inboxes.Get(c.Inbox)
	above := func(n int, limit uint32) bool { return limit > 0 && n > int(limit) }
	switch {
	case above(all, a.Limits.Open):
		return "her own limit"
	case team != 0 && above(inTeam, t.Capacity.Of(agent)):
		return "the team's limit"
	case above(inInbox, i.Capacity.Of(agent)):
		return "the inbox's limit"
	default:
		return ""
	}
}

func (w *throng) rateOf(team TeamHandle) int {
	if t, _ := w.state.Teams.Get(team); t.Rate.Limit > 0 {
		return int(t.Rate.Limit)
	}
	return 1 << 20
}

// ofLate counts what an agent who is a member was given within the team's window.
func (w *throng) ofLate(team TeamHandle, agent AgentHandle) (n int) {
	t, _ := w.state.Teams.Get(team)
	if _, member := w.state.Members.Of(team, agent); !member {
		return 0
	}
	for _, ms := range w.given[[2]uint32{uint32(team), uint32(agent)}] {
		if ms > w.nowMs-t.Rate.WindowMs {
			n++
		}
	}
	return n
}

// checkPlaces: nothing waits that somebody who is there has a place for.
func (w *throng) checkPlaces() {
	for c := range w.state.Conversations.All() {
		at := c.Assignment
		var mayGet []AgentHandle
		switch q, _ := w.state.Queues.Get(at.Team); {
		case c.Status != StatusOpen:
		case at.For != 0:
			mayGet = []AgentHandle{at.For}
		case at.State == StateWaiting && !q.Unserved:
			for m := range w.state.Members.All() {
				if m.Team == at.Team {
					mayGet = append(mayGet, m.Agent)
				}
			}
		}
		for _, handle := range mayGet {
			agent, _ := w.state.Agents.Get(handle)
			m, _ := w.state.Members.Of(at.Team, handle)
			if agent.Presence.Status == rotation.StatusAvailable && m.Verdict != rotation.DrainAllowance &&
				w.exceeded(c, at.Team, handle, 1) == "" && w.ofLate(at.Team, handle) < w.rateOf(at.Team) {
				w.t.Fatalf("%s waits in team %d, and %s is there and has a place", c.ID, at.Team, agent.ID)
			}
		}
	}
}

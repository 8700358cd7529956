package templates

import (
	"fmt"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// A desk is a state in which a template is in force, and time goes on.
type desk struct {
	t     *testing.T
	state *fsm.State
	nowMs int64
	n     int
}

const second = 1000

// begin puts a template in force. Ana and Ben are there; she is on the early shift,
// he on the late one that follows it after 10 seconds. The schedule opens then.
func begin(t *testing.T, name string, values map[string]string) *desk {
	filled, _ := fill(t, name, values)
	d := &desk{t: t, state: newState(t), nowMs: second}
	roster := func(id fsm.AgentID) []fsm.RosterEntry { return []fsm.RosterEntry{{Agent: id}} }
	days := []string{"mon"}
	d.do(
		fsm.PutPresence{Agent: "ana", Status: "available"}, fsm.PutPresence{Agent: "ben", Status: "available"},
		fsm.PutContact{ID: "p", Name: "P", Addresses: []string{"+1"}},
		fsm.PutSchedule{ID: "office", Name: "Office", Zone: "Europe/Berlin", Weekly: []fsm.WeeklyHours{{Days: days, From: "09:00", To: "17:00"}},
			Shifts: []fsm.Shift{{Name: "early", Days: days, From: "06:00", To: "14:00", Agents: roster("ana")},
				{Name: "late", Days: days, From: "14:00", To: "22:00", Agents: roster("ben")}},
			Ahead: fsm.Horizon{Zones: "test", FromMs: second, UntilMs: 1_000_000 * second, On: 0b010, Turns: []fsm.Turn{{AtMs: 11 * second, On: 0b101}}}},
		fsm.PutRule{ID: "new", Name: name, RuleBody: filled.RuleBody}, fsm.PublishRule{ID: "new"})
	return d
}

func (d *desk) do(commands ...fsm.Command) {
	d.t.Helper()
	for _, c := range commands {
		d.n++
		it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint("do", d.n)})
		it.NotAfterMs = d.nowMs + 60*second
		d.apply(it)
	}
}

func (d *desk) apply(items ...fsm.Item) {
	d.t.Helper()
	outcomes, err := d.state.Apply(d.state.Index+1, fsm.Entry{Format: fsm.EntryFormat, MinSemantics: 1, TimeMs: d.nowMs, Items: items})
	if err != nil || len(outcomes) > 0 && outcomes[0].Rejection != nil {
		d.t.Fatalf("%v, %+v", err, outcomes)
	}
}

// pass lets time go on, as an entry without items does.
func (d *desk) pass(seconds int64) {
	d.nowMs += seconds * second
	for range 4 { // chores go on in the next entry
		d.apply()
	}
}

// has checks who has a conversation; "" is nobody.
func (d *desk) has(when string, id fsm.ConversationID, agent fsm.AgentID) fsm.Conversation {
	d.t.Helper()
	c, _ := d.state.Conversations.ByID(id)
	row, _ := d.state.Agents.Get(c.Assignment.Assignee)
	if row.ID != agent {
		d.t.Errorf("%s: %q has it, want %q: %+v", when, row.ID, agent, c.Assignment)
	}
	return c
}

func opened(id fsm.ConversationID) fsm.Command {
	return fsm.OpenConversation{ID: id, Inbox: "wa", Contact: "p"}
}

// TestTemplatesOfSchedulesRun: by-shift, next-shift and office-hours.
func TestTemplatesOfSchedulesRun(t *testing.T) {
	d := begin(t, "by-shift", map[string]string{"team": "sales", "schedule": "office"})
	d.do(opened("c1"), opened("c2"))
	d.has("early", "c1", "ana")
	d.has("early, the second", "c2", "ana")
	d.do(fsm.PutPresence{Agent: "ana", Status: "away"}, opened("c3"))
	d.has("nobody on shift is there", "c3", "")
	d.pass(10)
	d.has("the late shift has begun", "c3", "ben")

	d = begin(t, "next-shift", map[string]string{"team": "sales", "schedule": "office"})
	d.do(opened("c1"))
	d.has("early", "c1", "ana")
	d.pass(10)
	d.has("late", "c1", "ben")

	d = begin(t, "office-hours", map[string]string{"team": "sales", "schedule": "office"})
	d.do(opened("c1"))
	d.has("closed", "c1", "")
	d.pass(10)
	d.has("open", "c1", "ana")
}

// TestTemplatesOfRepliesRun: prompt-transfer and escalate, and what a reply spares.
func TestTemplatesOfRepliesRun(t *testing.T) {
	heard := fsm.ReceiveMessage{Inbox: "wa", ID: "m1", From: fsm.Sender{Address: "+1"}, MintedContact: "q", MintedID: "c1"}
	said := fsm.AddMessage{Conversation: "c1", ID: "m2", Direction: "outbound", MintedID: "c9"}
	for _, answered := range []bool{false, true} {
		d := begin(t, "prompt-transfer", map[string]string{"team": "sales", "seconds": "60"})
		d.do(heard)
		d.has("new", "c1", "ana")
		if answered {
			d.do(said)
		}
		d.pass(59)
		d.has("in time", "c1", "ana")
		d.pass(2)
		d.has("too late", "c1", map[bool]fsm.AgentID{false: "ben", true: "ana"}[answered])
		d.pass(300)
		d.has("once", "c1", map[bool]fsm.AgentID{false: "ben", true: "ana"}[answered])

		d = begin(t, "escalate", map[string]string{"team": "sales", "to": "vip", "seconds": "60"})
		d.do(fsm.PutPresence{Agent: "ana", Status: "away"}, heard)
		d.has("new", "c1", "ben")
		if answered {
			d.do(said)
		}
		d.do(fsm.PutPresence{Agent: "ana", Status: "available"})
		d.pass(61)
		c := d.has("escalated", "c1", map[bool]fsm.AgentID{false: "ana", true: "ben"}[answered])
		if want := map[bool]uint8{false: 3, true: 0}[answered]; c.Priority != want {
			t.Errorf("answered %t: priority %d, want %d", answered, c.Priority, want)
		}
	}
}

// TestTagTeamRuns: a tag brings a conversation to the team that it chooses.
func TestTagTeamRuns(t *testing.T) {
	d := begin(t, "tag-team", map[string]string{"tag": "gold", "team": "vip"})
	d.do(opened("c1"), opened("c2"))
	d.has("untagged", "c2", "ben")
	d.do(fsm.PutTag{Conversation: "c2", Tag: "gold"})
	d.has("tagged", "c2", "ana")
}

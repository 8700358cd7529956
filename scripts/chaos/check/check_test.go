package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

type object = map[string]any

// turn is a decision by the rotation.
func turn(id, assignee, before string, passed ...string) object {
	list, counts := []object{}, object{}
	for _, agent := range passed {
		list = append(list, object{"agent": agent, "reason": "away"})
		counts["away"] = len(list)
	}
	return object{"id": id, "kind": "rotation", "assignee": assignee, "previous_assignee": nil, "cursor_before": before,
		"cursor_after": assignee, "consumed_turn": true, "passed_over": list, "passed_over_counts": counts}
}

// with returns a decision with something changed.
func with(d object, changes object) object {
	d = maps.Clone(d)
	maps.Copy(d, changes)
	return d
}

// A story is a history before it becomes lines.
type story struct {
	*history.Run
	events []object
}

func (s *story) event(id, kind, actor, conversation, agent, status string, decision object) {
	data := object{"actor": actor, "conversation": conversation, "agent": agent, "status": status, "team": "large", "inbox": "l1"}
	if decision != nil {
		data["decision"] = with(decision, object{"id": id})
	}
	index, _ := parsePlace(id)
	s.events = append(s.events, object{"id": id, "type": kind, "data": data,
		"time": fmt.Sprintf("2026-11-21T09:00:%02d.000Z", index.index)})
}

// op adds an operation that began when the one before had ended.
func (s *story) op(kind string, subject history.Subject, decision, assignee string, revision uint64) {
	n := len(s.Ops) + 1
	s.Ops = append(s.Ops, history.Op{N: n, Kind: kind, Actor: fmt.Sprintf("system:op-%d", n), Subject: subject,
		BeginUs: int64(n * 100), EndUs: int64(n*100 + 50), Outcome: history.OK, Tries: history.Tries{Sent: 1},
		Answer: history.Answer{Node: "n1", Status: 200, Index: uint64(20), Decision: decision, Conversation: subject.Conversation, Assignee: assignee, State: "open", Revision: revision}})
}

// healthy is a history in which all is well: two agents, four conversations, one
// of which had to wait.
func healthy() *story {
	s := &story{Run: &history.Run{
		Config: history.Config{ForUs: 10e6, Nemeses: []string{"kill"}, Nodes: 2, Rate: 1, Watching: true,
			Teams: []history.Team{{ID: "large", Members: []string{"a1", "a2"}, Inboxes: []string{"l1"}}}},
		Faults:  []history.Fault{{Kind: "kill", Nodes: []string{"n1"}, BeginUs: 1, EndUs: 2}},
		Terms:   []history.Term{{Term: 1, Leader: "n1"}, {Term: 2, Leader: "n2"}},
		Watches: map[string][]history.Event{}, Nodes: map[string]history.Dump{},
		End: history.End{WorkedUs: 1e6, Ended: 10},
	}}
	presence := func(id, actor, agent, status string) {
		s.event(id, typePresence, actor, "", agent, status, nil)
	}
	presence("1.0", "system:set-up", "a1", "available")
	presence("2.0", "system:set-up", "a2", "available")
	s.event("3.0", typeOpened, "system:op-1", "c1", "", "", turn("3.0", "a1", ""))
	s.op(history.Open, history.Subject{Conversation: "c1", Inbox: "l1"}, "3.0", "a1", 3)
	s.event("4.0", typeOpened, "system:op-2", "c2", "", "", turn("4.0", "a2", "a1"))
	s.op(history.Open, history.Subject{Conversation: "c2", Inbox: "l1"}, "4.0", "a2", 4)
	presence("5.0", "system:op-3", "a1", "away")
	s.op(history.Presence, history.Subject{Agent: "a1", Status: "away"}, "", "", 5)
	s.event("6.0", typeOpened, "system:op-4", "c3", "", "", turn("6.0", "a2", "a2", "a1"))
	s.op(history.Open, history.Subject{Conversation: "c3", Inbox: "l1"}, "6.0", "a2", 6)
	s.event("7.0", typeClosed, "system:op-5", "c1", "", "", nil)
	s.op(history.Close, history.Subject{Conversation: "c1"}, "", "a1", 7)
	s.event("8.0", "conversation.assigned", "system:op-6", "c3", "", "", object{"kind": "manual", "assignee": "a1", "previous_assignee": "a2"})
	s.op(history.Assign, history.Subject{Conversation: "c3", Agent: "a1"}, "8.0", "a1", 8)
	presence("9.0", "system:op-7", "a2", "away")
	s.op(history.Presence, history.Subject{Agent: "a2", Status: "away"}, "", "", 9)
	s.event("10.0", typeOpened, "system:op-8", "c4", "", "", with(turn("10.0", "", "a2", "a1", "a2"),
		object{"kind": "waiting", "reason": "no_one_available", "consumed_turn": false, "cursor_after": "a2"}))
	s.op(history.Open, history.Subject{Conversation: "c4", Inbox: "l1"}, "10.0", "", 10)
	presence("11.0", "system:op-9", "a1", "available")
	s.op(history.Presence, history.Subject{Agent: "a1", Status: "available"}, "", "", 11)
	s.event("11.1", "conversation.assigned", "system:op-9", "c4", "", "", turn("11.1", "a1", "a2"))
	s.op(history.Read, history.Subject{Conversation: "c4"}, "", "a1", 11)
	again := s.Ops[0]
	again.BeginUs, again.EndUs, again.Tries = 2000, 2050, history.Tries{Sent: 1, Again: 1, Replayed: true, Unknown: 1}
	again.Answer.Revision, again.Answer.State = 7, "closed"
	s.Ops[4].Answer.State = "closed"
	s.Ops[1].Tries.Unknown = 1
	s.Ops = append(s.Ops, again)
	return s
}

// lines writes the story down as both nodes and watchers saw it.
func (s *story) lines() *history.Run {
	var d history.Dump
	rows := map[string]object{}
	agents := map[string]string{}
	for _, event := range s.events {
		line, _ := json.Marshal(event)
		d.Events = append(d.Events, line)
		data := event["data"].(object)
		if id := data["conversation"].(string); id != "" {
			if rows[id] == nil {
				rows[id] = object{"id": id, "status": "open"}
			}
			if decision, ok := data["decision"].(object); ok {
				rows[id]["assignee"] = decision["assignee"]
			} else {
				rows[id]["status"] = "closed"
			}
		}
		if id := data["agent"].(string); id != "" {
			agents[id] = data["status"].(string)
		}
		for _, node := range []string{"n1", "n2"} {
			s.Watches[node] = append(s.Watches[node], history.Event{ID: event["id"].(string), Sum: uint64(len(line))})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		line, _ := json.Marshal(rows[id])
		d.Conversations = append(d.Conversations, line)
	}
	for _, id := range slices.Sorted(maps.Keys(agents)) {
		line, _ := json.Marshal(object{"id": id, "presence": object{"status": agents[id]}})
		d.Agents = append(d.Agents, line)
	}
	s.Nodes["n1"], s.Nodes["n2"] = d, d
	return s.Run
}

func (s *story) decision(at int) object { return s.events[at]["data"].(object)["decision"].(object) }

func TestHealthy(t *testing.T) {
	v := Judge(healthy().lines())
	if !v.Pass() {
		for _, c := range v.Checks {
			t.Log(c.Name, c.First)
		}
		t.Fatal(v, v.Void)
	}
}

// TestDoctoredStory breaks the history before it is written down: the cluster did
// something wrong.
func TestDoctoredStory(t *testing.T) {
	for _, test := range []struct {
		what, broken, says string
		doctor             func(*story)
	}{
		{"a decision is gone", "lost", "decision 4.0 about c2, which is gone", func(s *story) { s.events = slices.Delete(s.events, 3, 4) }},
		{"a close left no record", "lost", "close system:op-5 was acknowledged and left no record", func(s *story) { s.events = slices.Delete(s.events, 6, 7) }},
		{"presence was undone", "lost", "a1 was told to be available and is away", func(s *story) {
			s.event("12.0", typePresence, "system:set-up", "", "a1", "away", nil)
		}},
		{"decided twice", "repeated", "open system:op-1 happened 2 times", func(s *story) {
			s.event("12.0", typeOpened, "system:op-1", "c1", "", "", turn("12.0", "a1", "a1", "a2"))
		}},
		{"refused, and yet done", "repeated", "told that it had not happened", func(s *story) { s.Ops[3].Outcome = history.Refused }},
		{"nobody sent it", "repeated", "whom nobody has sent", func(s *story) { s.events[4]["data"].(object)["actor"] = "system:op-77" }},
		{"another answer the second time", "repeated", "was sent again and answered", func(s *story) { s.Ops[len(s.Ops)-1].Answer.Decision = "4.0" }},
		{"a replay that does not say so", "repeated", "does not say so", func(s *story) { s.Ops[len(s.Ops)-1].Tries.Replayed = false }},
		{"the key says no", "repeated", "its key said 409", func(s *story) { s.Ops[1].Tries.Resolved = 409 }},
		{"decided out of order", "reordered", "open system:op-1 was decided at 3.0, although system:op-2", func(s *story) {
			s.Ops[0].BeginUs, s.Ops[0].EndUs = 270, 280
		}},
		{"an old index", "stale", "shows index 9, and 10 had been", func(s *story) { s.Ops[9].Answer.Index = 9 }},
		{"an old revision", "stale", "shows revision 9 of c4", func(s *story) { s.Ops[9].Answer.Revision = 9 }},
		{"not found", "stale", "did not find c4", func(s *story) {
			s.Ops[9].Outcome, s.Ops[9].Answer = history.Refused, history.Answer{Status: 404}
		}},
		{"two contents of a revision", "stale", "revision 10 of c4 is open of", func(s *story) { s.Ops[9].Answer.Revision = 10 }},
		{"time goes back", "time", "7.0 was at", func(s *story) { s.events[6]["time"] = "2026-11-21T08:59:00.000Z" }},
		{"the wrong turn", "ring", "it was the turn of a1", func(s *story) {
			maps.Copy(s.decision(2), object{"assignee": "a2", "cursor_after": "a2"})
		}},
		{"the wrong cursor", "ring", "the cursor goes from", func(s *story) { s.decision(3)["cursor_before"] = "a2" }},
		{"somebody passed over in silence", "ring", "must have passed over", func(s *story) { s.decision(5)["passed_over"] = []object{} }},
		{"the wrong reason", "ring", "must have passed over", func(s *story) {
			s.decision(5)["passed_over"] = []object{{"agent": "a1", "reason": "in_break"}}
		}},
		{"waits without need", "ring", "it must wait, and a1 was there", func(s *story) {
			s.event("12.0", typeOpened, "system:set-up", "c5", "", "", with(turn("", "", "a1"),
				object{"kind": "waiting", "reason": "no_one_available", "consumed_turn": false, "cursor_after": "a1"}))
		}},
		{"overtaken", "ring", "it overtook c4", func(s *story) {
			s.events[len(s.events)-1]["data"].(object)["conversation"] = "c5"
		}},
		{"claimed from under somebody", "ring", "it was claimed by a2, and a1 had it", func(s *story) {
			maps.Copy(s.decision(7), object{"kind": "claim", "assignee": "a2", "previous_assignee": "a1"})
			maps.Copy(s.decision(5), object{"assignee": "a1"})
		}},
		{"two had it", "ring", "previous_assignee is a1, and a2 had it", func(s *story) { s.decision(7)["previous_assignee"] = "a1" }},
	} {
		t.Run(test.what, func(t *testing.T) {
			s := healthy()
			test.doctor(s)
			wantBroken(t, Judge(s.lines()), test.broken, test.says)
		})
	}
}

// TestDoctoredRun breaks what was written down: somebody was told something else.
func TestDoctoredRun(t *testing.T) {
	for _, test := range []struct {
		what, broken, says string
		doctor             func(*history.Run)
	}{
		{"a conversation is gone", "lost", "there is no conversation c1", func(r *history.Run) { dropRow(r, 0) }},
		{"a watcher missed one", "events", "saw 4.0 where 3.0 should follow", func(r *history.Run) { r.Watches["n2"] = slices.Delete(r.Watches["n2"], 2, 3) }},
		{"a watcher saw one twice", "events", "saw 3.0 where 4.0 should follow", func(r *history.Run) {
			r.Watches["n2"] = slices.Insert(r.Watches["n2"], 3, r.Watches["n2"][2])
		}},
		{"a watcher saw something else", "events", "saw something else as 3.0", func(r *history.Run) { r.Watches["n2"][2].Sum++ }},
		{"a watcher did not see the end", "events", "5 of 12 records", func(r *history.Run) { r.Watches["n1"] = r.Watches["n1"][:5] }},
		{"a watcher was reset", "events", "was reset at", func(r *history.Run) { r.Watches["n1"][1].Reset = true }},
		{"a watcher saw nothing", "events", "1 of 2 watchers", func(r *history.Run) { delete(r.Watches, "n1") }},
		{"a node differs", "nodes", "conversations of n1 and n2 differ in line 1", func(r *history.Run) {
			d := r.Nodes["n2"]
			d.Conversations = slices.Clone(d.Conversations)
			d.Conversations[0] = []byte(`{"id":"c1","status":"open"}`)
			r.Nodes["n2"] = d
		}},
		{"a node has less", "nodes", "n1 has 2 agents and n2 has 1", func(r *history.Run) {
			d := r.Nodes["n2"]
			d.Agents = d.Agents[:1]
			r.Nodes["n2"] = d
		}},
		{"a node is missing", "nodes", "1 of 2 nodes could be read", func(r *history.Run) { delete(r.Nodes, "n2") }},
		{"no node is left", "readable", "no node could be read", func(r *history.Run) { clear(r.Nodes) }},
		{"a server ended", "servers", "n2 ended by itself", func(r *history.Run) { r.Exits = []history.Exit{{Node: "n2", AtUs: 5e6, How: "exit status 2"}} }},
		{"another node's disk", "servers", "n2 ended by itself", func(r *history.Run) {
			r.Faults = append(r.Faults, history.Fault{Kind: "disk", Nodes: []string{"n1"}, BeginUs: 4e6, EndUs: 6e6})
			r.Exits = []history.Exit{{Node: "n2", AtUs: 5e6}}
		}},
		{"no recovery", "servers", "n1 has not recovered", func(r *history.Run) { r.End.Problems = []string{"n1 has not recovered"} }},
		{"a record that is none", "readable", "cannot be read", func(r *history.Run) {
			d := r.Nodes["n1"]
			d.Events = append(slices.Clone(d.Events), []byte(`{"id":"x"}`))
			r.Nodes["n1"] = d
		}},
	} {
		t.Run(test.what, func(t *testing.T) {
			run := healthy().lines()
			test.doctor(run)
			wantBroken(t, Judge(run), test.broken, test.says)
		})
	}
}

func dropRow(r *history.Run, at int) {
	for name, d := range r.Nodes {
		d.Conversations = slices.Delete(slices.Clone(d.Conversations), at, at+1)
		r.Nodes[name] = d
	}
}

func wantBroken(t *testing.T, v Verdict, broken, says string) {
	t.Helper()
	if !strings.HasPrefix(v.String(), "violation: ") || v.Pass() {
		t.Errorf("the verdict is %s", v)
	}
	for _, c := range v.Checks {
		if c.Name == broken {
			if !strings.Contains(strings.Join(c.First, "\n"), says) {
				t.Errorf("%s says %q, want %q", broken, c.First, says)
			}
			return
		}
	}
	t.Errorf("there is no check %s", broken)
}

// TestDiskExcuses: a node may end when its disk is spoiled.
func TestDiskExcuses(t *testing.T) {
	run := healthy().lines()
	run.Faults = append(run.Faults, history.Fault{Kind: "disk", Nodes: []string{"n2"}, BeginUs: 4e6, EndUs: 6e6})
	run.Exits = []history.Exit{{Node: "n2", AtUs: 5e6, How: "exit status 3"}}
	if v := Judge(run); !v.Pass() {
		t.Error(v, v.Checks[len(v.Checks)-1].First)
	}
}

func TestVoid(t *testing.T) {
	for _, test := range []struct {
		what, says string
		doctor     func(*history.Run)
	}{
		{"too slow", "10 operations a second, and 11 are needed", func(r *history.Run) { r.Config.Rate = 11 }},
		{"no fault", "0 faults of kind kill, and 1 are needed", func(r *history.Run) { r.Faults = nil }},
		{"one kind is missing", "0 faults of kind power", func(r *history.Run) { r.Config.Nemeses = append(r.Config.Nemeses, "power") }},
		{"no leader change", "0 leader changes", func(r *history.Run) { r.Terms = r.Terms[:1] }},
		{"no unknown outcome", "0 answers were lost or unknown", func(r *history.Run) {
			for i := range r.Ops {
				r.Ops[i].Tries.Unknown = 0
			}
		}},
	} {
		t.Run(test.what, func(t *testing.T) {
			run := healthy().lines()
			test.doctor(run)
			v := Judge(run)
			if v.Pass() || v.String() != "void" || !strings.Contains(strings.Join(v.Void, "\n"), test.says) {
				t.Errorf("%s: %q, want %q", v, v.Void, test.says)
			}
		})
	}
}

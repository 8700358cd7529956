package fsm

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/rondohq/rondo/rotation"
)

func fallbackOf(steps []dumbStep) *FallbackSettings {
	if len(steps) == 0 {
		return nil
	}
	return &FallbackSettings{To: steps[0].to, Agent: AgentID(steps[0].agent), Team: TeamID(steps[0].team),
		AfterSeconds: new(uint32(steps[0].afterMs / 1000)), Then: fallbackOf(steps[1:])}
}

func drawRules(t *rapid.T) dumbRules {
	r := dumbRules{
		strategy:   pickOne(t, []string{"round_robin", "round_robin", "round_robin", "least_open", "weighted"}, "strategy"),
		order:      pickOne(t, orders, "order"),
		onReturn:   pickOne(t, []string{"wait_turn", "wait_turn", "wait_turn", "next"}, "on return"),
		assignTo:   pickOne(t, []string{"available", "available", "available", "available", "not_away", "anyone"}, "assign to"),
		per:        pickOne(t, pers, "per"),
		burst:      upTo(t, 3, "burst"),
		intervalMs: pickOne(t, []int64{1000, 30_000}, "interval"),
		alertMs:    pickOne(t, []int64{0, 4000, 4000, 300_000}, "alert"),
	}
	if r.strategy == "weighted" && r.order == "least_recently_assigned" {
		r.order = "list" // the other way round it is refused
	}
	if upTo(t, 2, "excludes") == 0 {
		r.exclude = []string{"spam"}
	}
	for range 1 + upTo(t, 2, "more steps") {
		step := dumbStep{to: pickOne(t, fallbackPool, "fallback"), afterMs: pickOne(t, []int64{0, 0, 4000, 31_000}, "after")}
		switch step.to {
		case "agent":
			step.agent = string(pickOne(t, agentPool, "fallback agent"))
		case "team":
			step.team = string(pickOne(t, []TeamID{"t0", "t1", "t2"}, "fallback team"))
		}
		r.fallback = append(r.fallback, step)
		if step.to == "agent" || step.to == "team_inbox" {
			break
		}
	}
	return r
}

// drawAgent is somebody who is called something else or has learned something,
// perhaps what a conversation waits for.
func (w *world) drawAgent(t *rapid.T, id AgentID) sending {
	name := pickOne(t, namePool, "name")
	languages, skills := pickOne(t, languagePool, "languages"), pickOne(t, [][]string{nil, {"vip"}}, "skills")
	lacked := func(c *dumbConversation) bool { return c.state == "waiting" && c.restriction() != "" }
	if c := find(w.model.conversations, lacked); c != nil && upTo(t, 3, "learns") > 0 {
		languages, skills = []string{"de", "es"}, []string{"vip"}
		if there := find(c.team.members, func(m *dumbMember) bool { return c.team.objection(m) == "" }); there != nil {
			id = AgentID(there.agent.id)
		}
	}
	return w.agent(id, name, languages, skills)
}

// drawResort prefers a team whose order has grown stale.
func (w *world) drawResort(t *rapid.T, id TeamID) sending {
	stale := func(team *dumbTeam) bool {
		renamed := func(m *dumbMember) bool { return m.rank != sortText(m.agent.name) }
		return team.rules.order == "name" && slices.ContainsFunc(team.members, renamed)
	}
	if team := find(w.model.teams, stale); team != nil && upTo(t, 3, "stale") > 0 {
		id = TeamID(team.id)
	}
	return w.send(ResortRotation{id}, func(d *dumb) string { return d.resort(string(id)) })
}

// drawUntag prefers a conversation that its tags keep out of the rotation.
func (w *world) drawUntag(t *rapid.T, id ConversationID) sending {
	tag := pickOne(t, tagPool, "tag")
	excluded := func(c *dumbConversation) bool { return c.state == "manual" && c.cause == "excluded" }
	if c := find(w.model.conversations, excluded); c != nil && upTo(t, 3, "excluded") > 0 {
		id, tag = ConversationID(c.id), "spam"
	}
	return w.send(DeleteTag{id, tag}, func(d *dumb) string { return d.deleteTag(string(id), tag) })
}

// compareTeam compares a team's ring, whose turn is next in each, its portions
// and its queue.
func (w *world) compareTeam(t *rapid.T, team *dumbTeam) {
	row, _ := w.state.Teams.ByID(TeamID(team.id))
	var got, want []string
	for seat := range w.state.Members.Ring(row.Handle).After(rotation.Key{}) {
		m, _ := w.state.Members.Of(row.Handle, AgentHandle(seat.Agent))
		got = append(got, fmt.Sprintln(w.name(m.Agent), m.Verdict, m.Position, m.Draining, m.Allowance, m.AllowanceMs))
	}
	for _, m := range team.ring() {
		verdict := team.objection(m)
		if verdict == "" {
			verdict = "eligible"
		}
		want = append(want, fmt.Sprintln(m.agent.id, verdict, m.position, m.draining, m.allowance, m.refillMs))
	}
	if !slices.Equal(got, want) || int(row.Members) != len(want) {
		t.Fatalf("ring of %s: got %v (%d), want %v", team.id, got, row.Members, want)
	}
	for _, c := range w.model.conversations[max(0, len(w.model.conversations)-6):] { // whoever would take it here
		asked, _ := w.state.Conversations.ByID(ConversationID(c.id))
		ch := choose(w.state, row, &asked)
		next, _, _ := w.model.pick(team, c)
		a, b := w.name(ch.cursor.Agent), nameOfAgent(team.cursors[team.ringName(c)].agent)
		if next == nil != !ch.Found || next != nil && w.name(AgentHandle(ch.Next.Agent)) != next.agent.id || a != b {
			t.Fatalf("%s in %s: cursor %q and next %v, want %q and %v", c.id, team.id, a, ch, b, next)
		}
	}
	q, waits := w.state.Queues.Get(row.Handle)
	if waits != (team.episode != nil) {
		t.Fatalf("queue of %s: %+v, want %+v", team.id, q, team.episode)
	}
	if e := team.episode; waits && (q.AlertMs != e.alertMs || q.Alerted != e.alerted || q.Unserved != e.unserved) {
		t.Fatalf("queue of %s: %+v, want %+v", team.id, q, e)
	}
}

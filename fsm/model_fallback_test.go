package fsm

import (
	"cmp"
	"fmt"
	"slices"
)

// The dumb model, continued: fallbacks, and who goes first.

// steps are what a team's fallback does: a wait only puts off what comes after it.
func (t *dumbTeam) steps() (list []dumbStep) {
	wait := int64(0)
	for i, s := range t.rules.fallback {
		wait += s.afterMs
		if s.to != "wait" {
			s.afterMs, s.number, wait = wait, i, 0
			list = append(list, s)
		}
	}
	return list
}

// due is when the next step of the fallback comes for c, if one does.
func (c *dumbConversation) due() (ms int64, step dumbStep, ok bool) {
	steps := c.chain.steps()
	if len(steps) == 0 {
		return 0, step, false
	}
	step = steps[min(c.step, len(steps)-1)]
	return c.stepMs + step.afterMs, step, true
}

// fall takes c, for whom nobody may be picked, through its fallback.
func (d *dumb) fall(c *dumbConversation, x dumbDecision) {
	for {
		ms, step, ok := c.due()
		if !ok || ms > d.nowMs {
			d.wait(c, x)
			return
		}
		x.step, x.restriction = fmt.Sprint(step.number), c.restriction()
		x.cursor = nameOfAgent(c.team.cursors[c.team.ringName(c)].agent)
		x.after = x.cursor
		x.kind = "fallback"
		switch step.to {
		case "agent":
			d.give(c, "assigned", d.agent(step.agent), x)
			return
		case "team_inbox":
			x.cause = "fallback"
			d.give(c, "manual", nil, x)
			return
		}
		home := c.chain
		c.team, c.stepMs = d.team(step.team), d.nowMs
		if c.step++; c.step >= len(home.steps()) {
			c.chain, c.step = c.team, 0
		}
		if c.excluded(c.team) {
			d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: x.trigger, cause: "excluded", step: x.step})
			return
		}
		if d.busy(c.team, x.trigger) {
			x.cause, x.passed = "queue_ahead", nil
			d.wait(c, x)
			return
		}
		next, by, passed := d.pick(c.team, c)
		x.passed = passed
		if next != nil {
			d.award(c.team, c, next, by, x)
			return
		}
	}
}

// dueIn returns what is due first in the chain of a team.
func (d *dumb) dueIn(chain *dumbTeam) (first *dumbConversation, ms int64) {
	for _, c := range d.conversations {
		if c.state != "waiting" || c.chain != chain {
			continue
		}
		due, _, ok := c.due()
		sooner := ok && (first == nil || cmp.Or(cmp.Compare(due, ms), cmp.Compare(c.step, first.step), cmp.Compare(c.stepMs, first.stepMs)) < 0)
		if sooner {
			first, ms = c, due
		}
	}
	return first, ms
}

func (d *dumb) fallDue(chain *dumbTeam, trigger string) {
	for free := true; ; free = false {
		c, ms := d.dueIn(chain)
		if c == nil || ms > d.nowMs || !free && d.steps == 0 {
			return
		}
		if !free {
			d.steps--
		}
		if c.team.episode.unserved {
			if d.busy(c.team, trigger) {
				return
			}
			continue
		}
		_, _, passed := d.pick(c.team, c)
		d.leave(c)
		if c.excluded(c.team) {
			d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: trigger, cause: "excluded"})
			continue
		}
		d.fall(c, dumbDecision{trigger: trigger, passed: passed})
	}
}

// rejudge is a member of whom it is asked anew whether she may be picked. One who
// returns while something waits for her gets her portion, once an episode.
func (d *dumb) rejudge(t *dumbTeam, m *dumbMember, could bool) {
	can := t.accepts(m.agent.status)
	if can && !could && !m.draining && t.portions() && d.waitsFor(t, m) {
		m.draining, m.allowance = true, t.rules.burst
	}
	returned := func(c *dumbCredit) bool { return c.member == m && c.decision == "" }
	if could && !can || t.rules.onReturn != "next" {
		t.credits = slices.DeleteFunc(t.credits, returned)
	}
	if can && !could && m.was && t.rules.onReturn == "next" && !slices.ContainsFunc(t.credits, returned) {
		t.credit(&dumbCredit{member: m, seq: d.seq, expiresMs: d.nowMs + 24*3600*1000})
	}
	m.was = m.was || can
}

// credit adds one: the oldest first, and of those that are equally old the one of
// the agent who was born first.
func (t *dumbTeam) credit(c *dumbCredit) {
	t.credits = append(t.credits, c)
	slices.SortStableFunc(t.credits, func(a, b *dumbCredit) int {
		return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.member.agent.born, b.member.agent.born))
	})
}

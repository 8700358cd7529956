package fsm

import "slices"

// What arrives is left to the rules that answer to it (decision 7, step 4): it stands
// in the team inbox for as long as the command that brought it takes, or for as long
// as a rule waits. What no rule has given to anybody in the end goes the usual way.

// An asked is which rules were asked before a decision, and which one answered.
type asked struct {
	rule    RuleID // "": none
	edition uint64
	missed  []Missed
}

// leaveToRule leaves c to the rules, if one of them answers to an event. If none does,
// the decision of the usual way says which were asked. It costs one look where no rule
// is in force.
func leaveToRule(tx *Tx, c *Conversation, inbox Inbox, event Event) bool {
	if tx.Rules.live.Len() == 0 {
		return false
	}
	left := *c // as it will stand when they run
	left.Assignment = Assignment{State: StateManual, Cause: CauseRule, SinceMs: tx.NowMs, Team: inbox.Team}
	about := facts{state: tx.State, conversation: &left, contact: customerOf(tx.State, *c)}
	var missed []Missed
	for _, on := range triggersOf(tx, c, event) {
		rule, before, ok := matchRuleAbout(tx.State, firing{on: on, conversation: c.Handle, contact: c.Contact}, about)
		missed = append(missed, before...)
		missed = missed[:min(len(missed), MaxMissed)]
		if ok {
			tx.asked = asked{rule.ID, rule.Edition, missed}
			leaveToPeople(tx, c, inbox.Team, CauseRule, event)
			return true
		}
	}
	tx.asked = asked{missed: missed}
	return false
}

// nameRule puts into a decision about the subject which rule made it, and which were
// asked before.
func nameRule(tx *Tx, d *Decision) {
	if co := tx.answers.course; co != nil {
		d.Rule, d.RuleRevision, d.Missed = string(co.rule.ID), co.run.Edition, co.missed
		return
	}
	d.Rule, d.RuleRevision, d.Missed = string(tx.asked.rule), tx.asked.edition, tx.asked.missed
	tx.asked = asked{}
}

// opens says whether a decision about c is the one that a repeated open is answered
// with: that of the rules to which c was left as it was opened.
func opens(rec Record, c *Conversation) bool {
	d := rec.Decision
	return d != nil && c.Opening == c.Decided && d.Was != nil && d.Was.Cause == CauseRule &&
		(d.Rule != "" || slices.Contains(d.Notes, RuleGaveNobody))
}

// hadBefore returns who had a conversation before a decision, or before it was left
// to the rules that made the decision.
func hadBefore(s *State, d *Decision, c *Conversation) AgentHandle {
	if d.Before != 0 || d.Was == nil || d.Was.State != StateManual || d.Was.Cause != CauseRule {
		return d.Before
	}
	if leaving, ok := s.Records.At(c.Decided); ok && leaving.Decision != nil {
		return leaving.Decision.Before
	}
	return 0
}

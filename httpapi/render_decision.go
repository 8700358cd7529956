package httpapi

import "github.com/rondohq/rondo/fsm"

type decisionView struct {
	ID       string `json:"id"`
	At       moment `json:"at"`
	Actor    string `json:"actor"`
	Asserted bool   `json:"asserted"` // the actor is believed, not proven
	decisionSubject
	decisionRule
	decisionTurn
	decisionPassed
	Notes []string `json:"notes"`

	Explanation string `json:"explanation,omitempty"` // in plain words, with `explain=text`
}

type decisionSubject struct {
	Conversation *string `json:"conversation"`
	Event        string  `json:"event"`
	Trigger      string  `json:"trigger"`
	Kind         string  `json:"kind"`
	Reason       *string `json:"reason"` // why nobody
	Said         *string `json:"said"`   // the reason that who decided gave
	Undoes       *string `json:"undoes"` // the decision that this one took back
	Offer        *string `json:"offer"`  // that it made, or that was accepted by it
}

type decisionRule struct {
	Rule         *string `json:"rule"`
	RuleRevision *uint64 `json:"rule_revision"`
	Team         *string `json:"team"`
	Inbox        *string `json:"inbox"`
	Restriction  *string `json:"restriction"`

	RulesMissed []missedView `json:"rules_missed"` // asked before, in this order
}

// A missedView is a rule that was asked and did not answer.
type missedView struct {
	Rule   *string `json:"rule"`
	Failed string  `json:"failed"` // the first node of its condition that was not met
}

func viewMissed(v *fsm.State, missed []fsm.Missed) []missedView {
	list := make([]missedView, 0, len(missed))
	for _, m := range missed {
		row, _ := v.Rules.Get(m.Rule)
		list = append(list, missedView{orNull(row.ID), m.Failed})
	}
	return list
}

type decisionTurn struct {
	Assignee         *string `json:"assignee"`
	OfferedTo        *string `json:"offered_to"` // who was asked
	PreviousAssignee *string `json:"previous_assignee"`
	CursorBefore     *string `json:"cursor_before"`
	CursorAfter      *string `json:"cursor_after"`
	ConsumedTurn     bool    `json:"consumed_turn"`
}

type decisionPassed struct {
	PassedOver       []passedView      `json:"passed_over"`
	PassedOverCounts map[string]uint32 `json:"passed_over_counts"`
	FallbackStep     *uint8            `json:"fallback_step"`
}

type passedView struct {
	Agent  *string `json:"agent"`
	Reason string  `json:"reason"`
}

// viewDecision shows the decision that rec holds.
func viewDecision(v *fsm.State, rec fsm.Record) decisionView {
	d := rec.Decision
	view := decisionView{
		ID: rec.ID.String(), At: moment(rec.TimeMs), Actor: rec.Actor, Asserted: rec.Via == asserted,
		decisionSubject: decisionSubject{
			Conversation: conversationName(v, rec.Conversation),
			Event:        rec.Event.String(), Trigger: d.Trigger.String(), Kind: d.Kind.String(), Reason: orNull(d.Cause.String()),
			Said: orNull(rec.Reason), Undoes: orNull(rec.Undoes.String()), Offer: orNull(rec.Offer.String()),
		},
		decisionRule: decisionRule{
			Rule: orNull(d.Rule), Team: teamName(v, rec.Team), Inbox: inboxName(v, rec.Inbox), Restriction: orNull(d.Restriction),
			RulesMissed: viewMissed(v, d.Missed),
		},
		decisionTurn: decisionTurn{
			Assignee: agentName(v, d.Assignee), PreviousAssignee: agentName(v, d.Before),
			CursorBefore: agentName(v, d.CursorBefore), CursorAfter: agentName(v, d.CursorAfter), ConsumedTurn: d.Turn,
		},
		decisionPassed: decisionPassed{
			PassedOver:       make([]passedView, 0, len(d.Passed)),
			PassedOverCounts: make(map[string]uint32, len(d.Counts)),
			FallbackStep:     d.FallbackStep,
		},
		Notes: make([]string, 0, len(d.Notes)),
	}
	if rec.Event == fsm.OfferMade {
		view.OfferedTo = agentName(v, rec.Agent)
	}
	if d.RuleRevision != 0 {
		view.RuleRevision = &d.RuleRevision
	}
	for _, p := range d.Passed {
		view.PassedOver = append(view.PassedOver, passedView{agentName(v, p.Agent), p.Verdict.String()})
	}
	for _, c := range d.Counts {
		view.PassedOverCounts[c.Verdict.String()] += c.N
	}
	for _, n := range d.Notes {
		view.Notes = append(view.Notes, n.String())
	}
	return view
}

func conversationName(v *fsm.State, h fsm.ConversationHandle) *string {
	row, _ := v.Conversations.Get(h)
	return orNull(row.ID)
}

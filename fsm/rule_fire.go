package fsm

import "slices"

// Bounds of what one command, timer or step of a chore may set off. Beyond them the
// run at hand ends and says so, so that rules that set each other off do no harm.
const (
	MaxRuleDepth   = 8    // rules that have led to a run
	MaxRunsAtOnce  = 32   // begun or gone on
	MaxStepsAtOnce = 500  // of all these runs
	MaxStepsOfRun  = 100  // of one run, from where it began or waited last
	MaxWaitsOfRun  = 1000 // of one run: a jump back may lead to the same wait
)

// Answers are what rules have still to do behind the command, the timer or the step
// of a chore at hand. In between there is nothing of it.
type answers struct {
	firings []firing // the oldest first
	left    []firing // conversations that were left to rules: they are routed in the end, and the second time is passed over
	runs    int
	steps   int
	decided RecordID // the newest decision that a rule made
	course  *course  // the run whose step is carried out; nil: none
	bug     error    // a step failed without a reason
}

// fire notes that something has happened that rules may answer to. It costs one look
// where none does.
func fire(tx *Tx, f firing) {
	if !tx.Rules.answer(f.on) {
		return
	}
	if co := tx.answers.course; co != nil {
		f.depth, f.begunSeq = co.run.Depth+1, co.run.BegunSeq
	}
	tx.answers.firings = append(tx.answers.firings, f)
}

// answer says whether a rule in force has a trigger.
func (t Rules) answer(trigger string) bool {
	if t.live.Len() == 0 {
		return false
	}
	key, ok := first(t.live.From(rulePlace{on: trigger}))
	return ok && key.on == trigger
}

// tellRules fires what a record tells of. emit calls it for each, before the caller has
// stored the conversation.
func tellRules(tx *Tx, rec *Record, about *Conversation) {
	if tx.Runs.Len() > 0 && about != nil {
		wakeRuns(tx, rec, about)
	}
	if about != nil {
		noteWill(tx, rec, about)
		watchReply(tx, about)
		watchEscalation(tx, rec, about)
	}
	if tx.Rules.live.Len() == 0 {
		return
	}
	if about == nil {
		tellRulesOfOthers(tx, rec)
		return
	}
	for _, on := range triggersOf(tx, about, rec.Event) {
		left := rec.Decision != nil && rec.Decision.Cause == CauseRule
		desk := rec.Decision != nil && !left && on != OnClosed && hasDesk(tx.State, *about)
		fire(tx, firing{on: on, conversation: about.Handle, contact: about.Contact, origin: origin{because: rec.Event, left: left, desk: desk}})
	}
	switch rec.Event {
	case ConversationTagged:
		fireWords(tx, OnTagApplied, rec, about, rec.Tags)
	case ConversationUntagged:
		fireWords(tx, OnTagRemoved, rec, about, rec.Tags)
	default:
	}
}

// tellRulesOfOthers fires what is about no conversation.
func tellRulesOfOthers(tx *Tx, rec *Record) {
	if rec.Event == PresenceChanged {
		presenceFires(tx, rec)
	}
}

func fireWords(tx *Tx, on string, rec *Record, about *Conversation, words []string) {
	for _, word := range words {
		fire(tx, firing{on: on, conversation: about.Handle, contact: about.Contact, word: word, origin: origin{because: rec.Event}})
	}
}

// triggersOf returns the triggers that an event about a conversation is, in the
// order in which rules are asked: the most special first, since who answers to a
// reply knows more than who answers to any opening. An outbound opening is none: it
// is left alone until there is a reply (S1.15).
func triggersOf(tx *Tx, c *Conversation, event Event) []string {
	var on []string
	if tx.firstHeard && customersEvent(event) {
		if c.Direction == Outbound {
			on = append(on, OnReply)
		}
		on = append(on, OnFirstInbound)
	}
	switch {
	case event == ConversationOpened && c.Direction == Inbound && c.Status != StatusPending,
		event == ConversationHandedOff: // people have it from now on, and not before (K30)
		on = append(on, OnOpened)
	case event == ConversationReopened:
		on = append(on, OnReopened)
	case event == ConversationIsClosed:
		on = append(on, OnClosed)
	}
	return on
}

// customersEvent says whether an event may be that of a customer's message.
func customersEvent(event Event) bool {
	return event == ConversationOpened || event == MessageReceived || event == ConversationReopened
}

// runRules lets rules answer to all that has happened, in the order in which it did,
// and to what they make happen. Whatever applies a command, fires a timer or does a
// step of a chore calls it behind that, before it hands on. What was left to rules
// and nobody has by then goes the usual way: nothing is ever dropped. It says
// whether there was anything to do.
func runRules(tx *Tx) bool {
	if len(tx.answers.firings) == 0 {
		return false
	}
	tx.rearm()
	tx.answers.decided = RecordID{}
	actor, via, was := tx.actor, tx.via, tx.focus
	for len(tx.answers.firings) > 0 {
		f := tx.answers.firings[0]
		tx.answers.firings = tx.answers.firings[1:]
		tx.begin()
		if f.left {
			tx.answers.left = append(tx.answers.left, f)
		}
		if f.run != 0 {
			goOn(tx, f)
		} else {
			answer(tx, f, actor)
		}
		if len(tx.answers.firings) == 0 {
			tx.actor, tx.via = actor, via
			releaseLeft(tx)
		}
	}
	tx.actor, tx.via, tx.focus = actor, via, was
	tx.steps -= min(tx.steps, tx.answers.steps) // or each timer of an entry could do as much again
	tx.answers = answers{decided: tx.answers.decided, bug: tx.answers.bug}
	tx.rearm()
	return true
}

// releaseLeft sends what was left to rules the usual way of decision 7, unless somebody
// has it, or a run that waits has still to say who gets it.
func releaseLeft(tx *Tx) {
	for _, f := range tx.answers.left {
		c, ok := tx.Conversations.Get(f.conversation)
		if !ok || !c.leftToRule() || c.Status != StatusOpen || awaited(tx.State, c.Handle) {
			continue
		}
		tx.begin()
		tx.subject, tx.because = c.Handle, f.because
		tx.notes = append(tx.notes, RuleGaveNobody)
		inbox, _ := tx.Inboxes.Get(c.Inbox)
		routeUsual(tx, &c, inbox, ConversationAssigned)
	}
	tx.answers.left = nil
}

// leftToRule says whether a conversation waits for a rule to say who gets it.
func (c *Conversation) leftToRule() bool {
	return c.Assignment.State == StateManual && c.Assignment.Cause == CauseRule
}

// awaited says whether a run that waits has still to say who gets a conversation.
func awaited(s *State, c ConversationHandle) bool {
	for run := range s.Runs.About(c, 0) {
		if run.Pending.Left {
			return true
		}
	}
	return false
}

// answer begins the run of the first rule that answers to a firing.
func answer(tx *Tx, f firing, by string) {
	rule, missed, ok := matchRule(tx.State, f)
	if !ok {
		return
	}
	co := newCourse(tx, rule, f)
	co.by, co.missed = by, missed
	takeUp(tx, co)
	defer layDown(tx)
	switch {
	case tx.answers.runs >= MaxRunsAtOnce || tx.answers.steps >= MaxStepsAtOnce:
		tx.answers.firings = slices.DeleteFunc(tx.answers.firings, func(more firing) bool { return !more.left && more.run == 0 })
		co.end(tx, OutcomeTooManySteps)
	case f.depth > MaxRuleDepth:
		co.end(tx, OutcomeTooDeep)
	case underWay(tx.State, rule.Handle, co.run.Conversation, co.run.Contact):
		co.end(tx, OutcomeAlreadyRunning)
	default:
		co.proceed(tx)
	}
}

// takeUp makes a run the one whose steps are carried out, in the name of its rule.
func takeUp(tx *Tx, co *course) {
	tx.answers.course = co
	tx.actor, tx.via = rulePrincipal+string(co.rule.ID), co.by
}

func layDown(tx *Tx) { tx.answers.course = nil }

// rulePrincipal begins the principal of what a rule does.
const rulePrincipal = "rule:"

// markRuled marks a record of a step with the run that wrote it.
func markRuled(tx *Tx, rec *Record) {
	co := tx.answers.course
	if co == nil {
		return
	}
	if rec.Rule == 0 {
		rec.Rule, rec.Edition, rec.Run, rec.Step = co.run.Rule, co.run.Edition, co.run.Handle, uint16(co.number)
	}
	if rec.Decision != nil {
		tx.answers.decided = rec.ID
	}
}

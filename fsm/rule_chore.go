package fsm

import "cmp"

// ChoreRule lets rules answer for each open conversation that something concerns, or
// lets the runs go on that have waited for a schedule: a step of an entry each.
const ChoreRule ChoreKind = 20

// doRuleChore does one step of a chore that rules have, and says whether it is one.
func doRuleChore(tx *Tx, c Chore) bool {
	switch c.Kind {
	case ChoreRule:
		c.ofRule(tx)
	case ChorePatience:
		armPatience(tx, c)
	case ChoreDisowned:
		endDisowned(tx, c)
	default:
		return false
	}
	return true
}

// An OfRule is what has happened, of a chore of rules.
type OfRule struct {
	On       string         `cbor:"20,keyasint,omitempty"` // the trigger; "": runs that wait for the schedule go on
	Schedule ScheduleHandle `cbor:"21,keyasint,omitempty"`
	Word     string         `cbor:"22,keyasint,omitempty"` // status, shift
	Waits    PendingFor     `cbor:"23,keyasint,omitempty"` // of runs: what for
	Seq      uint64         `cbor:"24,keyasint,omitempty"` // of runs: when it came; who has begun to wait since waits for the next time
	Rule     RuleHandle     `cbor:"25,keyasint,omitempty"` // of ChoreDisowned: whose runs
}

func (o OfRule) compare(other OfRule) int {
	return cmp.Or(cmp.Compare(o.On, other.On), cmp.Compare(o.Schedule, other.Schedule),
		cmp.Compare(o.Word, other.Word), cmp.Compare(o.Waits, other.Waits), cmp.Compare(o.Rule, other.Rule))
}

// presenceFires begins the chore of a presence that has changed.
func presenceFires(tx *Tx, rec *Record) {
	if tx.Rules.answer(OnPresence) {
		Chore{Kind: ChoreRule, Agent: rec.Agent, Because: rec.Event,
			OfRule: OfRule{On: OnPresence, Word: rec.Status.String()}}.begin(tx)
	}
}

// shiftFires begins that of a shift's end, for one of those who were on it and are on
// none now (S3.27). Whoever turns a schedule calls it, for each of them.
func shiftFires(tx *Tx, schedule ScheduleHandle, shift string, agent AgentHandle) {
	if tx.Rules.answer(OnShiftEnded) {
		Chore{Kind: ChoreRule, Agent: agent, Because: ShiftEnded,
			OfRule: OfRule{On: OnShiftEnded, Schedule: schedule, Word: shift}}.begin(tx)
	}
}

// scheduleFires begins what follows when a schedule opens or closes: runs go on that
// have waited for it, and rules answer for what is in the teams and inboxes that
// they name. Whoever turns a schedule calls it.
func scheduleFires(tx *Tx, schedule ScheduleHandle, opens bool) {
	on, waits, because := OnScheduleClosed, PendingClosed, ScheduleClosed
	if opens {
		on, waits, because = OnScheduleOpened, PendingOpened, ScheduleOpened
	}
	runsGoOn(tx, schedule, waits, because)
	for rule := range tx.Rules.On(on) {
		if handle, ok := scheduleNamed(tx.State, rule.Live.On.Schedule); !ok || handle != schedule {
			continue
		}
		of := OfRule{On: on, Schedule: schedule}
		if team, ok := tx.Teams.ByID(rule.Live.On.Team); ok {
			Chore{Kind: ChoreRule, Team: team.Handle, Because: because, OfRule: of}.begin(tx)
		} else if inbox, ok := tx.Inboxes.ByID(rule.Live.On.Inbox); ok {
			Chore{Kind: ChoreRule, Because: because, OfRule: of, OfContact: OfContact{Inbox: inbox.Handle}}.begin(tx)
		}
	}
}

// scheduleGone lets all runs go on that have waited for a schedule that is removed: it
// opens and closes no more, and what is left to them would be for ever.
func scheduleGone(tx *Tx, schedule ScheduleHandle) {
	runsGoOn(tx, schedule, PendingOpened, ScheduleRemoved)
	runsGoOn(tx, schedule, PendingClosed, ScheduleRemoved)
}

// runsGoOn begins the chore of the runs that wait for a schedule, if there are any.
func runsGoOn(tx *Tx, schedule ScheduleHandle, waits PendingFor, because Event) {
	if key, ok := first(tx.Runs.pending.From(runPending{waits: waits, schedule: schedule})); ok && key.waits == waits && key.schedule == schedule {
		Chore{Kind: ChoreRule, Because: because, OfRule: OfRule{Schedule: schedule, Waits: waits, Seq: tx.Seq}}.begin(tx)
	}
}

// ofRule does one step of a chore of rules, and says whether there was one to do. The
// chore is stored as far as it has come, or removed.
func (c Chore) ofRule(tx *Tx) {
	next, found := c.nextOfRule(tx.State)
	if !found {
		tx.Chores.Delete(c)
		return
	}
	if !tx.step() {
		return
	}
	c.Resume = ConversationHandle(next) + 1
	tx.Chores.Put(c)
	tx.asTimer()
	tx.actor, tx.via = c.Actor, c.Via
	if run, _ := tx.Runs.Get(RunHandle(next)); c.On == "" && run.Pending.SinceSeq > c.Seq {
		return // it has closed, or opened, in the meantime
	} else if c.On == "" {
		tx.answers.firings = append(tx.answers.firings, firing{going: going{RunHandle(next), true}})
	} else if row, ok := tx.Conversations.Get(ConversationHandle(next)); ok && choreFires(tx.State, c, row) {
		fire(tx, firing{on: c.On, conversation: row.Handle, contact: row.Contact, agent: c.Agent, schedule: c.Schedule, word: c.Word,
			origin: origin{because: c.Because}})
	}
	runRules(tx)
}

// choreFires says whether rules are asked about a conversation by this chore. What is in
// a team that a rule names was asked about by the chore of that team.
func choreFires(s *State, c Chore, row Conversation) bool {
	if c.Inbox == 0 {
		return true
	}
	team, _ := s.Teams.Get(row.Assignment.Team)
	for rule := range s.Rules.On(c.On) {
		if handle, ok := scheduleNamed(s, rule.Live.On.Schedule); ok && handle == c.Schedule && rule.Live.On.Team == team.ID && team.ID != "" {
			return false
		}
	}
	return true
}

// nextOfRule returns the open conversation, or the run, that such a chore looks at
// next.
func (c Chore) nextOfRule(s *State) (uint64, bool) {
	switch {
	case c.On == "":
		key, ok := first(s.Runs.pending.From(runPending{c.Waits, c.Schedule, RunHandle(c.Resume)}))
		return uint64(key.run), ok && key.waits == c.Waits && key.schedule == c.Schedule
	case c.Agent != 0:
		key, ok := first(s.Conversations.openOf.From(assigned{c.Agent, c.Resume}))
		return uint64(key.handle), ok && key.agent == c.Agent
	case c.Team != 0:
		return nextOpenOn(s.Conversations.ofTeam, uint32(c.Team), c.Resume)
	default:
		return nextOpenOn(s.Conversations.ofInbox, uint32(c.Inbox), c.Resume)
	}
}

// nextOpenOn returns the open conversation of a shelf's owner with the lowest handle
// from one on. There are few phases, so it looks at each.
func nextOpenOn(shelves Index[shelf, Conversation], owner uint32, from ConversationHandle) (uint64, bool) {
	next, found := ConversationHandle(0), false
	for p := phase(0); ; {
		key, ok := first(shelves.From(shelf{owner, p, from}))
		if !ok || key.owner != owner || key.phase.closed() {
			return uint64(next), found
		}
		if key.phase == p {
			if key.phase.status() == StatusOpen && (!found || key.handle < next) {
				next, found = key.handle, true
			}
			p++
			continue
		}
		p = key.phase // another phase begins: look there from the handle on
	}
}

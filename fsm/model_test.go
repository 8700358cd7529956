package fsm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The dumb model: what the requirements say, in slices, names and walks over
// everything. It shares no code with the state machine and keeps no index, no
// handle and no verdict: whatever it needs to know it looks up anew. It says for
// every entry which decisions there must be, in which order and in which words. It knows
// no limits, rates, office hours or rules: those are recounted elsewhere (P7).
type dumb struct {
	nowMs int64
	seq   uint64
	steps int // left in this entry
	moved int // how often somebody joined or took a turn, for rings by who has waited longest

	agents        []*dumbAgent
	teams         []*dumbTeam
	inboxes       []*dumbInbox
	contacts      []*dumbContact
	conversations []*dumbConversation // oldest first

	decisions []string   // of this entry, as describeDecision renders them
	turns     []dumbTurn // of this entry
	weeds     []int64    // when lists of notifications are weeded
	beyond    bool       // an entry asked for more than its steps of one contact: the case is dropped
}

type dumbAgent struct {
	id, name, status string
	born             int
	languages        []string
	skills           []string
}

type dumbMember struct {
	agent     *dumbAgent
	rank      string
	position  int
	draining  bool
	allowance int
	refillMs  int64
	was       bool // she could be picked once
}

type dumbRules struct {
	strategy, order, assignTo, per, onReturn string
	fallback                                 []dumbStep
	exclude                                  []string
	burst                                    int
	intervalMs, alertMs                      int64
}

type dumbStep struct {
	to, agent, team string
	afterMs         int64
	number          int
}

// A dumbCredit lets somebody go first once.
type dumbCredit struct {
	member    *dumbMember
	seq       uint64
	expiresMs int64
	decision  string // "": she returned
	ring      string // where it counts, if it is a refund
	spent     bool
}

// A dumbPlace is where a cursor stands: behind everybody up to this rank.
type dumbPlace struct {
	rank  string
	agent *dumbAgent // nil: before the top
	slot  dumbSlot   // of a lap
}

type dumbTeam struct {
	id, name string
	rules    dumbRules
	members  []*dumbMember
	cursors  map[string]dumbPlace // by inbox, if each has its own ring, and restriction
	credits  []*dumbCredit
	episode  *dumbEpisode // while something waits
	sortings int          // how often those who stayed were put into another order
}

type dumbEpisode struct {
	alertMs           int64
	alerted, unserved bool
}

type dumbInbox struct {
	id, mode string
	team     *dumbTeam
}

type dumbContact struct {
	id      string
	address string
	owner   *dumbAgent
}

type dumbConversation struct {
	id        string
	inbox     *dumbInbox
	contact   *dumbContact
	direction string
	closed    bool
	closedMs  int64
	state     string // assigned, waiting, held, manual, outbound, "" (closed), or arriving
	team      *dumbTeam
	assignee  *dumbAgent
	sinceMs   int64
	queueSeq  uint64

	tags            []string
	language, skill string // that whoever takes it must have
	cause           string
	individual      bool // a person said so
	chain           *dumbTeam
	step            int
	stepMs          int64
	toldMs          int64 // since when it was held that has been told
}

func (c *dumbConversation) restriction() string {
	var parts []string
	if c.language != "" {
		parts = append(parts, "language="+c.language)
	}
	if c.skill != "" {
		parts = append(parts, "skill="+c.skill)
	}
	return strings.Join(parts, ";")
}

func (c *dumbConversation) suits(a *dumbAgent) bool {
	return (c.language == "" || slices.Contains(a.languages, c.language)) && (c.skill == "" || slices.Contains(a.skills, c.skill))
}

func (c *dumbConversation) excluded(t *dumbTeam) bool {
	return slices.ContainsFunc(c.tags, func(tag string) bool { return slices.Contains(t.rules.exclude, tag) })
}

// A dumbTurn says who could have been picked when somebody was.
type dumbTurn struct {
	ring     string // team and, where each has a ring of its own, inbox
	eligible []*dumbMember
	picked   *dumbMember
	even     bool // turns go round: by neither credit nor load
}

func find[T any](list []*T, is func(*T) bool) *T {
	at := slices.IndexFunc(list, is)
	if at < 0 {
		return nil
	}
	return list[at]
}

func (d *dumb) agent(id string) *dumbAgent {
	return find(d.agents, func(a *dumbAgent) bool { return a.id == id })
}

func (d *dumb) team(id string) *dumbTeam {
	return find(d.teams, func(t *dumbTeam) bool { return t.id == id })
}

func (d *dumb) inbox(id string) *dumbInbox {
	return find(d.inboxes, func(i *dumbInbox) bool { return i.id == id })
}

func (d *dumb) conversation(id string) *dumbConversation {
	return find(d.conversations, func(c *dumbConversation) bool { return c.id == id })
}

func (t *dumbTeam) member(a *dumbAgent) *dumbMember {
	return find(t.members, func(m *dumbMember) bool { return m.agent == a })
}

// ring returns the members in the order of their turns, from the top.
func (t *dumbTeam) ring() []*dumbMember {
	list := slices.Clone(t.members)
	slices.SortFunc(list, func(a, b *dumbMember) int {
		return cmp.Or(strings.Compare(a.rank, b.rank), cmp.Compare(a.agent.born, b.agent.born))
	})
	return list
}

func (t *dumbTeam) ringName(c *dumbConversation) string { return t.ringOf(c.inbox.id, c.restriction()) }

func (t *dumbTeam) ringOf(inbox, restriction string) string {
	if t.rules.per == "inbox" {
		return inbox + "|" + restriction
	}
	return "|" + restriction
}

// wholeRing is the one that goes by who has waited longest, where one does.
const wholeRing = "|"

func (t *dumbTeam) accepts(status string) bool {
	switch t.rules.assignTo {
	case "anyone":
		return true
	case "not_away":
		return status != "away"
	default:
		return status == "available"
	}
}

// objection is the one reason why a member may not be picked, or "".
func (t *dumbTeam) objection(m *dumbMember) string {
	switch {
	case !t.accepts(m.agent.status):
		return m.agent.status
	case m.draining && m.allowance == 0:
		return "drain_allowance"
	default:
		return ""
	}
}

func (t *dumbTeam) portions() bool { return t.rules.burst > 0 }

func (t *dumbTeam) objectionTo(c *dumbConversation, m *dumbMember) string {
	if !c.suits(m.agent) { // it does not pass by itself, so it comes first
		return "requirement"
	}
	return t.objection(m)
}

// inTurn returns the members from the one behind the cursor, going round.
func (t *dumbTeam) inTurn(ring string) []*dumbMember {
	cursor, list := t.cursors[ring], t.ring()
	longest := t.rules.order == "least_recently_assigned"
	switch {
	case longest && ring == wholeRing:
		return list
	case longest:
		slices.SortFunc(list, func(a, b *dumbMember) int { return cmp.Compare(a.agent.born, b.agent.born) })
	}
	var ahead, behind []*dumbMember
	for _, m := range list {
		here := cursor.agent != nil && (m.rank < cursor.rank || m.rank == cursor.rank && m.agent.born <= cursor.agent.born)
		if longest {
			here = cursor.agent != nil && m.agent.born <= cursor.agent.born
		}
		if here {
			behind = append(behind, m)
		} else {
			ahead = append(ahead, m)
		}
	}
	return append(ahead, behind...)
}

// pick says who takes c: by a credit, or else by the strategy of the team.
func (d *dumb) pick(t *dumbTeam, c *dumbConversation) (next *dumbMember, by *dumbCredit, passed []string) {
	ring := t.ringName(c)
	for _, credit := range t.credits {
		if !credit.spent && t.objectionTo(c, credit.member) == "" && credit.expiresMs >= d.nowMs && (credit.decision == "" || credit.ring == ring) {
			return credit.member, credit, nil
		}
	}
	around := t.inTurn(ring)
	if t.rules.strategy == "weighted" && slices.ContainsFunc(around, func(m *dumbMember) bool { return t.objectionTo(c, m) == "" }) {
		around = t.inLap(t.cursors[ring]) // of nobody's turn there is no lap
	}
	for _, m := range around {
		if t.objectionTo(c, m) == "" && (next == nil || t.rules.strategy == "least_open" && d.load(m) < d.load(next)) {
			next = m
		}
	}
	for _, m := range around {
		if m == next {
			break
		}
		why := t.objectionTo(c, m)
		if why == "" {
			why = "busier"
		}
		passed = append(passed, m.agent.id+" "+why)
	}
	return next, nil, passed
}

func (d *dumb) load(m *dumbMember) (open int) {
	for _, c := range d.conversations {
		if c.assignee == m.agent && !c.closed {
			open++
		}
	}
	return open
}

// waiting returns what waits in a team, first come first.
func (d *dumb) waiting(t *dumbTeam) []*dumbConversation {
	var list []*dumbConversation
	for _, c := range d.conversations {
		if c.state == "waiting" && c.team == t {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *dumbConversation) int { return cmp.Compare(a.queueSeq, b.queueSeq) })
	return list
}

// dumbDecision is a decision in words.
type dumbDecision struct {
	conversation, kind, trigger, before, assignee, cause, cursor, after string
	passed                                                              []string
	turn, absent                                                        bool
	restriction, step, note                                             string
}

func (x dumbDecision) String() string {
	return fmt.Sprintf("%s: %s on %s from %q to %q (%s) cursor %q to %q turn %v absent %v passed %s by %q step %s %s",
		x.conversation, x.kind, x.trigger, x.before, x.assignee, x.cause, x.cursor, x.after, x.turn, x.absent, strings.Join(x.passed, ", "), x.restriction, x.step, x.note)
}

func nameOfAgent(a *dumbAgent) string {
	if a == nil {
		return ""
	}
	return a.id
}

// give hands c to somebody, or to nobody, and writes it down.
func (d *dumb) give(c *dumbConversation, state string, to *dumbAgent, x dumbDecision) {
	x.conversation, x.before, x.assignee = c.id, nameOfAgent(c.assignee), nameOfAgent(to)
	x.absent = to != nil && to.status != "available"
	c.state, c.assignee, c.cause, c.individual = state, to, x.cause, false
	if state != "waiting" && x.cause != "excluded" {
		c.sinceMs = d.nowMs
	}
	d.decisions = append(d.decisions, x.String())
}

// enqueue is a conversation that comes to a team: behind all that wait there.
func (d *dumb) enqueue(c *dumbConversation, t *dumbTeam, event string) {
	c.team, c.queueSeq, c.sinceMs = t, d.seq, d.nowMs
	d.arrive(c, event)
}

// arrive is enqueue for one that may have its age already.
func (d *dumb) arrive(c *dumbConversation, event string) {
	t := c.team
	c.state, c.chain, c.step, c.stepMs = "arriving", t, 0, d.nowMs
	if c.excluded(t) {
		d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: event, cause: "excluded"})
		return
	}
	if d.busy(t, event) {
		d.wait(c, dumbDecision{trigger: event, cause: "queue_ahead"})
		return
	}
	next, by, passed := d.pick(t, c)
	if next == nil {
		d.fall(c, dumbDecision{trigger: event, passed: passed})
		return
	}
	d.award(t, c, next, by, dumbDecision{trigger: event, passed: passed})
}

// busy says whether something waits that somebody may take and the entry has no
// steps left for.
func (d *dumb) busy(t *dumbTeam, trigger string) bool {
	if t.episode != nil && t.episode.unserved {
		d.serve(t, trigger)
	}
	return t.episode != nil && t.episode.unserved
}

func (d *dumb) wait(c *dumbConversation, x dumbDecision) {
	t := c.team
	if x.cause != "queue_ahead" {
		x.cause = "no_one_available"
		if len(t.members) == 0 {
			x.cause = "no_members"
		}
	}
	x.kind, x.restriction = "waiting", c.restriction()
	x.cursor = nameOfAgent(t.cursors[t.ringName(c)].agent)
	x.after = x.cursor
	d.give(c, "waiting", nil, x)
	if t.episode == nil {
		t.episode = &dumbEpisode{}
		if t.rules.alertMs > 0 {
			t.episode.alertMs = c.sinceMs + t.rules.alertMs
		}
	}
}

// serve gives the oldest that somebody may take, again and again.
func (d *dumb) serve(t *dumbTeam, trigger string) {
	for t.episode != nil {
		var c *dumbConversation
		for _, waiting := range d.waiting(t) {
			if next, _, _ := d.pick(t, waiting); next != nil {
				c = waiting
				break
			}
		}
		t.episode.unserved = c != nil && d.steps == 0
		if c == nil || t.episode.unserved {
			return
		}
		d.steps--
		next, by, passed := d.pick(t, c)
		d.leave(c)
		if c.excluded(t) {
			d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: trigger, cause: "excluded"})
			continue
		}
		d.award(t, c, next, by, dumbDecision{trigger: trigger, passed: passed})
	}
}

// award is a turn.
func (d *dumb) award(t *dumbTeam, c *dumbConversation, next *dumbMember, by *dumbCredit, x dumbDecision) {
	ring := t.ringName(c)
	turn := dumbTurn{ring: fmt.Sprint(t.id, " ", ring, " ", t.sortings), picked: next, even: by == nil && t.rules.strategy == "round_robin"}
	for _, m := range t.members {
		if t.objectionTo(c, m) == "" {
			turn.eligible = append(turn.eligible, m)
		}
	}
	d.turns = append(d.turns, turn)
	x.cursor = nameOfAgent(t.cursors[ring].agent)
	x.kind, x.after, x.turn, x.restriction = "rotation", next.agent.id, true, c.restriction()
	if t.rules.strategy == "least_open" {
		x.kind = "least_open"
	}
	switch {
	case by == nil:
		if t.rules.order == "least_recently_assigned" && ring == wholeRing {
			next.rank = d.lastPlace()
		}
		t.cursors[ring] = dumbPlace{next.rank, next.agent, t.slotOf(next, t.cursors[ring])}
	case by.decision == "":
		x.note, x.after = "returned", x.cursor
		t.credits = slices.DeleteFunc(t.credits, func(c *dumbCredit) bool { return c == by })
	default:
		x.note, x.after, by.spent = "turn_refunded", x.cursor, true
	}
	d.give(c, "assigned", next.agent, x)
	if next.draining {
		if next.allowance--; next.allowance == 0 {
			next.refillMs = d.nowMs + t.rules.intervalMs
		}
	}
}

// lastPlace is behind everybody in a ring by who has waited longest.
func (d *dumb) lastPlace() string {
	d.moved++
	return fmt.Sprintf("%09d", d.moved)
}

// leave takes c out of its queue; the last one ends the episode, and the portions
// of those for whom nothing waits any more end, too.
func (d *dumb) leave(c *dumbConversation) {
	if c.state != "waiting" {
		return
	}
	c.state = ""
	for _, m := range c.team.members {
		if !d.waitsFor(c.team, m) {
			m.draining, m.allowance, m.refillMs = false, 0, 0
		}
	}
	if len(d.waiting(c.team)) == 0 {
		c.team.episode = nil
	}
}

func (d *dumb) waitsFor(t *dumbTeam, m *dumbMember) bool {
	return slices.ContainsFunc(d.waiting(t), func(c *dumbConversation) bool { return c.suits(m.agent) })
}

func (t *dumbTeam) endPortions() {
	for _, m := range t.members {
		m.draining, m.allowance, m.refillMs = false, 0, 0
	}
}

// A dumbTimer is due at a time; kinds and then the older team and agent first.
type dumbTimer struct {
	ms   int64
	kind int
	team int
	of   *dumbMember

	credit *dumbCredit
	held   *dumbConversation
}

func (d *dumb) timers() []dumbTimer {
	var list []dumbTimer
	for i, t := range d.teams {
		for _, m := range t.members {
			if m.refillMs > 0 {
				list = append(list, dumbTimer{m.refillMs, 1, i, m, nil, nil})
			}
		}
		if t.episode != nil && t.episode.alertMs > 0 {
			list = append(list, dumbTimer{t.episode.alertMs, 2, i, nil, nil, nil})
		}
		if c, ms := d.dueIn(t); c != nil {
			list = append(list, dumbTimer{ms, 30, i, nil, nil, nil})
		}
		for _, c := range t.credits {
			list = append(list, dumbTimer{c.expiresMs, 31, i, c.member, c, nil})
		}
	}
	for _, c := range d.conversations {
		if c.state == "held" && !c.closed && c.toldMs != c.sinceMs {
			list = append(list, dumbTimer{c.sinceMs + DefaultHeldAlertSeconds*1000, 60, 0, nil, nil, c})
		}
	}
	for _, ms := range d.weeds {
		list = append(list, dumbTimer{ms, 65, 0, nil, nil, nil})
	}
	slices.SortStableFunc(list, func(a, b dumbTimer) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.kind, b.kind), cmp.Compare(a.team, b.team),
			cmp.Compare(bornOf(a.of), bornOf(b.of)))
	}) // stable: of two credits the older one
	return list
}

func bornOf(m *dumbMember) int {
	if m == nil {
		return 0
	}
	return m.agent.born
}

// begin is the start of an entry: its time, and what has become due.
func (d *dumb) begin(nowMs int64) {
	d.nowMs, d.steps = max(d.nowMs, nowMs), StepsPerEntry
	d.decisions, d.turns = nil, nil
	for d.steps > 0 {
		timers := d.timers()
		if len(timers) == 0 || timers[0].ms > d.nowMs {
			return
		}
		d.steps--
		d.seq++
		if held := timers[0].held; held != nil {
			held.toldMs = held.sinceMs
			continue
		}
		if timers[0].kind == 65 {
			d.weeds = slices.Delete(d.weeds, 0, 1) // in the order of their times
			continue
		}
		t := d.teams[timers[0].team]
		if timers[0].kind == 30 {
			d.fallDue(t, "fallback.due")
			continue
		}
		if credit := timers[0].credit; credit != nil {
			t.credits = slices.DeleteFunc(t.credits, func(c *dumbCredit) bool { return c == credit })
			continue
		}
		if m := timers[0].of; m != nil {
			m.allowance, m.refillMs = 1, 0
			if t.objection(m) == "" {
				d.serve(t, "allowance.due")
			}
			continue
		}
		t.episode.alertMs = 0
		if due := d.waiting(t)[0].sinceMs + t.rules.alertMs; due > d.nowMs {
			t.episode.alertMs = due
		} else {
			t.episode.alerted = true
		}
	}
}

// end is the end of an entry: queues that an earlier one could not finish.
func (d *dumb) end() {
	for _, t := range d.teams {
		if t.episode != nil && t.episode.unserved && d.steps > 0 {
			t.episode.unserved = false
			d.seq++
			d.serve(t, "queue.resumed")
		}
	}
}

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
// every entry which decisions there must be, in which order and in which words.
type dumb struct {
	nowMs int64
	seq   uint64
	steps int // left in this entry

	agents        []*dumbAgent
	teams         []*dumbTeam
	inboxes       []*dumbInbox
	contacts      []*dumbContact
	conversations []*dumbConversation // oldest first

	decisions []string   // of this entry, as describeDecision renders them
	turns     []dumbTurn // of this entry
}

type dumbAgent struct {
	id, name, status string
	born             int
}

type dumbMember struct {
	agent     *dumbAgent
	rank      string
	position  int
	draining  bool
	allowance int
	refillMs  int64
}

type dumbRules struct {
	order, assignTo, per, fallback, fallbackAgent string
	burst                                         int
	intervalMs, alertMs                           int64
}

// A dumbPlace is where a cursor stands: behind everybody up to this rank.
type dumbPlace struct {
	rank  string
	agent *dumbAgent // nil: before the top
}

type dumbTeam struct {
	id, name string
	rules    dumbRules
	members  []*dumbMember
	cursors  map[string]dumbPlace // by inbox, "" for the ring of the whole team
	episode  *dumbEpisode         // while something waits
	sortings int                  // how often those who stayed were put into another order
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
}

// A dumbTurn says who could have been picked when somebody was.
type dumbTurn struct {
	ring     string // team and, where each has a ring of its own, inbox
	eligible []*dumbMember
	picked   *dumbMember
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

func (t *dumbTeam) ringName(i *dumbInbox) string {
	if t.rules.per == "inbox" {
		return i.id
	}
	return ""
}

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

func (t *dumbTeam) portions() bool { return t.rules.fallback == "wait" && t.rules.burst > 0 }

// pick walks once around the ring from the cursor.
func (t *dumbTeam) pick(ring string) (next *dumbMember, passed []string) {
	cursor := t.cursors[ring]
	var ahead, behind []*dumbMember
	for _, m := range t.ring() {
		here := cursor.agent != nil && (m.rank < cursor.rank || m.rank == cursor.rank && m.agent.born <= cursor.agent.born)
		if here {
			behind = append(behind, m)
		} else {
			ahead = append(ahead, m)
		}
	}
	for _, m := range append(ahead, behind...) {
		why := t.objection(m)
		if why == "" {
			return m, passed
		}
		passed = append(passed, m.agent.id+" "+why)
	}
	return nil, passed
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
}

func (x dumbDecision) String() string {
	return fmt.Sprintf("%s: %s on %s from %q to %q (%s) cursor %q to %q turn %v absent %v passed %s",
		x.conversation, x.kind, x.trigger, x.before, x.assignee, x.cause, x.cursor, x.after, x.turn, x.absent, strings.Join(x.passed, ", "))
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
	c.state, c.assignee, c.sinceMs = state, to, d.nowMs
	d.decisions = append(d.decisions, x.String())
}

// enqueue is a conversation that comes to a team: behind all that wait there.
func (d *dumb) enqueue(c *dumbConversation, t *dumbTeam, event string) {
	c.state, c.team, c.queueSeq = "arriving", t, d.seq
	busy := d.serve(t, event, c)
	if c.state != "arriving" {
		return
	}
	cause := "no_one_available"
	if len(t.members) == 0 {
		cause = "no_members"
	}
	_, passed := t.pick(t.ringName(c.inbox))
	if busy {
		cause, passed = "queue_ahead", nil
	}
	cursor := nameOfAgent(t.cursors[t.ringName(c.inbox)].agent)
	d.give(c, "waiting", nil, dumbDecision{kind: "waiting", trigger: event, cause: cause, passed: passed, cursor: cursor, after: cursor})
	if t.episode == nil {
		t.episode = &dumbEpisode{}
		if t.rules.alertMs > 0 {
			t.episode.alertMs = d.nowMs + t.rules.alertMs
		}
	}
}

// serve gives what waits to whoever's turn it is until nothing waits or nobody
// may be picked. It says whether the entry had no steps left for more.
func (d *dumb) serve(t *dumbTeam, trigger string, arrival *dumbConversation) (busy bool) {
	for {
		c := arrival
		if waiting := d.waiting(t); len(waiting) > 0 {
			c = waiting[0]
		}
		if c == nil || c == arrival && arrival.state != "arriving" {
			return false
		}
		if c != arrival {
			if d.steps == 0 {
				t.episode.unserved = true
				return true
			}
			d.steps--
		}
		if !d.place(t, c, trigger) {
			return false
		}
	}
}

// place gives c to the next in the ring or to the fallback. False: it must wait.
func (d *dumb) place(t *dumbTeam, c *dumbConversation, trigger string) bool {
	ring := t.ringName(c.inbox)
	next, passed := t.pick(ring)
	if next == nil && t.rules.fallback == "wait" {
		return false
	}
	cursor := nameOfAgent(t.cursors[ring].agent)
	x := dumbDecision{kind: "fallback", trigger: trigger, passed: passed, cursor: cursor, after: cursor}
	switch {
	case next != nil:
		turn := dumbTurn{ring: fmt.Sprint(t.id, " ", ring, " ", t.sortings), picked: next}
		for _, m := range t.members {
			if t.objection(m) == "" {
				turn.eligible = append(turn.eligible, m)
			}
		}
		d.turns = append(d.turns, turn)
		t.cursors[ring] = dumbPlace{next.rank, next.agent}
		x.kind, x.after, x.turn = "rotation", next.agent.id, true
		d.leave(c)
		d.give(c, "assigned", next.agent, x)
		if next.draining {
			if next.allowance--; next.allowance == 0 {
				next.refillMs = d.nowMs + t.rules.intervalMs
			}
		}
	case t.rules.fallback == "agent":
		d.leave(c)
		d.give(c, "assigned", d.agent(t.rules.fallbackAgent), x)
	default:
		x.cause = "fallback"
		d.leave(c)
		d.give(c, "manual", nil, x)
	}
	return true
}

// leave takes c out of its queue; the last one ends the episode.
func (d *dumb) leave(c *dumbConversation) {
	if c.state != "waiting" {
		return
	}
	c.state = ""
	if len(d.waiting(c.team)) == 0 {
		c.team.episode = nil
		c.team.endPortions()
	}
}

func (t *dumbTeam) endPortions() {
	for _, m := range t.members {
		m.draining, m.allowance, m.refillMs = false, 0, 0
	}
}

// returns is a member of whom it is not said any more that she may not be
// picked: while something waits she gets her portion, once an episode.
func (t *dumbTeam) returns(m *dumbMember) {
	if t.episode != nil && !m.draining && t.portions() {
		m.draining, m.allowance = true, t.rules.burst
	}
}

// A dumbTimer is due at a time; kinds and then the older team and agent first.
type dumbTimer struct {
	ms   int64
	kind int
	team int
	of   *dumbMember
}

func (d *dumb) timers() []dumbTimer {
	var list []dumbTimer
	for i, t := range d.teams {
		for _, m := range t.members {
			if m.refillMs > 0 {
				list = append(list, dumbTimer{m.refillMs, 1, i, m})
			}
		}
		if t.episode != nil && t.episode.alertMs > 0 {
			list = append(list, dumbTimer{t.episode.alertMs, 2, i, nil})
		}
	}
	slices.SortFunc(list, func(a, b dumbTimer) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.kind, b.kind), cmp.Compare(a.team, b.team),
			cmp.Compare(bornOf(a.of), bornOf(b.of)))
	})
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
		t := d.teams[timers[0].team]
		if m := timers[0].of; m != nil {
			m.allowance, m.refillMs = 1, 0
			if t.objection(m) == "" {
				d.serve(t, "allowance.due", nil)
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
			d.serve(t, "queue.resumed", nil)
		}
	}
}

package fsm

import (
	"fmt"
	"slices"
	"strings"
)

// The commands of the dumb model. Each returns what the client would be told:
// "created", "ok", or the reason of a refusal.

const (
	wordCreated = "created"
	wordOK      = "ok"
)

func (d *dumb) putAgent(id, name string, languages, skills []string) string {
	a := d.agent(id)
	if a == nil {
		d.agents = append(d.agents, &dumbAgent{id, name, "unavailable", len(d.agents) + 1, languages, skills})
		return wordCreated
	}
	if a.name == name && slices.Equal(a.languages, languages) && slices.Equal(a.skills, skills) {
		return wordOK
	}
	a.name, a.languages, a.skills = name, languages, skills
	var able []*dumbTeam
	for _, t := range d.teams {
		switch m := t.member(a); {
		case m == nil:
		case m.draining && !d.waitsFor(t, m):
			m.draining, m.allowance, m.refillMs = false, 0, 0
		case t.objection(m) == "":
			able = append(able, t)
		}
	}
	for _, t := range able {
		d.serve(t, "agent.changed")
	}
	return wordOK
}

func (d *dumb) putPresence(id, status string) string {
	a := d.agent(id)
	switch {
	case a == nil:
		return string(NotFound)
	case a.status == status:
		return wordOK
	}
	was := a.status
	var back []*dumbTeam
	for _, t := range d.teams {
		m := t.member(a)
		if m == nil {
			continue
		}
		before := t.objection(m)
		a.status = status
		d.rejudge(t, m, t.accepts(was))
		if before != "" && t.objection(m) == "" {
			back = append(back, t)
		}
		a.status = was
	}
	a.status = status
	for _, t := range back {
		d.serve(t, "agent.presence_changed")
	}
	return wordOK
}

func (d *dumb) putMember(team, agent string) string {
	t, a := d.team(team), d.agent(agent)
	switch {
	case t == nil, a == nil:
		return string(NotFound)
	case t.member(a) != nil:
		return wordOK
	}
	m := &dumbMember{agent: a}
	for _, other := range t.members {
		m.position = max(m.position, other.position+1)
	}
	m.rank = d.rankOf(t, m)
	t.members = append(t.members, m)
	d.rejudge(t, m, false)
	if t.objection(m) == "" {
		d.serve(t, "team.changed")
	}
	return wordCreated
}

func (d *dumb) rankOf(t *dumbTeam, m *dumbMember) string {
	switch t.rules.order {
	case "list":
		return fmt.Sprintf("%06d", m.position)
	case "least_recently_assigned":
		return d.lastPlace()
	default:
		return sortText(m.agent.name)
	}
}

// sortText stands for the collation, which the edge computes.
func sortText(name string) string { return strings.ToLower(name) }

func (d *dumb) deleteMember(team, agent string) string {
	t, a := d.team(team), d.agent(agent)
	if t == nil || a == nil || t.member(a) == nil {
		return string(NotFound)
	}
	t.lose(func(m *dumbMember) bool { return m.agent == a })
	return wordOK
}

// lose takes members out: what they had to come is not theirs any more.
func (t *dumbTeam) lose(who func(*dumbMember) bool) {
	for _, c := range t.credits {
		c.spent = c.spent || who(c.member)
	}
	t.credits = slices.DeleteFunc(t.credits, func(c *dumbCredit) bool { return c.decision == "" && who(c.member) })
	t.members = slices.DeleteFunc(t.members, who)
}

func (d *dumb) putTeam(id, name string, members []string, rules dumbRules) string {
	for _, m := range members {
		if d.agent(m) == nil {
			return string(UnknownReference)
		}
	}
	for _, s := range rules.fallback {
		if s.to == "agent" && d.agent(s.agent) == nil || s.to == "team" && s.team != id && d.team(s.team) == nil {
			return string(UnknownReference)
		}
	}
	for _, s := range rules.fallback {
		if s.to == "team" && (s.team == id || d.leadsTo(s.team, id)) {
			return string(FallbackCycle)
		}
	}
	word := wordOK
	t := d.team(id)
	if t == nil {
		t = &dumbTeam{id: id, cursors: map[string]dumbPlace{}}
		d.teams = append(d.teams, t)
		word = wordCreated
	}
	before := t.describe()
	accepted := map[*dumbMember]bool{} // under the old rules
	for _, m := range t.members {
		accepted[m] = t.accepts(m.agent.status)
	}
	rerank := rules.order == "list" || rules.order != t.rules.order
	order := t.rules.order
	var old []dumbMember // with their old ranks
	for _, m := range t.ring() {
		old = append(old, *m)
	}
	around := t.inTurn(wholeRing)
	t.name, t.rules = name, rules
	d.seat(t, members, rerank, around)
	if rerank {
		t.carry(old, order)
		if order != rules.order || !slices.Equal(t.staying(old), t.stayed(old)) {
			t.sortings++
		}
	}
	if t.describe() == before && word == wordOK {
		return word
	}
	if !t.portions() {
		t.endPortions()
	}
	for _, m := range t.ring() {
		d.rejudge(t, m, accepted[m])
	}
	if t.episode != nil {
		t.episode.alertMs = 0
		if rules.alertMs > 0 && !t.episode.alerted {
			t.episode.alertMs = d.waiting(t)[0].sinceMs + rules.alertMs
		}
		d.serve(t, "team.changed")
	}
	d.fallDue(t, "team.changed")
	return word
}

// leadsTo says whether the fallback of a team may end in another one.
func (d *dumb) leadsTo(from, to string) bool {
	for _, s := range d.team(from).rules.fallback {
		if s.to == "team" && (s.team == to || d.leadsTo(s.team, to)) {
			return true
		}
	}
	return false
}

// describe is all that a PUT of the team can change.
func (t *dumbTeam) describe() string {
	s := fmt.Sprintf("%s %+v", t.name, t.rules)
	for _, m := range t.ring() {
		s += fmt.Sprintf(" %s %s %d", m.agent.id, m.rank, m.position)
	}
	return s
}

// seat brings the members to a list. around is the old ring from its next turn on:
// so far whoever comes first there has waited longest.
func (d *dumb) seat(t *dumbTeam, ids []string, rerank bool, around []*dumbMember) {
	t.lose(func(m *dumbMember) bool { return !slices.Contains(ids, m.agent.id) })
	if rerank && t.rules.order == "least_recently_assigned" {
		for _, m := range around {
			m.rank = d.lastPlace()
		}
	}
	var list []*dumbMember
	for i, id := range ids {
		m := t.member(d.agent(id))
		isNew := m == nil
		if isNew {
			m = &dumbMember{agent: d.agent(id)}
		}
		m.position = i
		if isNew || rerank && t.rules.order != "least_recently_assigned" {
			m.rank = d.rankOf(t, m)
		}
		list = append(list, m)
	}
	t.members = list
}

// staying and stayed are those of an old ring who are still there, in its order
// and in the order of now.
func (t *dumbTeam) staying(old []dumbMember) (list []*dumbAgent) {
	for _, m := range old {
		if t.member(m.agent) != nil {
			list = append(list, m.agent)
		}
	}
	return list
}

func (t *dumbTeam) stayed(old []dumbMember) (list []*dumbAgent) {
	for _, m := range t.ring() {
		if slices.Contains(t.staying(old), m.agent) {
			list = append(list, m.agent)
		}
	}
	return list
}

// carry moves the cursors of a ring that was sorted anew: each to the last of
// those up to whom it stood who is still there, going round backwards.
func (t *dumbTeam) carry(old []dumbMember, order string) {
	for name, cursor := range t.cursors {
		if cursor.agent == nil {
			continue
		}
		var upTo, behind []dumbMember
		ring, circle := old, order == "least_recently_assigned" && name != wholeRing
		if circle {
			ring = slices.Clone(old)
			slices.SortFunc(ring, func(a, b dumbMember) int { return a.agent.born - b.agent.born })
		}
		for _, m := range ring {
			if circle && m.agent.born <= cursor.agent.born || !circle && (m.rank < cursor.rank || m.rank == cursor.rank && m.agent.born <= cursor.agent.born) {
				upTo = append(upTo, m)
			} else {
				behind = append(behind, m)
			}
		}
		t.cursors[name] = dumbPlace{}
		for _, m := range append(behind, upTo...) {
			if stays := t.member(m.agent); stays != nil {
				t.cursors[name] = dumbPlace{rank: stays.rank, agent: stays.agent}
			}
		}
	}
}

func (d *dumb) putInbox(id, mode, team string) string {
	t := d.team(team)
	if team != "" && t == nil {
		return string(UnknownReference)
	}
	if i := d.inbox(id); i != nil {
		i.mode, i.team = mode, t
		return wordOK
	}
	d.inboxes = append(d.inboxes, &dumbInbox{id, mode, t})
	return wordCreated
}

func (d *dumb) putContact(id, address, owner string) string {
	writes := find(d.contacts, func(c *dumbContact) bool { return c.address == address })
	if writes != nil && writes.id != id {
		return string(AddressTaken)
	}
	if owner != "" && d.agent(owner) == nil {
		return string(UnknownReference)
	}
	if c := find(d.contacts, func(c *dumbContact) bool { return c.id == id }); c != nil {
		before := c.owner
		c.address, c.owner = address, d.agent(owner)
		d.ownerChanged(c, before)
		return wordOK
	}
	d.contacts = append(d.contacts, &dumbContact{id, address, d.agent(owner)})
	return wordCreated
}

func (d *dumb) open(id, inbox, contact, direction, language, skill string, tags []string) string {
	i, p := d.inbox(inbox), find(d.contacts, func(c *dumbContact) bool { return c.id == contact })
	if i == nil || p == nil {
		return string(UnknownReference)
	}
	if c := d.conversation(id); c != nil {
		if c.inbox == i && c.contact == p && c.direction == direction && c.language == language && c.skill == skill {
			return wordOK
		}
		return string(IDTaken)
	}
	c := &dumbConversation{id: id, inbox: i, contact: p, direction: direction, language: language, skill: skill, tags: tags}
	d.conversations = append(d.conversations, c)
	if direction == "outbound" {
		c.team = i.team
		d.give(c, "outbound", nil, dumbDecision{kind: "waiting", trigger: "conversation.opened", cause: "outbound"})
		return wordCreated
	}
	d.route(c, "conversation.opened")
	return wordCreated
}

// route goes to the owner of the contact, if she is there, and else by the mode.
func (d *dumb) route(c *dumbConversation, event string) {
	owner, t := c.contact.owner, c.inbox.team
	if owner != nil {
		there := owner.status == "available"
		if t != nil && t.member(owner) != nil {
			there = t.accepts(owner.status)
		}
		if there {
			c.team = t
			d.give(c, "assigned", owner, dumbDecision{kind: "owner", trigger: event})
			return
		}
	}
	d.routeByMode(c, event)
}

func (d *dumb) routeByMode(c *dumbConversation, event string) {
	if c.inbox.mode == "rotation" {
		d.enqueue(c, c.inbox.team, event)
		return
	}
	c.team = c.inbox.team
	d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: event, cause: "mode"})
}

func (d *dumb) message(inbox, address, mintedContact, mintedID string) string {
	i := d.inbox(inbox)
	if i == nil {
		return string(NotFound)
	}
	p := find(d.contacts, func(c *dumbContact) bool { return c.address == address })
	if p == nil {
		p = &dumbContact{mintedContact, address, nil}
		d.contacts = append(d.contacts, p)
	}
	var latest *dumbConversation
	for _, c := range d.conversations {
		if c.contact == p && c.inbox == i && (latest == nil || latest.closed || !c.closed) {
			latest = c // the newest that is not closed, or the newest
		}
	}
	const week = 7 * 24 * 60 * 60 * 1000
	switch {
	case latest != nil && !latest.closed:
		if latest.state == "outbound" {
			d.route(latest, "message.received")
		}
		return wordOK
	case latest != nil && d.nowMs-latest.closedMs <= week:
		d.wake(latest)
		return wordOK
	default:
		c := &dumbConversation{id: mintedID, inbox: i, contact: p, direction: "inbound"}
		d.conversations = append(d.conversations, c)
		d.route(c, "conversation.opened")
		return wordCreated
	}
}

// wake opens a closed conversation again: hers if she may be picked.
func (d *dumb) wake(c *dumbConversation) {
	c.closed, c.closedMs = false, 0
	keeps := false
	switch {
	case c.assignee == nil:
	case c.team == nil:
		keeps = c.assignee.status == "available"
	default:
		keeps = c.team.member(c.assignee) != nil && c.team.accepts(c.assignee.status)
	}
	if keeps {
		defer c.keepIndividual(c.individual)
		d.give(c, "assigned", c.assignee, dumbDecision{kind: "last_assignee", trigger: "conversation.reopened"})
		return
	}
	d.route(c, "conversation.reopened")
}

func (d *dumb) reopen(id string) string {
	switch c := d.conversation(id); {
	case c == nil:
		return string(NotFound)
	case !c.closed:
		return string(AlreadyOpen)
	default:
		d.wake(c)
		return wordOK
	}
}

func (d *dumb) closeIt(id string) string {
	c := d.conversation(id)
	switch {
	case c == nil:
		return string(NotFound)
	case c.closed:
		return string(AlreadyClosed)
	}
	had := c.state == "assigned"
	d.leave(c)
	c.closed, c.closedMs = true, d.nowMs
	if !had {
		c.state, c.assignee, c.individual = "", nil, false
	}
	return wordOK
}

func (d *dumb) assign(id, agent string, expected *string) string {
	c, a := d.conversation(id), d.agent(agent)
	switch {
	case c == nil:
		return string(NotFound)
	case c.closed:
		return string(ConversationClosed)
	case a == nil:
		return string(UnknownReference)
	case expected != nil && *expected != nameOfAgent(c.assignee):
		return string(AssigneeChanged)
	case c.state == "assigned" && c.assignee == a:
		return wordOK
	}
	d.leave(c)
	d.give(c, "assigned", a, dumbDecision{kind: "manual", trigger: "conversation.assigned"})
	c.individual = true
	return wordOK
}

func (d *dumb) claim(id, agent string) string {
	c, a := d.conversation(id), d.agent(agent)
	switch {
	case c == nil:
		return string(NotFound)
	case c.closed:
		return string(ConversationClosed)
	case a == nil:
		return string(UnknownReference)
	case c.state == "assigned" && c.assignee == a:
		return wordOK
	case c.state == "assigned":
		return string(AlreadyAssigned)
	}
	d.leave(c)
	d.give(c, "assigned", a, dumbDecision{kind: "claim", trigger: "conversation.assigned"})
	c.individual = true
	return wordOK
}

func (d *dumb) unassign(id string) string {
	c := d.conversation(id)
	switch {
	case c == nil:
		return string(NotFound)
	case c.closed:
		return string(ConversationClosed)
	case c.state == "held":
		return wordOK
	}
	d.leave(c)
	d.give(c, "held", nil, dumbDecision{kind: "unassign", trigger: "conversation.unassigned", cause: "unassigned"})
	c.individual = true
	return wordOK
}

func (d *dumb) requeue(id string) string {
	c := d.conversation(id)
	switch {
	case c == nil:
		return string(NotFound)
	case c.closed:
		return string(ConversationClosed)
	case c.inbox.mode != "rotation":
		return string(NoRotation)
	case c.state == "waiting":
		return string(AlreadyWaiting)
	}
	d.routeByMode(c, "conversation.requeued")
	return wordOK
}

func (d *dumb) resort(id string) string {
	t := d.team(id)
	if t == nil {
		return string(NotFound)
	}
	if t.rules.order != "name" {
		return wordOK
	}
	var old []dumbMember
	for _, m := range t.ring() {
		old = append(old, *m)
	}
	stale := false
	for _, m := range t.members {
		stale = stale || m.rank != sortText(m.agent.name)
		m.rank = sortText(m.agent.name)
	}
	if stale {
		t.carry(old, "name")
		t.sortings++
	}
	return wordOK
}

func (d *dumb) putTag(id, tag string) string {
	c := d.conversation(id)
	switch {
	case c == nil:
		return string(NotFound)
	case slices.Contains(c.tags, tag):
		return wordOK
	}
	c.tags = append(slices.Clone(c.tags), tag)
	if c.state == "waiting" && c.excluded(c.team) {
		d.leave(c)
		d.give(c, "manual", nil, dumbDecision{kind: "waiting", trigger: "conversation.tagged", cause: "excluded"})
	}
	return wordCreated
}

func (d *dumb) deleteTag(id, tag string) string {
	c := d.conversation(id)
	if c == nil || !slices.Contains(c.tags, tag) {
		return string(NotFound)
	}
	c.tags = slices.DeleteFunc(slices.Clone(c.tags), func(other string) bool { return other == tag })
	if c.state == "manual" && c.cause == "excluded" && !c.excluded(c.team) {
		d.arrive(c, "conversation.untagged")
	}
	return wordOK
}

// A dumbPick is a turn as a refund finds it.
type dumbPick struct {
	id, team, agent    string
	inbox, restriction string
	ms                 int64
	turn               bool
}

func (d *dumb) refund(p dumbPick) string {
	t := d.team(p.team)
	done := false
	for _, team := range d.teams {
		for _, c := range team.credits {
			done = done || c.decision == p.id
		}
	}
	switch {
	case !p.turn:
		return string(NoTurn)
	case done:
		return string(AlreadyRefunded)
	case d.nowMs-p.ms >= 24*3600*1000:
		return string(RefundTooLate)
	case t.member(d.agent(p.agent)) == nil:
		return string(NotAMember)
	}
	t.credit(&dumbCredit{member: t.member(d.agent(p.agent)), seq: d.seq, expiresMs: d.nowMs + 24*3600*1000, decision: p.id, ring: t.ringOf(p.inbox, p.restriction)})
	return wordOK
}

package replay

import (
	"fmt"
	"slices"
)

// A model is a team by the book, too dumb to be wrong: it makes the histories that
// the checks must accept, and decides for the fake cluster.
type model struct {
	team      string
	order     []string
	available map[string]bool
	cursor    string
	queue     []string
	index     uint64
	decisions []Decision
	ends      map[string]*End
	modelDesk
}

func newModel(team string, order []string) *model {
	return &model{team: team, order: order, available: map[string]bool{}, index: 10, ends: map[string]*End{}, modelDesk: newModelDesk()}
}

// serve gives the queue away and records it at the current index.
func (m *model) serve(arrival string) {
	n := 0
	for len(m.queue) > 0 {
		chosen, passed := m.pick()
		ticket := m.queue[0]
		if chosen == "" {
			break
		}
		m.queue = m.queue[1:]
		m.record(n, Decision{Conversation: ticket, Kind: m.kind(), Assignee: chosen, ConsumedTurn: true,
			Cursor: Cursor{m.cursor, chosen}, PassedOver: passed, Counts: counted(passed)})
		n++
		m.cursor = chosen
		m.ends[ticket].Assignee, m.ends[ticket].State = chosen, "assigned"
		m.open[chosen]++
		m.slot = m.peeked
	}
	if arrival != "" && slices.Contains(m.queue, arrival) {
		_, passed := m.pick()
		m.record(n, Decision{Conversation: arrival, Kind: "waiting", Cursor: Cursor{m.cursor, m.cursor},
			PassedOver: passed, Counts: counted(passed)})
	}
}

func (m *model) record(n int, d Decision) {
	d.ID, d.Team = fmt.Sprintf("%d.%d", m.index, n), m.team
	d.PassedOver = d.PassedOver[:min(len(d.PassedOver), 32)] // the others are counted only
	m.decisions = append(m.decisions, d)
}

func (m *model) next() (string, []PassedOver) {
	passed := []PassedOver{}
	start := slices.Index(m.order, m.cursor) + 1
	for i := range m.order {
		agent := m.order[(start+i)%len(m.order)]
		if why := m.why(agent); why != "" {
			passed = append(passed, PassedOver{agent, why})
			continue
		}
		return agent, passed
	}
	return "", passed
}

func counted(passed []PassedOver) map[string]int {
	counts := map[string]int{}
	for _, p := range passed {
		counts[p.Reason]++
	}
	return counts
}

func (m *model) arrives(ticket string) {
	m.index++
	m.ends[ticket] = &End{Status: "open", State: "waiting"}
	m.queue = append(m.queue, ticket)
	m.serve(ticket)
}

func (m *model) close(ticket string) {
	m.index++
	end := m.ends[ticket]
	if end.Status = "closed"; end.Assignee == "" {
		end.State = ""
	} else {
		m.open[end.Assignee]--
	}
	m.queue = slices.DeleteFunc(m.queue, func(t string) bool { return t == ticket })
	m.serve("")
}

func (m *model) presence(agent string, available bool) {
	m.index++
	m.available[agent] = available
	m.serve("")
}

// A script writes a history while it drives a model.
type script struct {
	*model
	h History
	// loose makes the answers as vague as lost answers do: it returns how much
	// later than the call itself an answer's index may be.
	loose func() uint64
	steps []Played
}

func newScript(order ...string) *script {
	return &script{model: newModel("t", order), h: History{Ring: order}, loose: func() uint64 { return 0 }}
}

// span notes when do was called and answered. Empty entries stand for other
// people's calls.
func (s *script) span(do func()) Span {
	span := Span{After: s.index}
	s.index += s.loose()
	do()
	s.index += s.loose()
	span.By = s.index
	return span
}

func (s *script) come(agent string)  { s.change(agent, true) }
func (s *script) leave(agent string) { s.change(agent, false) }

func (s *script) change(agent string, available bool) {
	span := s.span(func() { s.presence(agent, available) })
	s.h.Presence = append(s.h.Presence, PresenceChange{agent, available, span})
	kind := Unavailable
	if available {
		kind = Available
	}
	s.step(kind, agent, span)
}

func (s *script) arrive(ticket string) {
	t := Ticket{ID: ticket}
	t.Opened = s.span(func() { s.model.arrives(ticket) })
	last := s.decisions[len(s.decisions)-1]
	t.Answer = Answer{last.ID, last.Assignee}
	s.h.Tickets = append(s.h.Tickets, t)
	s.step(Arrive, ticket, t.Opened)
}

func (s *script) shut(ticket string) {
	span := s.span(func() { s.model.close(ticket) })
	s.step(Close, ticket, span)
	for i := range s.h.Tickets {
		if s.h.Tickets[i].ID == ticket {
			s.h.Tickets[i].Closed = &span
		}
	}
}

// history returns what the script came to; the caller may change it.
func (s *script) history() History {
	h := s.h
	h.Decisions = slices.Clone(s.decisions)
	h.Presence = slices.Clone(h.Presence)
	h.Tickets = slices.Clone(h.Tickets)
	for i := range h.Tickets {
		end := *s.ends[h.Tickets[i].ID]
		h.Tickets[i].End = &end
	}
	return h
}

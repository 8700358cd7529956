package replay

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Limits of a plan; the server's are not lower.
const (
	AgentsMax           = 2000
	PrefixMaxChars      = 24
	agentIDMaxChars     = 64
	ticketIDMaxChars    = 128
	attributeKeyMaxChar = 64
)

// A Kind is what a step does. Steps of one instant are played in this order.
type Kind uint8

// The kinds of steps.
const (
	Available Kind = iota
	Arrive
	Close
	Unavailable
)

// A Step is one thing to do.
type Step struct {
	At   time.Time // in the log
	Kind Kind
	Of   int // index of the agent (Available, Unavailable) or of the ticket
}

// An AgentPlan is one agent of the log.
type AgentPlan struct {
	ID, Name string
	Taken    int           // tickets whose first taking in the log was hers
	Eligible time.Duration // available time in the log
}

// A TicketPlan is one case of the log.
type TicketPlan struct {
	ID, Case   string
	Address    string // of its contact, its own within the run
	Attributes map[string]string
}

// A Plan is what a log comes to. It is a function of the log and the prefix
// alone.
type Plan struct {
	Prefix  string
	Agents  []AgentPlan  // as people sort names: Value 2 before Value 10
	Tickets []TicketPlan // in order of arrival
	Steps   []Step       // in order
	Taken   int          // tickets that somebody took in the log
}

// NewPlan turns a log into steps: an agent is available from her first to her last
// event of each calendar day, closings not counted; a case arrives at its first
// event and is closed at its last closing, or never. Ids begin with the prefix
// (1 to PrefixMaxChars characters that ids may have).
func NewPlan(log *Log, prefix string) (*Plan, error) {
	if prefix == "" || len(prefix) > PrefixMaxChars || strings.ContainsFunc(prefix, func(r rune) bool { return !idRune(r) }) {
		return nil, fmt.Errorf("prefix %q: use 1 to %d of the characters a-z A-Z 0-9 . _ : @ + -", prefix, PrefixMaxChars)
	}
	p := &Plan{Prefix: prefix}
	agents := p.addAgents(log)
	if len(p.Agents) > AgentsMax {
		return nil, fmt.Errorf("the log names %d agents, a team has at most %d members", len(p.Agents), AgentsMax)
	}
	p.addPresence(log, agents)
	tickets := p.addTickets(log)
	p.addTaken(log, agents, tickets)
	slices.SortFunc(p.Steps, func(a, b Step) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Of, b.Of))
	})
	return p, nil
}

// addAgents returns the index of each resource.
func (p *Plan) addAgents(log *Log) map[string]int {
	index := map[string]int{}
	var names []string
	for _, e := range log.Events {
		if _, ok := index[e.Resource]; !ok && e.Resource != "" {
			index[e.Resource] = 0
			names = append(names, e.Resource)
		}
	}
	sortNames(names)
	ids := newSlugs(p.Prefix, agentIDMaxChars)
	for i, name := range names {
		index[name] = i
		p.Agents = append(p.Agents, AgentPlan{ID: ids.of(name), Name: name})
	}
	return index
}

// sortNames sorts as people read: ignoring case, numbers by their value. Names
// that are equal in that respect sort by their bytes.
func sortNames(names []string) {
	slices.Sort(names)
	order := collate.New(language.Und, collate.IgnoreCase, collate.Numeric)
	slices.SortStableFunc(names, order.CompareString)
}

// addPresence adds the steps for each agent's days.
func (p *Plan) addPresence(log *Log, agents map[string]int) {
	type day struct {
		agent int
		date  string
	}
	type span struct{ first, last time.Time }
	spans := map[day]span{}
	for _, e := range log.Events {
		if e.Activity == log.Format.Closed {
			continue
		}
		d := day{agents[e.Resource], e.At.Format(time.DateOnly)}
		s, ok := spans[d]
		if !ok {
			s.first = e.At
		}
		s.last = e.At
		spans[d] = s
	}
	for d, s := range spans {
		p.Steps = append(p.Steps, Step{s.first, Available, d.agent}, Step{s.last, Unavailable, d.agent})
		p.Agents[d.agent].Eligible += s.last.Sub(s.first)
	}
}

// addTickets returns the index of each case.
func (p *Plan) addTickets(log *Log) map[string]int {
	index := map[string]int{}
	ids := newSlugs(p.Prefix, ticketIDMaxChars)
	keys := attributeKeys(log)
	closed := map[int]time.Time{}
	for _, e := range log.Events {
		at, ok := index[e.Case]
		if !ok {
			at = len(p.Tickets)
			index[e.Case] = at
			attributes := map[string]string{"log_time": e.At.UTC().Format("2006-01-02T15:04:05.000Z")}
			for column, value := range log.Attributes[e.Case] {
				attributes[keys[column]] = value
			}
			p.Tickets = append(p.Tickets, TicketPlan{ID: ids.of(e.Case), Case: e.Case, Address: address(p.Prefix, at), Attributes: attributes})
			p.Steps = append(p.Steps, Step{e.At, Arrive, at})
		}
		if e.Activity == log.Format.Closed {
			closed[at] = e.At
		}
	}
	for at, when := range closed {
		p.Steps = append(p.Steps, Step{when, Close, at})
	}
	return index
}

// attributeKeys names the attributes after their columns.
func attributeKeys(log *Log) map[string]string {
	columns := map[string]bool{}
	for _, attributes := range log.Attributes {
		for column := range attributes {
			columns[column] = true
		}
	}
	sorted := make([]string, 0, len(columns))
	for column := range columns {
		sorted = append(sorted, column)
	}
	slices.Sort(sorted)
	slugs := newSlugs("", attributeKeyMaxChar)
	slugs.taken["log_time"] = true
	keys := map[string]string{}
	for _, column := range sorted {
		keys[column] = slugs.of(column)
	}
	return keys
}

// address returns a telephone number for the contact of a run's n-th ticket: six
// digits from the run's prefix, eight from n, 15 in all as E.164 allows.
func address(prefix string, n int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(prefix))
	return fmt.Sprintf("+1%06d%08d", h.Sum32()%1_000_000, n)
}

// addTaken counts who took which ticket first, as it really was.
func (p *Plan) addTaken(log *Log, agents, tickets map[string]int) {
	taken := make([]bool, len(p.Tickets))
	for _, e := range log.Events {
		at := tickets[e.Case]
		if e.Activity != log.Format.Taken || taken[at] || e.Resource == "" {
			continue
		}
		taken[at] = true
		p.Agents[agents[e.Resource]].Taken++
		p.Taken++
	}
}

// slugs makes ids of names, each once.
type slugs struct {
	prefix string
	max    int
	taken  map[string]bool
	last   map[string]int // the number behind the newest id of a base
}

func newSlugs(prefix string, maxChars int) *slugs {
	if prefix != "" {
		prefix += "-"
	}
	return &slugs{prefix: prefix, max: maxChars, taken: map[string]bool{}, last: map[string]int{}}
}

func idRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:@+-", r)
}

// of returns an id for a name: lower case, "-" for what an id may not hold, and a
// number behind it if another name has the same.
func (s *slugs) of(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if idRune(r) {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" {
		base = "x"
	}
	for {
		s.last[base]++
		n, tail := s.last[base], ""
		if n > 1 {
			tail = fmt.Sprintf("-%d", n)
		}
		id := s.prefix + base[:min(len(base), s.max-len(s.prefix)-len(tail))] + tail
		if !s.taken[id] {
			s.taken[id] = true
			return id
		}
	}
}

package cluster

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// What the clients of a simulation do and see.
const (
	opOpen     = "open"
	opClaim    = "claim"
	opClose    = "close"
	opRequeue  = "requeue"
	opPresence = "presence"
	opRead     = "read"  // through a fence: linearizable
	opStale    = "stale" // with min_index
)

// How a call ended, as far as the client knows.
const (
	endDone    = "done"
	endUnknown = "unknown" // and was never asked about again: it may have happened at any time since
	endNever   = "never"   // the cluster said that it had not happened and would not
)

// An op is one call of a client, as the client saw it. Conversations are known by
// a number that the client gave them, in an attribute, so that a conversation that
// nobody was told of can be told from one that was made twice.
type op struct {
	Client    int
	Kind      string
	Team      int
	Label     int // of the conversation
	Agent     int // of the team
	Available bool
	Key       string

	End          string
	Call, Return int64  // nanoseconds of virtual time
	Seq          uint64 // of the item, or of the view
	Refused      fsm.Reason
	Holder       string         // who has it, in a refusal
	Decision     fsm.RecordID   // of what was decided
	Assignee     int            // in that decision; nobody: -1
	View         *teamView      `json:",omitempty"` // that a read has seen
	Outcomes     []fsm.RecordID `json:",omitempty"`

	rank int // in the order of the log, if it is known; see place
}

const nobody = -1

// A teamView is all that can be seen of a team, as text: who is available ('+' or
// '-' each), who took the last turn, the labels that wait (one rune each), and
// what became of each conversation ('.' none; 'a' open and waiting, 'b' open and
// with the first agent, ...; capitals when it is closed).
type teamView struct {
	Available string
	Last      int
	Queue     string
	Fates     string
}

const (
	firstLabelRune = 0x100 // beyond what JSON escapes
	fateNone       = '.'
	fateWaiting    = 'a'
	fateClosed     = 'A'
)

func fate(assignee int, closed bool) byte {
	if closed {
		return byte(fateClosed + assignee + 1)
	}
	return byte(fateWaiting + assignee + 1)
}

// labelOf reads the client's number off a conversation.
func labelOf(c fsm.Conversation) int {
	for _, a := range c.Attributes {
		if label, err := strconv.Atoi(a.Value); err == nil && a.Name == "label" {
			return label
		}
	}
	return -1
}

func teamCalled(team int) fsm.TeamID   { return fsm.TeamID(fmt.Sprintf("team%d", team)) }
func inboxCalled(team int) fsm.InboxID { return fsm.InboxID(fmt.Sprintf("inbox%d", team)) }

// agentOf is an agent's place in its team.
func agentOf(s *fsm.State, h fsm.AgentHandle) int {
	if h == 0 {
		return nobody
	}
	a, _ := s.Agents.Get(h)
	number, err := strconv.Atoi(strings.TrimPrefix(string(a.ID), "a"))
	if err != nil {
		return nobody
	}
	return number % stormAgents
}

// viewOf is what a client would put together from the API.
func viewOf(s *fsm.State, team int) *teamView {
	row, _ := s.Teams.ByID(teamCalled(team))
	inbox, _ := s.Inboxes.ByID(inboxCalled(team))
	v := &teamView{Last: nobody}
	for i := range stormAgents {
		mark := "-"
		if a, _ := s.Agents.ByID(agentCalled(team*stormAgents + i)); a.Presence.Status == rotation.StatusAvailable {
			mark = "+"
		}
		v.Available += mark
	}
	for cursor := range s.Cursors.OfTeam(row.Handle) {
		v.Last = agentOf(s, cursor.Agent)
	}
	for c := range s.Conversations.Queue(row.Handle) {
		v.Queue += string(rune(firstLabelRune + labelOf(c)))
	}
	var fates []byte
	for c := range s.Conversations.All() {
		label := labelOf(c)
		if c.Inbox != inbox.Handle || label < 0 {
			continue
		}
		for len(fates) <= label {
			fates = append(fates, fateNone)
		}
		fates[label] = fate(agentOf(s, c.Assignment.Assignee), c.Status == fsm.StatusClosed)
	}
	v.Fates = string(fates)
	return v
}

// A history is what all clients saw.
type history struct {
	mu      sync.Mutex
	ops     []*op
	labels  [stormTeams]int          // given so far
	known   [stormTeams][]acquainted // conversations that were acknowledged
	watched map[int][]watched        // what each watcher saw, in order
	wrong   []string                 // seen at once
	unknown int                      // answers that said so
	settled int                      // calls that said unknown and were told in the end
	again   int                      // calls that were asked twice and answered alike
	byFault map[string]int
}

// An acquainted conversation is one that a client may act on.
type acquainted struct {
	label int
	id    fsm.ConversationID
}

// A watched record is what a watcher keeps of it.
type watched struct {
	ID    fsm.RecordID
	Seq   uint64
	Event string
}

func newHistory() *history { return &history{watched: map[int][]watched{}, byFault: map[string]int{}} }

func (h *history) note(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

func (h *history) accuse(format string, args ...any) {
	h.note(func() { h.wrong = append(h.wrong, fmt.Sprintf(format, args...)) })
}

// newLabel numbers the next conversation of a team.
func (h *history) newLabel(team int) (label int) {
	h.note(func() {
		label = h.labels[team]
		h.labels[team]++
	})
	return label
}

// recent returns one of the conversations that were acknowledged last.
func (h *history) recent(team, back int) (c acquainted, ok bool) {
	h.note(func() {
		if n := len(h.known[team]); n > 0 {
			c, ok = h.known[team][max(0, n-1-back)], true
		}
	})
	return c, ok
}

// count returns how many ops of a kind ended so; "" is any.
func (h *history) count(kind, end string) (n int) {
	for _, o := range h.ops {
		if (kind == "" || o.Kind == kind) && (end == "" || o.End == end) {
			n++
		}
	}
	return n
}

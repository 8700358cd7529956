package replay

import (
	"strconv"
	"strings"
)

// A History is all the checks look at: what was asked, as the caller saw it, and
// what the cluster says it decided.
type History struct {
	Ring      []string         // the agents in the order of their turns; all begin unavailable
	Presence  []PresenceChange // in the order they were made: each was answered before the next was sent
	Tickets   []Ticket
	Decisions []Decision // of the team, as the cluster lists them
}

// A Span bounds the Raft index at which a call took effect: above After, the
// highest index any answer had named when it was sent, and not above By, the index
// of its own answer. (An answer given again, after the first was lost, may name a
// later index than the call's own.)
type Span struct{ After, By uint64 }

func (s Span) maybe(index uint64) bool  { return s.After < index }
func (s Span) surely(index uint64) bool { return s.By < index }

// A PresenceChange made an agent available or unavailable. No other change and no
// arrival was under way meanwhile.
type PresenceChange struct {
	Agent     string
	Available bool
	Span
}

// A Ticket is one conversation of the replay, as its caller saw it.
type Ticket struct {
	ID     string
	Opened Span
	Closed *Span  // nil: never closed
	Answer Answer // to its opening
	End    *End   // nil: the cluster does not know it any more
}

// An Answer is the decision that the answer to an opening named.
type Answer struct{ Decision, Assignee string }

// An End is what a conversation looks like when all is over.
type End struct{ Status, Assignee, State string }

// A Decision is one of the cluster's records, as GET /v1/decisions writes it.
type Decision struct {
	ID           string         `json:"id"`
	Conversation string         `json:"conversation"`
	Kind         string         `json:"kind"`
	Team         string         `json:"team"`
	Assignee     string         `json:"assignee"`
	ConsumedTurn bool           `json:"consumed_turn"`
	Cursor                      // before and after
	PassedOver   []PassedOver   `json:"passed_over"`
	Counts       map[string]int `json:"passed_over_counts"`
}

// A Cursor is the agent who took the last turn, before and after a decision; empty
// at the top of a ring nobody has been given a turn of.
type Cursor struct {
	Before string `json:"cursor_before"`
	After  string `json:"cursor_after"`
}

// A PassedOver is an agent whose turn it would have been, and why it was not.
type PassedOver struct {
	Agent  string `json:"agent"`
	Reason string `json:"reason"`
}

// A place is a decision's in the one strict order: INDEX.N.
type place struct{ index, n uint64 }

func (p place) before(other place) bool {
	return p.index < other.index || p.index == other.index && p.n < other.n
}

func parsePlace(id string) (place, bool) {
	index, n, ok := strings.Cut(id, ".")
	if !ok {
		return place{}, false
	}
	i, err := strconv.ParseUint(index, 10, 64)
	if err != nil {
		return place{}, false
	}
	j, err := strconv.ParseUint(n, 10, 64)
	return place{i, j}, err == nil
}

package check

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// Types of records that the checks look for, as the API spells them.
const (
	typeOpened   = "conversation.opened"
	typeReopened = "conversation.reopened"
	typeClosed   = "conversation.closed"
	typeReceived = "message.received"
	typePresence = "agent.presence_changed"
)

// An evidence is a run, prepared for the checks.
type evidence struct {
	*history.Run
	records []history.Record // in the order of the cluster
	exact   bool             // records are all there are; otherwise only decisions
	ops     map[string]*history.Op
	by      map[string][]*history.Record // by actor
	rows    map[string]history.Conversation
	agents  map[string]string // status at the end
}

// A place is a record's id: INDEX.N.
type place struct{ index, n uint64 }

func (p place) before(other place) bool {
	return cmp.Or(cmp.Compare(p.index, other.index), cmp.Compare(p.n, other.n)) < 0
}

func parsePlace(id string) (p place, ok bool) {
	index, n, found := strings.Cut(id, ".")
	var err1, err2 error
	p.index, err1 = strconv.ParseUint(index, 10, 64)
	p.n, err2 = strconv.ParseUint(n, 10, 64)
	return p, found && err1 == nil && err2 == nil
}

// gather reads what the first node had; checkNodes compares the others with it.
func gather(run *history.Run) (*evidence, *Check) {
	check := &Check{Name: "readable"}
	e := &evidence{Run: run, ops: map[string]*history.Op{}, by: map[string][]*history.Record{},
		rows: map[string]history.Conversation{}, agents: map[string]string{}}
	for i := range run.Ops {
		if op := &run.Ops[i]; op.Tries.Again == 0 {
			e.ops[op.Actor] = op
		}
	}
	if len(run.Nodes) == 0 {
		check.violate("no node could be read at the end: %v", run.End.Problems)
		return e, check
	}
	d := run.Nodes[slices.Min(keysOf(run.Nodes))]
	lines, parse := d.Decisions, parseDecision
	if len(d.Events) > 0 {
		lines, parse, e.exact = d.Events, parseEvent, true
	}
	for _, line := range lines {
		r, err := parse(line)
		if err != nil {
			check.violate("a record cannot be read: %v: %.200s", err, line)
			continue
		}
		e.records = append(e.records, r)
	}
	for i := range e.records {
		e.by[e.records[i].Actor] = append(e.by[e.records[i].Actor], &e.records[i])
	}
	for _, line := range d.Conversations {
		var row history.Conversation
		if err := json.Unmarshal(line, &row); err != nil {
			check.violate("a conversation cannot be read: %v: %.200s", err, line)
		}
		if _, twice := e.rows[row.ID]; twice {
			check.violate("conversation %s is listed twice", row.ID)
		}
		e.rows[row.ID] = row
	}
	for _, line := range d.Agents {
		var row struct {
			ID       string
			Presence struct{ Status string }
		}
		if err := json.Unmarshal(line, &row); err != nil {
			check.violate("an agent cannot be read: %v: %.200s", err, line)
		}
		e.agents[row.ID] = row.Presence.Status
	}
	check.Examined = fmt.Sprintf("%d operations, %d records, %d conversations", len(run.Ops), len(e.records), len(e.rows))
	return e, check
}

func keysOf[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	return keys
}

func parseDecision(line []byte) (history.Record, error) {
	var said struct {
		history.Record
		At    time.Time
		Event string
	}
	var d history.Decision
	if err := json.Unmarshal(line, &said); err != nil {
		return said.Record, err
	}
	if err := json.Unmarshal(line, &d); err != nil {
		return said.Record, err
	}
	said.AtMs, said.Type, said.Record.Decision = said.At.UnixMilli(), said.Event, &d
	return said.Record, placed(said.ID)
}

func parseEvent(line []byte) (history.Record, error) {
	var said struct {
		ID, Type string
		Time     time.Time
		Data     history.Record
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return said.Data, err
	}
	said.Data.ID, said.Data.Type, said.Data.AtMs = said.ID, said.Type, said.Time.UnixMilli()
	return said.Data, placed(said.ID)
}

func placed(id string) error {
	if _, ok := parsePlace(id); !ok {
		return fmt.Errorf("%q is not an id such as 1042.0", id)
	}
	return nil
}

// about returns the records that an operation caused on its own subject: other
// conversations may have been served because of it.
func (e *evidence) about(op *history.Op) []*history.Record {
	var list []*history.Record
	for _, r := range e.by[op.Actor] {
		own := r.Conversation != "" && r.Conversation == cmp.Or(op.Answer.Conversation, op.Subject.Conversation)
		if op.Kind == history.Message {
			own = own || r.Type == typeOpened || r.Type == typeReceived || r.Type == typeReopened
		}
		if op.Kind == history.Presence {
			own = r.Type == typePresence
		}
		if own {
			list = append(list, r)
		}
	}
	return list
}

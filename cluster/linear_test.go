package cluster

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/anishathalye/porcupine"

	"github.com/rondohq/rondo/fsm"
)

// linearPatience is how long the history of one team may take to be judged; it
// takes milliseconds. A history that could not be judged has failed.
const linearPatience = time.Minute

// A modelState is one team as a person would keep it, with a list and a pencil,
// and the Seq of the newest item that is known to be behind it. It shares no code
// with fsm or rotation.
type modelState struct {
	teamView
	Seq  uint64
	Rank int // of the newest change behind it, where the order is known
}

// rotationModel says which answers are right, one call after the other. A call
// whose outcome is unknown is right in any way it may have happened.
var rotationModel = porcupine.Model{
	Init: func() any {
		return modelState{teamView: teamView{Available: strings.Repeat("+", stormAgents), Last: nobody}}
	},
	Step:              func(state, input, _ any) (bool, any) { return state.(modelState).step(input.(*op)) },
	Hash:              func(state any) uint64 { return state.(modelState).Seq },
	DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%+v", *input.(*op)) },
}

// linearizable judges the calls that concern a team. final is what stands in the
// end: a read after everything.
func linearizable(ops []*op, team int, final *teamView) error {
	last := int64(0)
	for _, o := range ops {
		last = max(last, o.Return, o.Call)
	}
	var list []porcupine.Operation
	for _, o := range ops {
		if o.Team != team || o.End == endNever {
			continue
		}
		until := o.Return
		if o.End == endUnknown {
			until = math.MaxInt64
		}
		list = append(list, porcupine.Operation{ClientId: o.Client, Input: o, Call: o.Call, Return: until})
	}
	if final != nil {
		read := &op{Kind: opRead, Team: team, End: endDone, Seq: math.MaxUint64, View: final}
		list = append(list, porcupine.Operation{Input: read, Call: last + 1, Return: last + 2})
	}
	switch porcupine.CheckOperationsTimeout(rotationModel, list, linearPatience) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("team %d: %d calls could not be judged in %s", team, len(list), linearPatience)
	default:
		return fmt.Errorf("team %d: no order of its %d calls explains what the clients saw", team, len(list))
	}
}

// place gives the calls whose outcome is unknown the place that they have in the
// log, which is the same on all nodes, and leaves out those that are not in it.
// Then one order is tried, that of the log: without it the hundred calls that were
// settled in the end or never may each have happened at any time, and none is found
// in minutes.
func place(log course, ops []*op) []*op {
	if log.broken {
		return ops // it is judged by itself
	}
	at := map[string]uint64{}
	for _, it := range log.items {
		if at[it.key] == 0 {
			at[it.key] = it.Seq
		}
	}
	var placed []*op
	for _, o := range ops {
		if o.End == endUnknown {
			known := *o
			if known.Seq = at[string(clientKey(o.Key).Bytes())]; known.Seq == 0 {
				continue
			}
			o = &known
		}
		if o.End != endNever {
			placed = append(placed, o)
		}
	}
	return rank(placed)
}

// rank numbers the calls of each team in the order of the log: a change stands
// behind the one before it, and a read behind all that its view has.
func rank(ops []*op) []*op {
	changes := map[int][]uint64{} // Seqs of a team's
	for _, o := range ops {
		if o.Kind != opRead && o.Kind != opStale {
			changes[o.Team] = append(changes[o.Team], o.Seq)
		}
	}
	for _, list := range changes {
		slices.Sort(list)
	}
	ranked := make([]*op, 0, len(ops))
	for _, o := range ops {
		before, found := slices.BinarySearch(changes[o.Team], o.Seq)
		if found && (o.Kind == opRead || o.Kind == opStale) {
			before++
		}
		known := *o
		known.rank = before + 1
		ranked = append(ranked, &known)
	}
	return ranked
}

func (m modelState) step(o *op) (bool, modelState) {
	reads := o.Kind == opRead || o.Kind == opStale
	if o.rank > 0 {
		if o.rank != m.Rank+1 {
			return false, m
		}
		if !reads {
			m.Rank = o.rank
		}
	}
	if o.End == endDone || o.Seq > 0 {
		if o.Seq < m.Seq || o.Seq == m.Seq && !reads {
			return false, m
		}
		m.Seq = o.Seq
	}
	if reads {
		return *o.View == m.teamView, m
	}
	var refused fsm.Reason
	assignee, holder := nobody, ""
	switch o.Kind {
	case opOpen:
		if m.fate(o.Label) != fateNone {
			return false, m
		}
		assignee = m.enqueue(o.Label)
	case opPresence:
		m.Available = m.Available[:o.Agent] + map[bool]string{true: "+", false: "-"}[o.Available] + m.Available[o.Agent+1:]
		for m.Queue != "" && m.next() != nobody {
			r, size := utf8.DecodeRuneInString(m.Queue)
			m.Queue = m.Queue[size:]
			m.turn(int(r) - firstLabelRune)
		}
	default:
		f := m.fate(o.Label)
		if f == fateNone {
			return false, m
		}
		refused, holder, assignee = m.act(o, f)
	}
	if o.End != endDone {
		return true, m
	}
	decides := refused == "" && (o.Kind == opOpen || o.Kind == opRequeue)
	return o.Refused == refused && (holder == "" || o.Holder == holder) && (!decides || o.Assignee == assignee), m
}

// act is a claim, a close or a requeue of a conversation that exists.
func (m *modelState) act(o *op, f byte) (refused fsm.Reason, holder string, assignee int) {
	closed := f < fateWaiting
	waits, has := f == fateWaiting, int(f)-fateWaiting-1
	switch {
	case closed && o.Kind == opClose:
		return fsm.AlreadyClosed, "", nobody
	case closed:
		return fsm.ConversationClosed, "", nobody
	case o.Kind == opClaim && !waits && has != o.Agent:
		return fsm.AlreadyAssigned, string(agentCalled(o.Team*stormAgents + has)), nobody
	case o.Kind == opRequeue && waits:
		return fsm.AlreadyWaiting, "", nobody
	}
	if waits {
		m.Queue = strings.ReplaceAll(m.Queue, string(rune(firstLabelRune+o.Label)), "")
	}
	switch o.Kind {
	case opClaim:
		m.set(o.Label, fate(o.Agent, false))
	case opClose:
		m.set(o.Label, fate(has, true))
	case opRequeue:
		return "", "", m.enqueue(o.Label)
	}
	return "", "", nobody
}

// enqueue gives a conversation to whoever's turn it is, or lets it wait.
func (m *modelState) enqueue(label int) (assignee int) {
	if m.Queue == "" && m.next() != nobody {
		return m.turn(label)
	}
	m.Queue += string(rune(firstLabelRune + label))
	m.set(label, fateWaiting)
	return nobody
}

func (m *modelState) turn(label int) (assignee int) {
	m.Last = m.next()
	m.set(label, fate(m.Last, false))
	return m.Last
}

// next is whose turn it is.
func (m *modelState) next() int {
	for i := range stormAgents {
		if at := (m.Last + 1 + i) % stormAgents; m.Available[at] == '+' {
			return at
		}
	}
	return nobody
}

func (m *modelState) fate(label int) byte {
	if label >= len(m.Fates) {
		return fateNone
	}
	return m.Fates[label]
}

func (m *modelState) set(label int, f byte) {
	fates := []byte(m.Fates)
	for len(fates) <= label {
		fates = append(fates, fateNone)
	}
	fates[label] = f
	m.Fates = string(fates)
}

// TestModelSaysNo to histories that are wrong in one thing each.
func TestModelSaysNo(t *testing.T) {
	full := strings.Repeat("+", stormAgents)
	open := func(label, assignee int, seq uint64, call, back int64) *op {
		return &op{Kind: opOpen, Label: label, End: endDone, Seq: seq, Call: call, Return: back, Assignee: assignee}
	}
	read := func(fates string, last int, seq uint64, call, back int64) *op {
		return &op{Kind: opRead, End: endDone, Seq: seq, Call: call, Return: back,
			View: &teamView{Available: full, Last: last, Fates: fates}}
	}
	unknown := &op{Kind: opOpen, Label: 1, End: endUnknown, Call: 30}
	for name, test := range map[string]struct {
		ops   []*op
		right bool
	}{
		"in turn":                             {[]*op{open(0, 0, 1, 1, 2), open(1, 1, 2, 3, 4)}, true},
		"a turn skipped":                      {[]*op{open(0, 0, 1, 1, 2), open(1, 2, 2, 3, 4)}, false},
		"against real time":                   {[]*op{open(0, 1, 2, 1, 2), open(1, 0, 1, 3, 4)}, false},
		"concurrent":                          {[]*op{open(0, 1, 2, 1, 9), open(1, 0, 1, 3, 4)}, true},
		"a read of it":                        {[]*op{open(0, 0, 1, 1, 2), read("b", 0, 1, 3, 4)}, true},
		"a stale read":                        {[]*op{open(0, 0, 1, 1, 2), read("", nobody, 0, 3, 4)}, false},
		"unknown and seen":                    {[]*op{open(0, 0, 1, 1, 2), unknown, read("bc", 1, 5, 33, 34)}, true},
		"unknown and not seen":                {[]*op{open(0, 0, 1, 1, 2), unknown, read("b", 0, 5, 33, 34)}, true},
		"unknown, seen and gone":              {[]*op{open(0, 0, 1, 1, 2), unknown, read("bc", 1, 5, 33, 34), read("b", 0, 6, 35, 36)}, false},
		"seen before it was asked for":        {[]*op{open(0, 0, 1, 1, 2), read("bc", 1, 5, 3, 4), unknown}, false},
		"an acknowledged one that is missing": {[]*op{open(0, 0, 1, 1, 2), open(1, 1, 2, 3, 4), read("b", 0, 9, 33, 34)}, false},
	} {
		if err := linearizable(test.ops, 0, nil); (err == nil) != test.right {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package fsm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// searched returns what a search finds, a page of `most` records at a time.
func searched(s *State, q PassedOverSearch) (list []string, pages int) {
	for {
		pages++
		q.From = q.Each(s, func(rec Record, p PassedOver) { list = append(list, fmt.Sprint(rec.ID, p.Verdict)) })
		if q.From.IsZero() {
			return list, pages
		}
	}
}

// plainly is the dumb search.
func plainly(s *State, q PassedOverSearch) (list []string) {
	for rec := range s.Records.From(RecordID{}) {
		if rec.Decision == nil || rec.TimeMs < q.SinceMs || q.UntilMs > 0 && rec.TimeMs >= q.UntilMs {
			continue
		}
		for _, p := range rec.Decision.Passed {
			if p.Agent == q.Agent {
				list = append(list, fmt.Sprint(rec.ID, p.Verdict))
			}
		}
	}
	return list
}

// TestPassedOverSearch: it finds what a walk over every record finds, over several
// segments, from and to any moment, in pages of any size, and after a restore.
func TestPassedOverSearch(t *testing.T) {
	l := newLab(t)
	l.staff(4, RotationSettings{DrainBurst: number(0)})
	l.accept(available(0), available(1))
	var moments []int64
	for i := range 900 {
		l.nowMs += 1000
		l.accept(openIt(fmt.Sprint("c", i)), PutPresence{Agent: agentID(1), Status: []string{"away", "available"}[i%2], Reason: strings.Repeat("\u20ac", 150)})
		moments = append(moments, l.nowMs)
	}
	l.nowMs++
	l.accept(available(2))
	if n := len(l.state.Records.full); n < 1 {
		t.Fatalf("%d full segments", n)
	}
	restored := restore(t, snapshotIn(t, l.state))
	for i := range 4 {
		row, _ := l.state.Agents.ByID(agentID(i))
		for _, q := range []PassedOverSearch{
			{SinceMs: 0}, {SinceMs: moments[100]}, {SinceMs: moments[100] + 1}, {SinceMs: moments[99], UntilMs: moments[400]},
			{SinceMs: moments[len(moments)-1]}, {SinceMs: l.nowMs + 1}, {UntilMs: moments[0]},
		} {
			q.Agent = row.Handle
			want := plainly(l.state, q)
			for _, q.Most = range []int{50, 100_000} {
				if got, _ := searched(l.state, q); !slices.Equal(got, want) {
					t.Errorf("%+v finds %d, not %d", q, len(got), len(want))
				}
				if got, pages := searched(restored, q); !slices.Equal(got, want) || q.Most > 10_000 && pages != 1 {
					t.Errorf("%+v finds %d, not %d, in %d pages after a restore", q, len(got), len(want), pages)
				}
			}
		}
	}
	if want := plainly(l.state, PassedOverSearch{Agent: 0}); len(want) > 0 {
		t.Errorf("nobody was passed over: %v", want)
	}
}

// TestPeeking: what is peeked at is what is written, for the fullest record there
// is, and nothing that is cut off is believed.
func TestPeeking(t *testing.T) {
	packed := encode(sampleRecord)
	p, ok := peekRecord(packed)
	if !ok || p.id != sampleRecord.ID || p.timeMs != sampleRecord.TimeMs {
		t.Fatalf("%+v", p)
	}
	var d Decision
	if err := decoding.Unmarshal(p.decision, &d); err != nil || !reflect.DeepEqual(&d, sampleRecord.Decision) {
		t.Errorf("%+v, %v", d, err)
	}
	for agent := range AgentHandle(50) {
		if named := agent == 9 || agent == 10; p.passes(agent) != named {
			t.Errorf("agent %d: %v", agent, !named)
		}
	}
	for n := range packed {
		short, _ := peekRecord(packed[:n])
		short.passes(9)
	}
	for key, field := range map[int]string{recordTimeKey: "TimeMs", recordDecisionKey: "Decision"} {
		f, _ := reflect.TypeFor[Record]().FieldByName(field)
		if !strings.HasPrefix(f.Tag.Get("cbor"), fmt.Sprint(key, ",")) {
			t.Errorf("Record.%s is not %d", field, key)
		}
	}
}

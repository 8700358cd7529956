package fsm

import "testing"

// TestChangedSince compares with what a reader of every record would say.
func TestChangedSince(t *testing.T) {
	l := newLab(t)
	type change struct{ index, revision uint64 }
	var changes []change
	for i := range 20 {
		c := putAgent(i % 5).(PutAgent)
		c.Name += string(rune('a' + i))
		l.accept(c)
		l.apply() // an entry without a record
		a, _ := l.state.Agents.ByID(agentID(i % 5))
		changes = append(changes, change{l.state.Index - 1, a.Revision})
	}
	for _, c := range changes {
		for index := range l.state.Index + 2 {
			if got, want := l.state.Records.ChangedSince(c.revision, index), c.index > index; got != want {
				t.Errorf("revision %d of entry %d, since %d: %v", c.revision, c.index, index, got)
			}
		}
	}
}

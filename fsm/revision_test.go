package fsm

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// revisionsOf returns the numbers of the revisions of a thing, the oldest first.
func (l *lab) revisionsOf(thing Subject) []uint64 {
	var list []uint64
	for r := range l.state.Revisions.Of(thing) {
		list = append(list, r.Revision)
	}
	return list
}

// checkRevisions fails unless the newest revision of everything that has any is
// how that thing is configured now. So a command that changes a thing and does
// not tell of it, or tells of it before it has put the row, is found.
func checkRevisions(t *testing.T, s *State) {
	t.Helper()
	newest := map[Subject]Revision{}
	for r := range s.Revisions.All() {
		newest[Subject{r.Noun, r.Handle}] = r
	}
	for a := range s.Agents.All() {
		if _, kept := newest[Subject{NounAgent, uint64(a.Handle)}]; !kept {
			t.Errorf("agent %s has no revision", a.ID)
		}
	}
	for team := range s.Teams.All() {
		if _, kept := newest[Subject{NounTeam, uint64(team.Handle)}]; !kept {
			t.Errorf("team %s has no revision", team.ID)
		}
	}
	for inbox := range s.Inboxes.All() {
		if _, kept := newest[Subject{NounInbox, uint64(inbox.Handle)}]; !kept {
			t.Errorf("inbox %s has no revision", inbox.ID)
		}
	}
	for thing, r := range newest {
		now, _ := PresentRevision(s, thing)
		if thing.Noun == NounAgent { // its number rises with its presence, too
			now.Row, r.Row = withoutRevision(t, now), withoutRevision(t, r)
		}
		if !bytes.Equal(now.Row, r.Row) || !slices.Equal(now.Seats, r.Seats) {
			t.Errorf("the newest revision of %s %q is not what it is now:\n%x %v\n%x %v",
				thing.Noun, thing.Name(s), r.Row, r.Seats, now.Row, now.Seats)
		}
	}
}

func withoutRevision(t *testing.T, r Revision) []byte {
	t.Helper()
	row, err := RowOf[Agent](r)
	if err != nil {
		t.Fatal(err)
	}
	row.Revision = 0
	return encode(row)
}

// TestRevisionsAreOfTheConfiguration: a change makes one, with who made it and
// when; presence, and a change to what is there already, make none.
func TestRevisionsAreOfTheConfiguration(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	agent, _ := l.state.Agents.ByID(agentID(0))
	thing := Subject{NounAgent, uint64(agent.Handle)}
	made := l.revisionsOf(thing)

	l.accept(available(0), putAgent(0))
	if got := l.revisionsOf(thing); !slices.Equal(got, made) || len(got) != 1 {
		t.Fatalf("revisions %v, want the one of its making, %v", got, made)
	}
	l.nowMs += 5000
	l.accept(PutAgent{ID: agentID(0), Name: "Ann", SortKey: "ann"})
	var list []Revision
	for r := range l.state.Revisions.Of(thing) {
		list = append(list, r)
	}
	if len(list) != 2 || list[1].Revision != l.state.Seq || list[1].TimeMs != l.nowMs || list[1].Actor != "agent:x" {
		t.Fatalf("%+v, want a second one of item %d by agent:x", list, l.state.Seq)
	}
	for i, want := range []string{string(agentID(0)), "Ann"} {
		row, err := RowOf[Agent](list[i])
		if err != nil || row.Name != want || row.Presence != (Presence{}) {
			t.Errorf("%+v, %v: want the name %s and no presence", row, err, want)
		}
	}
	if r, ok := l.state.Revisions.InForce(thing, l.state.Seq-1); !ok || r.Revision != list[0].Revision {
		t.Errorf("%+v, %v was in force before the change", r, ok)
	}
	if r, ok := l.state.Revisions.InForce(thing, list[0].Revision-1); ok {
		t.Errorf("%+v was in force before there was anything", r)
	}
	checkRevisions(t, l.state)
}

// TestRevisionsOfTeamsKeepTheSeats: however the list is changed.
func TestRevisionsOfTeamsKeepTheSeats(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{Order: "list"})
	l.accept(putAgent(7))
	l.accept(PutMember{Team: "t", Agent: agentID(7)})
	l.accept(DeleteMember{Team: "t", Agent: agentID(0)})
	team, _ := l.state.Teams.ByID("t")
	var counts []int
	var last Revision
	for r := range l.state.Revisions.Of(Subject{NounTeam, uint64(team.Handle)}) {
		counts, last = append(counts, len(r.Seats)), r
	}
	seven, _ := l.state.Agents.ByID(agentID(7))
	if !slices.Equal(counts, []int{2, 3, 2}) || last.Seats[1] != seven.Handle {
		t.Fatalf("seats %v, the last %v, want 2, 3, 2 and %d at the end", counts, last.Seats, seven.Handle)
	}
	checkRevisions(t, l.state)
}

// TestOldRevisionsAreDropped: the newest fifty of each thing stay, and the
// neighbours keep theirs.
func TestOldRevisionsAreDropped(t *testing.T) {
	l := newLab(t)
	l.accept(PutInbox{ID: "h", Name: "H"}, PutInbox{ID: "i", Name: "I"}, PutInbox{ID: "j", Name: "J"})
	for i := range MaxRevisions + 5 {
		l.accept(PutInbox{ID: "i", Name: fmt.Sprint("I", i)})
	}
	for id, want := range map[InboxID]int{"h": 1, "i": MaxRevisions, "j": 1} {
		inbox, _ := l.state.Inboxes.ByID(id)
		thing := Subject{NounInbox, uint64(inbox.Handle)}
		got := l.revisionsOf(thing)
		if len(got) != want {
			t.Errorf("%d revisions of %s, want %d", len(got), id, want)
		}
		if id != "i" {
			continue
		}
		oldest, _ := first(l.state.Revisions.Of(thing))
		if row, err := RowOf[Inbox](oldest); err != nil || row.Name != "I5" {
			t.Errorf("the oldest is %q, %v; want I5", row.Name, err)
		}
	}
	checkRevisions(t, l.state)
}

// TestRevisionsOfContacts: one that a message made has none until somebody changes
// it, and then as it was before, too; erased, it leaves none.
func TestRevisionsOfContacts(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(ReceiveMessage{Inbox: "i", ID: "m1", From: Sender{"+1", "Ann"}, MintedContact: "ann", MintedID: "c1"})
	contact, _ := l.state.Contacts.ByID("ann")
	thing := Subject{NounContact, uint64(contact.Handle)}
	if got := l.revisionsOf(thing); got != nil {
		t.Fatalf("a contact that nobody has changed has revisions %v", got)
	}
	l.accept(PutContact{ID: "ann", Name: "Ann B", Addresses: []string{"+1", "+2"}})
	var list []Contact
	for r := range l.state.Revisions.Of(thing) {
		row, err := RowOf[Contact](r)
		if err != nil {
			t.Fatal(err)
		}
		if known := r.TimeMs != 0 && r.Actor != ""; known != row.Known {
			t.Errorf("%+v says who made it, %v", r, known)
		}
		list = append(list, row)
	}
	if len(list) != 2 || list[0].Name != "Ann" || list[0].Known || len(list[1].Addresses) != 2 {
		t.Fatalf("%+v, want Ann as the message made her, then as she is", list)
	}
	checkRevisions(t, l.state)

	other := l.state.Revisions.Len()
	l.state.Revisions.DeleteOf(thing)
	if got := l.revisionsOf(thing); got != nil || l.state.Revisions.Len() != other-2 {
		t.Fatalf("erased, it has revisions %v, and %d of %d are left", got, l.state.Revisions.Len(), other)
	}
}

// TestRevisionsOfGroups are packed as those of everything else.
func TestRevisionsOfGroups(t *testing.T) {
	l := newLab(t)
	l.state.Groups.Put(Group{Handle: 9, ID: "g", Name: "G", Members: []AgentHandle{3, 4}, Revision: 12})
	r, ok := PresentRevision(l.state, Subject{NounGroup, 9})
	row, err := RowOf[Group](r)
	if !ok || err != nil || row.Name != "G" || len(row.Members) != 2 || r.Revision != 12 {
		t.Fatalf("%+v, %v, %v", row, ok, err)
	}
}

// TestOlderSnapshotsHaveNoRevisions: what was kept before there were any is read,
// and the next change keeps one.
func TestOlderSnapshotsHaveNoRevisions(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.state.Revisions = newRevisions()
	agent, _ := l.state.Agents.ByID(agentID(0))
	thing := Subject{NounAgent, uint64(agent.Handle)}
	if r, ok := PresentRevision(l.state, thing); !ok || r.Revision != agent.Revision || r.Actor != "" {
		t.Fatalf("%+v, %v, want what there is, by nobody known", r, ok)
	}
	l.accept(PutAgent{ID: agentID(0), Name: "Ann", SortKey: "ann"})
	if got := l.revisionsOf(thing); len(got) != 1 {
		t.Fatalf("revisions %v, want that of the change", got)
	}
}

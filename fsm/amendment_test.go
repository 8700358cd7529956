package fsm

import (
	"reflect"
	"testing"
)

// amended is the item of a node that has merged what was asked into the agent as
// she was at a revision.
func (l *lab) amended(c PutAgent, asked string, revision uint64, key Key) Item {
	it := l.keyed(c, key)
	it.Amends = AmendmentOf(string(c.ID), []byte(asked), revision)
	return it
}

// TestAmendments: what was made of an old state is refused without a trace and
// made anew under the same key, which answers then whatever the body is.
func TestAmendments(t *testing.T) {
	l := newLab(t)
	l.accept(putAgent(1), putAgent(2))
	row, _ := l.state.Agents.ByID(agentID(1))
	key := Key{KeyClient, "agent:a", "k"}
	renamed := PutAgent{ID: agentID(1), Name: "Ann", Collation: l.state.Collation}

	rows, chain := l.state.Keys.Len(), l.state.Chain
	for _, revision := range []uint64{0, row.Revision - 1, row.Revision + 1} {
		o := l.apply(l.amended(renamed, `{"name":"Ann"}`, revision, key))[0]
		if o.Rejection == nil || o.Rejection.Reason != Outdated {
			t.Fatalf("made of revision %d: %+v", revision, o)
		}
	}
	if l.state.Keys.Len() != rows || l.state.Chain != chain {
		t.Fatal("an outdated amendment left something behind")
	}
	first := l.apply(l.amended(renamed, `{"name":"Ann"}`, row.Revision, key))[0]
	if first.Rejection != nil || first.Replayed || first.Created {
		t.Fatalf("made of what is there: %+v", first)
	}

	l.accept(PutAgent{ID: agentID(1), Name: "Bea", Collation: l.state.Collation})
	other := renamed
	other.Email = "bea@example.com" // somebody has set that meanwhile, so another body is made
	first.Replayed = true
	if o := l.apply(l.amended(other, `{"name":"Ann"}`, 0, key))[0]; !reflect.DeepEqual(o, first) {
		t.Errorf("again: %+v, want %+v", o, first)
	}
	if now, _ := l.state.Agents.ByID(agentID(1)); now.Name != "Bea" {
		t.Errorf("the repetition changed the agent: %+v", now)
	}

	renamed.ID = agentID(2)
	for what, it := range map[string]Item{
		"another wish":  l.amended(other, `{"name":"Zoe"}`, 0, key),
		"another agent": l.amended(renamed, `{"name":"Ann"}`, 0, key),
		"no amendment":  l.keyed(renamed, key),
		"a precondition": func() Item {
			it := l.amended(other, `{"name":"Ann"}`, 0, key)
			it.If = Precondition{Demand: MustExist}
			return it
		}(),
	} {
		if o := l.apply(it)[0]; o.Rejection == nil || o.Rejection.Reason != KeyReused {
			t.Errorf("%s under the key: %+v", what, o)
		}
	}
}

// TestAmendmentsNeverCreate: who is not there, or not any more, cannot be amended;
// nor can what is no one thing.
func TestAmendmentsNeverCreate(t *testing.T) {
	l := newLab(t)
	nobody := PutAgent{ID: "nobody", Name: "Nobody", Collation: l.state.Collation}
	if o := l.apply(l.amended(nobody, `{}`, 0, Key{KeyClient, "agent:a", "k"}))[0]; o.Rejection == nil || o.Rejection.Reason != Outdated {
		t.Errorf("nobody: %+v", o)
	}
	if _, there := l.state.Agents.ByID("nobody"); there {
		t.Error("nobody is somebody now")
	}
	it := l.item(RenewPresence{Agents: []AgentID{"a"}})
	it.Amends = &Amendment{}
	if o := l.apply(it)[0]; o.Rejection == nil || o.Rejection.Reason != Outdated {
		t.Errorf("heartbeats: %+v", o)
	}
}

// TestPreconditionOfAnAmendment: what a client says must hold is judged when the
// body is about what is there, and finally then.
func TestPreconditionOfAnAmendment(t *testing.T) {
	l := newLab(t)
	l.accept(putAgent(1))
	row, _ := l.state.Agents.ByID(agentID(1))
	for _, step := range []struct {
		madeOf   uint64
		want     Reason
		replayed bool
	}{{row.Revision - 1, Outdated, false}, {row.Revision, RevisionMismatch, false}, {row.Revision - 1, RevisionMismatch, true}} {
		it := l.amended(PutAgent{ID: agentID(1), Name: "Ann", Collation: l.state.Collation}, `{}`, step.madeOf, Key{KeyClient, "agent:a", "k"})
		it.If = Precondition{MustHaveRevision, row.Revision + 1}
		if o := l.apply(it)[0]; o.Rejection == nil || o.Rejection.Reason != step.want || o.Replayed != step.replayed {
			t.Fatalf("%+v: %+v", step, o)
		}
	}
}

func amendingEntry() Entry {
	e := sampleEntry(CloseConversation{"c1"})
	e.Items[0].Amends = AmendmentOf("c1", []byte(`{}`), 77)
	return e
}

// TestAmendmentInTheLog: it comes back as it was written.
func TestAmendmentInTheLog(t *testing.T) {
	want := amendingEntry()
	got, err := DecodeEntry(EncodeEntry(want))
	if err != nil || !reflect.DeepEqual(got.Items[0].Amends, want.Items[0].Amends) {
		t.Errorf("%+v, %v", got.Items[0].Amends, err)
	}
}

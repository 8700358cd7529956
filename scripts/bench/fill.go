package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

const (
	// perEntry is how many conversations one entry opens; a contact goes with each
	// tenth of them, and both must fit.
	perEntry = 200

	// contactShare: each contact has so many conversations.
	contactShare = 10

	// oneDay is just less than a key lives, so that all of them are remembered.
	oneDay = (fsm.KeyLifeMs - 3600_000) * time.Millisecond
)

// A filler applies entries to a state as a node does, without a log and without
// asking anybody.
type filler struct {
	state *fsm.State
	nowMs int64
	next  int // number of the next key
}

// fill returns a state with n open, assigned conversations, all opened within the
// last day, each under a client's key.
func fill(ctx context.Context, n int) (*filler, error) {
	f := &filler{state: fsm.NewState(), nowMs: time.Now().Add(-oneDay).UnixMilli()}
	if err := f.staff(20); err != nil {
		return nil, err
	}
	step := oneDay.Milliseconds() / int64(n/perEntry+1)
	for opened := 0; opened < n; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var commands []fsm.Command
		for range min(perEntry, n-opened) {
			if opened%contactShare == 0 {
				i := opened / contactShare
				commands = append(commands, fsm.PutContact{ID: contactOf(opened), Name: fmt.Sprint("Ann Example ", i), Addresses: []string{fmt.Sprintf("+1555%08d", i)}})
			}
			commands = append(commands, openOf(opened, contactOf(opened)))
			opened++
		}
		f.nowMs += step
		if err := f.apply(commands...); err != nil {
			return nil, err
		}
	}
	if have := f.state.Conversations.Len(); have != n {
		return nil, fmt.Errorf("%d conversations were opened, want %d", have, n)
	}
	return f, nil
}

func contactOf(conversation int) fsm.ContactID {
	return fsm.ContactID(fmt.Sprint("contact-", conversation/contactShare))
}

// openOf opens conversation i under an id of the length of a minted one.
func openOf(i int, contact fsm.ContactID) fsm.Command {
	return fsm.OpenConversation{ID: fsm.ConversationID(fmt.Sprintf("01KAM8Q4TZ5R0W9%011d", i)), Inbox: "bench", Contact: contact}
}

func (f *filler) staff(agents int) error {
	if err := f.apply(fsm.BeginTerm{Node: "scale", Term: 1, Semantics: fsm.Semantics, Collation: collation.Version, ClusterID: "scale"}); err != nil {
		return err
	}
	team := fsm.PutTeam{ID: "bench", Name: "Bench"}
	for i := range agents {
		id := fsm.AgentID(fmt.Sprintf("bench-%02d", i))
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
		err := f.apply(
			fsm.PutAgent{ID: id, Name: string(id), SortKey: cbor.ByteString(collation.Key(string(id))), Collation: collation.Version},
			fsm.PutPresence{Agent: id, Status: "available"},
		)
		if err != nil {
			return err
		}
	}
	return f.apply(team, fsm.PutInbox{ID: "bench", Name: "Bench", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "bench"}})
}

// apply applies one entry. A refusal is an error: the state would not be what the
// figures say.
func (f *filler) apply(commands ...fsm.Command) error {
	items := make([]fsm.Item, 0, len(commands))
	for _, c := range commands {
		it := fsm.NewItem(c, "system:bench", "", fsm.Key{Source: fsm.KeyClient, Scope: "system:bench", Text: fmt.Sprintf("scale-%012d", f.next)})
		it.NotAfterMs = f.nowMs + fsm.MintedKeyLifeMs
		items = append(items, it)
		f.next++
	}
	outcomes, err := f.state.Apply(f.state.Index+1, fsm.Entry{Format: fsm.EntryFormat, MinSemantics: fsm.Semantics, TimeMs: f.nowMs, Items: items})
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if o.Rejection != nil {
			return fmt.Errorf("%s was refused: %s", items[i].Kind.Name(), o.Rejection.Detail)
		}
	}
	return nil
}

// forgetKeys lets a day go by, with as many ticks as it takes.
func (f *filler) forgetKeys() error {
	f.nowMs += fsm.KeyLifeMs + 1
	for f.state.Keys.Len() > 0 {
		before := f.state.Keys.Len()
		if err := f.apply(); err != nil {
			return err
		}
		if f.state.Keys.Len() >= before {
			return fmt.Errorf("%d keys are not forgotten after their day", before)
		}
	}
	return nil
}

// heap is what is in use after a full collection.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

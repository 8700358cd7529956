// Package fsm is what the nodes agree on: commands go in, a new state and the
// records of what happened come out.
//
// It is pure. No clock, no random numbers, no goroutines, no I/O, no logging, no
// Raft and no HTTP: package cluster carries entries to it, and package httpapi
// shows its state. The same entries give the same bytes on every machine, with
// every version that knows them, for ever.
//
// Read this file first: Apply is the only way in. Then tx.go (what a command may
// do), queue.go (the one place where a turn is taken), open_conversation.go (a
// command), state.go and table.go (what is kept), record.go (what is told),
// entry.go (what stands in the log), snapshot.go.
package fsm

import (
	"fmt"
)

// StepsPerEntry bounds what one entry does besides its own commands: timers
// fired, conversations served from queues, chores, keys and records forgotten. What is left is done
// by the next entry, which the leader proposes at once (NextDue).
const StepsPerEntry = 256

// An Outcome is what became of one item. It is the same on every node.
type Outcome struct {
	Result
	Seq       uint64     `cbor:"4,keyasint"`           // of the item
	Index     uint64     `cbor:"5,keyasint"`           // of the entry that did it: the first one, if replayed
	Replayed  bool       `cbor:"6,keyasint,omitempty"` // its key was seen before: this is what became of it then
	Rejection *Rejection `cbor:"7,keyasint,omitempty"` // why nothing happened, or nil
}

// Apply changes s by the entry at index and returns the outcome of each item.
//
// An error means that this binary does not understand the entry: it is damaged,
// or a newer version wrote it. Nothing was changed then, and the caller must
// stop, since a node that guessed would drift from the others. The caller holds
// s for itself.
func (s *State) Apply(index uint64, e Entry) ([]Outcome, error) {
	if index <= s.Index {
		return nil, fmt.Errorf("entry %d comes after entry %d was applied", index, s.Index)
	}
	if e.MinSemantics > Semantics {
		return nil, fmt.Errorf("entry %d needs semantics %d and this binary knows %d: upgrade it", index, e.MinSemantics, Semantics)
	}
	commands := make([]Command, len(e.Items))
	for i, it := range e.Items {
		c, err := DecodeItem(it)
		if err != nil {
			return nil, fmt.Errorf("entry %d, item %d: %w", index, i, err)
		}
		commands[i] = c
	}

	s.Index = index
	s.NowMs = max(s.NowMs, e.TimeMs)
	tx := &Tx{State: s, progress: progress{steps: StepsPerEntry}}
	if len(commands) > 0 {
		_, tx.newTerm = commands[0].(BeginTerm)
	}
	s.Conversations.shares.note()
	defer s.Conversations.shares.stop()
	tx.forgetRecords()
	fireTimers(tx)
	outcomes := make([]Outcome, len(e.Items))
	for i, it := range e.Items {
		out, err := tx.do(it, commands[i])
		if err != nil {
			return nil, fmt.Errorf("entry %d, item %d, %s: %w", index, i, it.Kind.Name(), err)
		}
		outcomes[i] = out
	}
	doChores(tx)
	resumeOffers(tx)
	resumeQueues(tx)
	tx.forgetKeys()
	forgetOffers(tx)
	tx.seal()
	if tx.answers.bug != nil {
		return nil, fmt.Errorf("entry %d, a step of a rule: %w", index, tx.answers.bug)
	}
	return outcomes, nil
}

// do applies one item: its key is looked at first, then its time, then whether
// it may happen at all.
func (tx *Tx) do(it Item, c Command) (Outcome, error) {
	tx.begin()
	tx.Seq++
	tx.actor, tx.via = it.Principal, it.Via
	out := Outcome{Seq: tx.Seq, Index: tx.Index}

	hash := hashOf(it.Key)
	request := requestHash(it, c)
	if row, ok := tx.Keys.Get(hash); ok && row.ExpiresMs >= tx.NowMs {
		if row.Request != request {
			out.Rejection = reject(KeyReused, "this key was used for another request; use a new key for a new request")
			return out, nil
		}
		return row.outcome(), nil
	}
	switch {
	case tx.NowMs > it.NotAfterMs:
		out.Rejection = reject(Expired, "the request took too long on its way and was not carried out; send it again")
		return out, nil
	case uint64(tx.Keys.Len()) >= tx.Settings.MaxKeys:
		out.Rejection = reject(TooManyKeys, "the cluster remembers %d keys already; try again when old ones have expired", tx.Settings.MaxKeys)
		return out, nil
	case it.Amends.outdated(tx.State, c):
		out.Rejection = reject(Outdated, "others changed it each time before this could be; nothing was changed, send it again")
		return out, nil
	}

	err := c.Check()
	if err == nil {
		err = permit(tx, c)
	}
	if err == nil {
		err = it.If.refuse(tx, c)
	}
	if err == nil {
		tx.seen = it.If.Demand == MustHaveRevision
		out.Result, err = c.apply(tx)
		subject, decided := tx.subject, out.Decision
		tx.rearm()
		if !decided.IsZero() && tx.subject == subject && tx.decided.Compare(decided) > 0 {
			out.Decision = tx.decided // the place that became free went to its own subject
		}
		if runRules(tx) {
			ruledOutcome(tx, &out.Result)
		}
	}
	if err != nil {
		rejection, bug := asRejection(err)
		if bug != nil {
			return out, bug
		}
		out.Result, out.Rejection = Result{}, rejection
	}
	tx.remember(it, hash, request, out)
	return out, nil
}

// remember keeps the outcome under the item's key. The last millisecond belongs
// to both key and item, or a copy of the item that comes in it would be applied a
// second time.
func (tx *Tx) remember(it Item, hash, request KeyHash, out Outcome) {
	life := int64(KeyLifeMs)
	if len(it.Key) > 0 {
		life = KeySource(it.Key[0]).lifeMs()
	}
	tx.Keys.Put(KeyRow{
		Hash: hash, Request: request, ExpiresMs: tx.NowMs + life,
		Created: out.Created, Subject: out.Subject, Decision: out.Decision,
		Rejection: out.Rejection, Seq: out.Seq, Index: out.Index, Warnings: out.Warnings,
	})
}

func (tx *Tx) forgetKeys() {
	for {
		oldest, ok := first(tx.Keys.expiry.From(keyExpiry{}))
		if !ok || oldest.ms >= tx.NowMs || !tx.step() {
			return
		}
		tx.Keys.Delete(oldest.hash)
	}
}

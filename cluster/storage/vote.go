package storage

import (
	"fmt"

	"github.com/hashicorp/raft"
)

// The keys raft v1.7.3 keeps in its stable store.
const (
	keyCurrentTerm  = "CurrentTerm"
	keyLastVoteTerm = "LastVoteTerm"
	keyLastVoteCand = "LastVoteCand"
)

// AtomicVotes ends the torn vote (hashicorp/raft#661, raft.md 1.4). Raft saves
// a vote in two writes, the term and then the candidate. A crash between them
// leaves the new term with the candidate of an older one, and after the
// restart that candidate gets the vote again, in a term in which this node has
// not compared the logs.
//
// The decorator blanks the candidate before a new term is written. A blank
// candidate reads as "not voted", which sends the request through the log
// check. Blanking is safe: Raft has saved the higher CurrentTerm before, so
// the vote that is forgotten is of a term whose requests are refused.
func AtomicVotes(raw raft.StableStore) raft.StableStore { return &atomicVotes{raw} }

type atomicVotes struct{ raft.StableStore }

func (s *atomicVotes) SetUint64(key []byte, val uint64) error {
	if string(key) == keyLastVoteTerm {
		if err := s.blank(val); err != nil {
			return err
		}
	}
	return s.StableStore.SetUint64(key, val)
}

// blank forgets the candidate unless the vote is of this very term: then the
// write changes nothing, and forgetting would allow a second vote.
func (s *atomicVotes) blank(term uint64) error {
	last, err := s.GetUint64([]byte(keyLastVoteTerm))
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("read vote before a new one: %w", err)
	}
	candidate, err := s.Get([]byte(keyLastVoteCand))
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("read vote before a new one: %w", err)
	}
	if last == term || len(candidate) == 0 {
		return nil
	}
	if err := s.Set([]byte(keyLastVoteCand), nil); err != nil {
		return fmt.Errorf("blank vote before a new one: %w", err)
	}
	return nil
}

// Get returns nil for a blank candidate, whatever the store below makes of an
// empty value: Raft takes everything but nil for a vote.
func (s *atomicVotes) Get(key []byte) ([]byte, error) {
	val, err := s.StableStore.Get(key)
	if err == nil && len(val) == 0 {
		return nil, nil
	}
	return val, err
}

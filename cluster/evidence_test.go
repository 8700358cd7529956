package cluster

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

var replayDir = flag.String("replay", "", "a folder that a failed simulation has saved, for TestReplay")

// Evidence is all that is known of a story when it is over. It is judged from
// itself alone, so that a saved one is judged as the fresh one was.
type evidence struct {
	Story   story
	Ops     []*op
	Entries []logged `json:"-"` // in a file of their own, a line each
	Watched map[int][]watched
	Faults  []faultTime
	Wrong   []string // seen while it ran

	final []byte // snapshot of what all nodes came to, if they did
	tail  string // of the nodes' logs
}

// keep takes over what a storm has seen.
func (e *evidence) keep(s *storm) {
	e.Entries, e.Faults, e.tail = s.logbook.list(), s.faults, s.log.tail()
	s.history.note(func() {
		e.Ops, e.Watched, e.Wrong = slices.Clone(s.history.ops), s.history.watched, append(s.history.wrong, s.logbook.wrong...)
	})
}

// A judgement is what is wrong, and what was counted on the way.
type judgement struct {
	counts ringCounts
	wrong  []string

	removals, sentOn int // of agents; of conversations by removals and releases
	bustle           seenCounts
}

// judge holds what the clients saw against the log, and the log against the rules.
func (e *evidence) judge() judgement {
	j := judgement{wrong: slices.Clone(e.Wrong)}
	final, err := e.finalIndex()
	if err != nil {
		j.wrong = append(j.wrong, err.Error())
		return j
	}
	// The last ticks may come after the nodes were found to agree.
	end, _ := slices.BinarySearchFunc(e.Entries, final+1, func(l logged, index uint64) int { return cmp.Compare(l.Index, index) })
	state, wrong := replay(e.Entries[:end])
	j.wrong = append(j.wrong, wrong...)
	if len(wrong) > 0 {
		return j
	}
	if e.final != nil {
		var b bytes.Buffer
		if err := state.WriteSnapshot(&b); err != nil || !bytes.Equal(b.Bytes(), e.final) {
			j.wrong = append(j.wrong, fmt.Sprintf("the nodes agree on a state that the log does not lead to (index %d, %v)", state.Index, err))
		}
	}
	j.wrong = append(j.wrong, replayOn(state, e.Entries[end:])...)
	j.counts, wrong = recount(state)
	j.wrong = append(j.wrong, wrong...)
	j.removals, j.sentOn, wrong = judgeDepartures(state)
	j.wrong = append(j.wrong, wrong...)
	log := courseOf(e.Entries)
	bustle := judgeBustle(log)
	j.bustle, j.wrong = bustle.counts, append(j.wrong, bustle.wrong...)
	j.wrong = append(j.wrong, e.judgeLabels(state)...)
	j.wrong = append(j.wrong, e.judgeWatchers(state)...)
	ops := place(log, e.Ops)
	for team := range stormTeams {
		if err := linearizable(ops, team, viewOf(state, team)); err != nil {
			j.wrong = append(j.wrong, err.Error())
		}
	}
	return j
}

// finalIndex returns the index of the state that all nodes came to, or the last of
// all if they did not.
func (e *evidence) finalIndex() (uint64, error) {
	if e.final == nil {
		return math.MaxUint64 - 1, nil
	}
	state, err := fsm.ReadSnapshot(bytes.NewReader(e.final))
	if err != nil {
		return 0, fmt.Errorf("read the state that the nodes came to: %w", err)
	}
	return state.Index, nil
}

// judgeLabels: what was acknowledged is there, once, under the decision that was
// told; what was said not to have happened is not.
func (e *evidence) judgeLabels(s *fsm.State) (wrong []string) {
	type label struct{ team, label int }
	there := map[label]fsm.RecordID{}
	teams := map[fsm.InboxHandle]int{}
	for team := range stormTeams {
		inbox, _ := s.Inboxes.ByID(inboxCalled(team))
		teams[inbox.Handle] = team
	}
	for c := range s.Conversations.All() {
		if labelOf(c) < 0 {
			continue // of an upheaval
		}
		at := label{teams[c.Inbox], labelOf(c)}
		if old, twice := there[at]; twice {
			wrong = append(wrong, fmt.Sprintf("applied twice: conversation %d of team %d, decided as %s and again", at.label, at.team, old))
		}
		rec, _ := s.Records.At(c.Opening)
		there[at] = rec.ID
	}
	decisions := map[fsm.RecordID]string{}
	for _, o := range e.Ops {
		at := label{o.Team, o.Label}
		decision, ok := there[at]
		switch {
		case o.Kind != opOpen:
		case o.End == endNever && ok:
			wrong = append(wrong, fmt.Sprintf("%s was answered as rejected, and stands there as %s", o.Key, decision))
		case o.End == endDone && !ok:
			wrong = append(wrong, fmt.Sprintf("lost: %s was acknowledged as %s", o.Key, o.Decision))
		case o.End == endDone && decision != o.Decision:
			wrong = append(wrong, fmt.Sprintf("%s was acknowledged as %s and stands there as %s", o.Key, o.Decision, decision))
		case o.End == endDone && decisions[decision] != "":
			wrong = append(wrong, fmt.Sprintf("%s and %s were both told of decision %s", o.Key, decisions[decision], decision))
		case o.End == endDone:
			decisions[decision] = o.Key
		}
	}
	return wrong
}

// judgeWatchers: each has seen the records from the first on, without a gap, a
// repetition, or another order.
func (e *evidence) judgeWatchers(s *fsm.State) (wrong []string) {
	var all []watched
	for rec := range s.Records.From(fsm.RecordID{}) {
		all = append(all, watched{rec.ID, rec.Seq, rec.Event.String()})
	}
	for number, seen := range e.Watched {
		for i, w := range seen {
			if i >= len(all) || all[i] != w {
				wrong = append(wrong, fmt.Sprintf("watcher %d saw %v as its number %d, which is not what stands there", number, w, i))
				break
			}
		}
	}
	return wrong
}

const (
	evidenceFile = "evidence.json"
	entriesFile  = "entries.jsonl"
	stateFile    = "final.snapshot"
	nodesFile    = "nodes.log"
)

// save writes everything into a folder and says where.
func (e *evidence) save(t *testing.T) {
	t.Helper()
	dir := t.ArtifactDir()
	if artifacts := flag.Lookup("test.artifacts"); artifacts == nil || artifacts.Value.String() != "true" {
		var err error // that folder would go with the test
		if dir, err = os.MkdirTemp("", "rondo-simulation-"); err != nil {
			t.Error(err)
			return
		}
	}
	if err := e.write(dir); err != nil {
		t.Errorf("save what was seen: %v", err)
		return
	}
	t.Logf("saved: look at it again with  go test ./cluster -run TestReplay -replay %s", dir)
}

func (e *evidence) write(dir string) error {
	head, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, entry := range e.Entries {
		if err := encoder.Encode(entry); err != nil {
			return err
		}
	}
	err = nil
	for name, data := range map[string][]byte{evidenceFile: head, entriesFile: lines.Bytes(), stateFile: e.final, nodesFile: []byte(e.tail)} {
		if data != nil {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o600))
		}
	}
	return err
}

func readEvidence(dir string) (*evidence, error) {
	head, err := os.ReadFile(filepath.Join(dir, evidenceFile))
	if err != nil {
		return nil, err
	}
	e := &evidence{}
	if err := json.Unmarshal(head, e); err != nil {
		return nil, err
	}
	lines, err := os.ReadFile(filepath.Join(dir, entriesFile))
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(lines)); decoder.More(); {
		var entry logged
		if err := decoder.Decode(&entry); err != nil {
			return nil, err
		}
		e.Entries = append(e.Entries, entry)
	}
	if e.final, err = os.ReadFile(filepath.Join(dir, stateFile)); errors.Is(err, os.ErrNotExist) {
		return e, nil
	}
	return e, err
}

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// crowd is how many timers are due in one moment.
func crowd() int {
	if raceEnabled || testing.Short() {
		return 10_000
	}
	return 100_000
}

// mostEntries is how many of the hundreds of entries that the timers take may come
// before that of a command. Two are usual.
const mostEntries = 16

// crowdedState has as many teams, in each of which one conversation waits, with an
// alert to be told at a moment of its own within the minute.
func crowdedState(nowMs int64) *fsm.State {
	s := fsm.NewState()
	s.Index, s.Seq, s.NowMs, s.ClusterID, s.Collation = 10, 10, nowMs, "crowded", collation.Version
	s.Contacts.Put(fsm.Contact{Handle: 1, ID: "contact", Name: "Contact", Revision: 1})
	n := crowd()
	s.LastHandle, s.LastSmall = uint64(n+1), uint32(2*n)
	for i := range n {
		team, inbox := fsm.TeamHandle(i+1), fsm.InboxHandle(n+i+1)
		due := nowMs + int64(i*7919%n)*60_000/int64(n) // in another order than the teams
		s.Teams.Put(fsm.Team{Handle: team, ID: fsm.TeamID(fmt.Sprint("t", i)), Name: "T",
			Rotation: fsm.Rotation{AlertAfterMs: 1, DrainIntervalMs: 1000}, Revision: 1})
		s.Inboxes.Put(fsm.Inbox{Handle: inbox, ID: fsm.InboxID(fmt.Sprint("i", i)), Name: "I", Mode: fsm.ModeRotation, Team: team, Revision: 1})
		s.Conversations.Put(fsm.Conversation{Handle: fsm.ConversationHandle(i + 2), ID: conversation(i), Inbox: inbox, Contact: 1,
			Assignment: fsm.Assignment{State: fsm.StateWaiting, Cause: fsm.NoMembers, SinceMs: due - 1, Team: team, QueueSeq: uint64(i + 1)},
			OpenedMs:   due - 1, Revision: 1})
		s.Queues.Put(fsm.Queue{Team: team, Waiting: 1, SinceMs: due - 1, AlertMs: due})
		s.Timers.Put(fsm.Timer{DueMs: due, Kind: fsm.TimerAlert, Team: team})
	}
	return s
}

// TestCrowdOfTimers: a cluster comes back after an hour, and 100,000 timers are due
// at once. All fire, once each, in the order in which they were due, 256 an entry at
// most; and a command that comes meanwhile stands in the log after a few entries,
// however many timers are left.
func TestCrowdOfTimers(t *testing.T) {
	var snapshot bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		state := crowdedState(time.Now().Add(-time.Hour).UnixMilli())
		if err := archive.Write(&snapshot, state); err != nil {
			t.Fatal(err)
		}
		w := newDarkWorld(t, 3, 81)
		w.snapshots = SnapshotPolicy{}
		for _, n := range w.nodes {
			installSnapshot(t, w, n, snapshot.Bytes())
			w.boot(n)
		}
		defer w.close()

		leader := w.awaitLeader(ctx)
		left := func() bool { // the alerts are due first of all
			for timer := range leader.group().Latest().Timers.All() {
				return timer.Kind == fsm.TimerAlert
			}
			return false
		}
		served, longest := 0, uint64(0)
		for left() && ctx.Err() == nil {
			before := leader.group().replica.machine.applied.now()
			outcome := w.mustOn(ctx, leader, fsm.PutContact{ID: fsm.ContactID(fmt.Sprint("p", served)), Name: "P"})
			longest = max(longest, outcome.Index-before)
			served++
		}
		if served < crowd()/fsm.StepsPerEntry/4 {
			t.Errorf("void: %d commands were served meanwhile", served)
		}
		if longest > mostEntries {
			t.Errorf("a command waited for %d entries", longest)
		}
		checkAlerts(t, w.settle(ctx), state)
		t.Logf("%d commands were served meanwhile, each within %d entries", served, longest)
	})
}

// checkAlerts holds the alerts that were told against the timers there were.
func checkAlerts(t *testing.T, s, before *fsm.State) {
	t.Helper()
	inEntry := map[uint64]int{}
	var order []fsm.TeamHandle
	for rec := range s.Records.From(fsm.RecordID{}) {
		if rec.Event == fsm.QueueAlert {
			order = append(order, rec.Team)
			inEntry[rec.ID.Index]++
		}
	}
	at := 0
	for timer := range before.Timers.All() {
		if at >= len(order) || order[at] != timer.Team {
			t.Fatalf("alert number %d of %d is not that of team %d", at, len(order), timer.Team)
		}
		at++
	}
	if at != len(order) || at != crowd() {
		t.Errorf("%d alerts were told, want %d", len(order), crowd())
	}
	for index, n := range inEntry {
		if n > fsm.StepsPerEntry {
			t.Errorf("entry %d fired %d timers", index, n)
		}
	}
}

// installSnapshot puts a snapshot onto the disk of a node that has never run.
func installSnapshot(t *testing.T, w *world, n *simNode, data []byte) {
	t.Helper()
	var servers raft.Configuration
	for _, v := range w.voters() {
		servers.Servers = append(servers.Servers, raft.Server{Suffrage: raft.Voter, ID: raft.ServerID(v.ID), Address: raft.ServerAddress(v.Address)})
	}
	disk, err := storage.OpenMem(n.disk, storage.Options{NodeID: n.name})
	if err != nil {
		t.Fatal(err)
	}
	sink, err := disk.Snapshots().Create(1, 10, 1, servers, 1, nil)
	if err == nil {
		_, err = io.Copy(sink, bytes.NewReader(data))
	}
	if err == nil {
		err = sink.Close()
	}
	if err == nil {
		err = errors.Join(disk.Stable().SetUint64([]byte("CurrentTerm"), 1), disk.AdoptClusterID("crowded"), disk.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

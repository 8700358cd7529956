package fsm

import "cmp"

// A Queue exists while conversations wait in a team: one episode of waiting. The
// conversations themselves are found through Conversations.Queue.
type Queue struct {
	Team    TeamHandle `cbor:"1,keyasint"`
	Waiting uint32     `cbor:"2,keyasint"`
	SinceMs int64      `cbor:"3,keyasint"`           // when the episode began
	AlertMs int64      `cbor:"4,keyasint,omitempty"` // when the alert timer is due; 0: none
	Alerted bool       `cbor:"5,keyasint,omitempty"`

	// Unserved says that an entry had done its share before it had served the
	// queue as far as it could: the next one goes on.
	Unserved bool `cbor:"6,keyasint,omitempty"`
}

// Queues is the table of queues.
type Queues struct {
	Table[TeamHandle, Queue]
	unserved Index[TeamHandle, Queue]
}

func newQueues() Queues {
	return Queues{
		newTable[TeamHandle, Queue](cmp.Compare[TeamHandle]),
		newIndex(cmp.Compare[TeamHandle], func(q *Queue) (TeamHandle, bool) { return q.Team, q.Unserved }),
	}
}

func (t Queues) clone() Queues { return Queues{t.Table.clone(), t.unserved.clone()} }

// Put stores row under its team.
func (t Queues) Put(row Queue) { t.unserved.move(t.set(row.Team, &row), &row) }

// Delete ends an episode.
func (t Queues) Delete(team TeamHandle) { t.unserved.move(t.remove(team), nil) }

package fsm

import (
	"fmt"
	"io"
	"sync"
	"testing"
)

// TestReadersOfClones: many goroutines read clones, whole and row by row, while
// one goes on applying entries and making more. The race detector watches; each
// reader also finds in its clone exactly what was there when it was made.
func TestReadersOfClones(t *testing.T) {
	const entries, readers = 120, 3
	l := newLab(t)
	l.staff(4, RotationSettings{DrainBurst: number(0)})
	l.accept(available(0), available(1))

	views := make(chan *State)
	failures := make(chan string, readers)
	var reading sync.WaitGroup
	for range readers {
		reading.Go(func() {
			for view := range views {
				if err := readAll(view); err != nil {
					failures <- err.Error()
					for range views { // the writer must not wait for us
					}
					return
				}
			}
		})
	}
	for i := range entries {
		status := []string{"available", "away"}[i/10%2]
		l.accept(openIt(fmt.Sprint("c", i)), PutPresence{Agent: agentID(0), Status: status}, PutPresence{Agent: agentID(1), Status: status})
		views <- l.state.Clone()
	}
	close(views)
	reading.Wait()
	close(failures)
	for failure := range failures {
		t.Error(failure)
	}
}

func readAll(view *State) error {
	opened := 0
	for rec := range view.Records.From(RecordID{}) {
		if rec.ID.Index > view.Index {
			return fmt.Errorf("the view of entry %d holds record %s", view.Index, rec.ID)
		}
		if rec.Event != ConversationOpened {
			continue
		}
		opened++
		if c, ok := view.Conversations.Get(rec.Conversation); !ok || c.Revision > view.Seq {
			return fmt.Errorf("the view of entry %d holds %+v", view.Index, c)
		}
	}
	if n := view.Conversations.Len(); n != opened {
		return fmt.Errorf("the view of entry %d holds %d conversations and %d openings", view.Index, n, opened)
	}
	return view.WriteSnapshot(io.Discard)
}

package storage

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// TestProgress: what is on its way is told with how far, how fast and how long
// still, and what it is: Raft opens and creates snapshots for two reasons each.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := NewProgress(hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Info}))
		d, err := OpenMem(NewMemDisk(1), Options{NodeID: "n1", Progress: p})
		must(t, err)
		defer d.Close()
		says := func(want string, replacing bool) {
			t.Helper()
			if got, now := p.Now(); got != want || now != replacing {
				t.Errorf("it says %q (replacing %v), want %q (%v)", got, now, want, replacing)
			}
		}
		const mib = 1 << 20
		says("", false)
		p.Expect(8 * mib)
		sink, err := d.Snapshots().Create(raft.SnapshotVersionMax, 5, 3, raft.Configuration{}, 1, nil)
		must(t, err)
		for range 4 {
			time.Sleep(time.Second) //tidy:sleep virtual time: the rate is what is tested
			_, err := sink.Write(make([]byte, mib))
			must(t, err)
		}
		says("receiving a snapshot from the leader: 4.0 of 8.0 MiB, 1.0 MiB a second, about 4s left", true)
		if got := strings.Count(log.String(), "a snapshot is on its way"); got != 2 {
			t.Errorf("told %d times in 4 s, want every 2 s:\n%s", got, log.String())
		}
		must(t, sink.Close())
		says("", false)
		if !strings.Contains(log.String(), "a snapshot is through") || !strings.Contains(log.String(), "took=4s") {
			t.Errorf("its end is not told:\n%s", log.String())
		}

		own, err := d.Snapshots().Create(raft.SnapshotVersionMax, 6, 3, raft.Configuration{}, 1, nil)
		must(t, err)
		IsWriting(own)
		time.Sleep(time.Second) //tidy:sleep virtual time: the rate is what is tested
		_, err = own.Write(make([]byte, 2*mib))
		must(t, err)
		says("writing a snapshot: 2.0 MiB, 2.0 MiB a second", false)
		must(t, own.Cancel())
		says("", false)

		list, err := d.Snapshots().List()
		must(t, err)
		_, source, err := d.Snapshots().Open(list[0].ID)
		must(t, err)
		time.Sleep(time.Second) //tidy:sleep virtual time: the rate is what is tested
		_, err = io.ReadFull(source, make([]byte, mib))
		must(t, err)
		says("sending a snapshot to a follower: 1.0 of 4.0 MiB, 1.0 MiB a second, about 3s left", false)
		IsLoading(wrapped{source})
		says("loading a snapshot: 1.0 of 4.0 MiB, 1.0 MiB a second, about 3s left", true)
		must(t, source.Close())
		says("", false)
	})
}

// A wrapped source is how Raft hands one to its state machine.
type wrapped struct{ io.ReadCloser }

func (w wrapped) WrappedReadCloser() io.ReadCloser { return w.ReadCloser }

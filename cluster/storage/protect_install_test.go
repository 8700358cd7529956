package storage

import (
	"path/filepath"
	"testing"

	"github.com/hashicorp/raft"
)

// TestInstallOnADiskRepairsTheLog: what RepairInstalls promises holds for the disk
// as a node gets it, in a directory and in memory, and in the same store that Raft
// reads its log from.
func TestInstallOnADiskRepairsTheLog(t *testing.T) {
	for name, open := range map[string]func() (*Disk, error){
		"directory": func() (*Disk, error) {
			return Open(filepath.Join(t.TempDir(), "data"), Options{NodeID: "n1"})
		},
		"memory": func() (*Disk, error) { return OpenMem(NewMemDisk(1), Options{NodeID: "n1"}) },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := open()
			must(t, err)
			defer d.Close()
			must(t, d.Logs().StoreLogs([]*raft.Log{
				{Index: 4, Term: 2, Data: []byte("kept")},
				{Index: 5, Term: 2, Data: []byte("never replicated")},
			}))
			_, transport := raft.NewInmemTransport("n1")
			sink, err := d.Snapshots().Create(raft.SnapshotVersionMax, 5, 3, raft.Configuration{}, 1, transport)
			must(t, err)
			must(t, sink.Close())
			var at, before raft.Log
			must(t, d.Logs().GetLog(5, &at))
			must(t, d.Logs().GetLog(4, &before))
			if at.Term != 3 || at.Type != raft.LogNoop {
				t.Errorf("after the install of a snapshot of term 3 the log has an entry of term %d and type %s at its index: "+
					"the leader will send the snapshot again, for ever (hashicorp/raft#697)", at.Term, at.Type)
			}
			if string(before.Data) != "kept" {
				t.Errorf("the entry before it is now %q", before.Data)
			}
		})
	}
}

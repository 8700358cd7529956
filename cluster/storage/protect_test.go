package storage

import (
	"testing"
)

// TestVoteOfADiskIsNotTorn: what AtomicVotes promises holds for the disk as a node
// gets it, not only for the decorator.
func TestVoteOfADiskIsNotTorn(t *testing.T) {
	mem := NewMemDisk(1)
	open := func() *Disk {
		d, err := OpenMem(mem, Options{NodeID: "n1"})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := open()
	for _, err := range []error{
		d.Stable().SetUint64([]byte(keyLastVoteTerm), 5),
		d.Stable().Set([]byte(keyLastVoteCand), []byte("n2")),
		d.Stable().SetUint64([]byte(keyLastVoteTerm), 6), // and the power goes
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	mem = mem.Crash()
	candidate, err := open().Stable().Get([]byte(keyLastVoteCand))
	if err != nil || len(candidate) > 0 {
		t.Errorf("after the crash the vote of term 6 is for %q (%v), and nobody was voted for", candidate, err)
	}
}

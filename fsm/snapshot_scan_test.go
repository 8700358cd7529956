package fsm

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// TestScanCountsWhatReadRestores, and notices what it notices.
func TestScanCountsWhatReadRestores(t *testing.T) {
	s := everything(t).state
	var whole bytes.Buffer
	if err := s.WriteSnapshot(&whole); err != nil {
		t.Fatal(err)
	}
	meta, sizes, err := ScanSnapshot(bytes.NewReader(whole.Bytes()))
	if err != nil || !reflect.DeepEqual(meta, s.Meta) {
		t.Fatalf("%+v, %v, want %+v", meta, err, s.Meta)
	}
	rows := func(name string) uint64 {
		at := slices.IndexFunc(sizes, func(t TableSize) bool { return t.Name == name })
		if at < 0 || sizes[at].Rows > 0 && sizes[at].Bytes == 0 {
			t.Errorf("table %s: %+v", name, sizes)
			return 0
		}
		return sizes[at].Rows
	}
	for name, want := range map[string]int{
		"agents": s.Agents.Len(), "conversations": s.Conversations.Len(), "keys": s.Keys.Len(),
		"nodes": s.Nodes.Len(), "records": segmentCount(&s.Records),
	} {
		if got := rows(name); want == 0 || got != uint64(want) {
			t.Errorf("%s: %d rows, want %d and some", name, got, want)
		}
	}
	for i := range whole.Len() {
		flipped := bytes.Clone(whole.Bytes())
		flipped[i] ^= 4
		if _, _, err := ScanSnapshot(bytes.NewReader(flipped)); err == nil {
			t.Fatalf("a flipped bit of byte %d is not noticed", i)
		}
	}
}

// TestRefound: another cluster, without the machines of the old one, with all else.
func TestRefound(t *testing.T) {
	s := everything(t).state
	other := s.Clone()
	Refound(other, "another")
	if other.ClusterID != "another" || other.Leader != "" || other.Nodes.Len() != 0 {
		t.Errorf("cluster %q led by %q with %d nodes", other.ClusterID, other.Leader, other.Nodes.Len())
	}
	if s.ClusterID == "another" || s.Nodes.Len() == 0 {
		t.Error("the old state has changed")
	}
	other.ClusterID, other.Leader, other.Nodes = s.ClusterID, s.Leader, s.Nodes
	var a, b bytes.Buffer
	if err := s.WriteSnapshot(&a); err != nil {
		t.Fatal(err)
	}
	if err := other.WriteSnapshot(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("something else has changed (%v)", err)
	}
}

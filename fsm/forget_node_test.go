package fsm

import (
	"fmt"
	"testing"
)

// TestForgottenNodesAreBounded: the id that was removed first may come back when
// there are too many; nodes that are there are never dropped.
func TestForgottenNodesAreBounded(t *testing.T) {
	nodes := newNodes()
	nodes.Put(Node{ID: "n1", Revision: 1})
	for i := range MaxForgottenNodes + 3 {
		nodes.Put(Node{ID: NodeID(fmt.Sprintf("old%d", MaxForgottenNodes+3-i)), Forgotten: true, Revision: uint64(2 + i)})
		nodes.dropOldest(MaxForgottenNodes)
	}
	if nodes.Len() != MaxForgottenNodes+1 || nodes.CountKnown() != 1 {
		t.Fatalf("%d rows, %d known", nodes.Len(), nodes.CountKnown())
	}
	first, last := NodeID(fmt.Sprintf("old%d", MaxForgottenNodes+3)), NodeID("old1")
	if nodes.IsForgotten(first) || !nodes.IsForgotten(last) {
		t.Errorf("kept the first: %v, the last: %v", nodes.IsForgotten(first), nodes.IsForgotten(last))
	}
	if _, ok := nodes.Known("n1"); !ok {
		t.Error("a node that is there was dropped")
	}
	if _, ok := nodes.Known(last); ok {
		t.Error("a removed node is known")
	}
}

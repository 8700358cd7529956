package fsm

// Refound makes s, which came from a saved snapshot, the first state of a new
// cluster: everything goes on where it was, turns and keys too, under another id.
// The machines of the old cluster are forgotten: none of them is in the new one,
// and should one wake up, the id keeps it out (raft.md 1.7, bumps the epoch).
//
// It is called offline and never by Apply. The caller holds s for itself.
func Refound(s *State, clusterID string) {
	s.ClusterID, s.Leader = clusterID, ""
	s.Nodes = newNodes()
}

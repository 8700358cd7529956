package server

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cluster/storage"
)

// TestAutoNodeID: an empty directory gets a new id, one that is somebody's keeps
// it, and an id that was given is never changed.
func TestAutoNodeID(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first, second := Config{NodeID: "auto", DataDir: dir}, Config{NodeID: "auto", DataDir: dir}
	if err := errors.Join(first.findNodeID(), second.findNodeID()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(first.NodeID, "node-") || first.NodeID == second.NodeID {
		t.Errorf("empty directories got %q and %q", first.NodeID, second.NodeID)
	}
	disk, err := storage.Open(dir, storage.Options{NodeID: first.NodeID})
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	again, given := Config{NodeID: "auto", DataDir: dir}, Config{NodeID: "n7", DataDir: dir}
	if err := errors.Join(again.findNodeID(), given.findNodeID()); err != nil {
		t.Fatal(err)
	}
	if again.NodeID != first.NodeID || given.NodeID != "n7" {
		t.Errorf("after a restart it is %q, was %q; given n7, it is %q", again.NodeID, first.NodeID, given.NodeID)
	}
}

func TestMembershipSettings(t *testing.T) {
	for _, c := range []struct {
		config ClusterConfig
		names  string
	}{
		{ClusterConfig{MaxVoters: 4, StableMs: 1}, "cluster.max_voters"},
		{ClusterConfig{MaxVoters: 11, StableMs: 1}, "cluster.max_voters"},
		{ClusterConfig{MaxVoters: 5}, "cluster.stable_ms"},
		{ClusterConfig{MaxVoters: 5, StableMs: 1, RemoveDeadAfterHours: -1}, "cluster.remove_dead_after_hours"},
		{ClusterConfig{MaxVoters: 5, StableMs: 10_000, RemoveDeadAfterHours: 24}, ""},
	} {
		err := errors.Join(c.config.checkMembership()...)
		if (err == nil) != (c.names == "") || err != nil && !strings.Contains(err.Error(), c.names) {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
}

package snapshot

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/cmd/rondo/server"
	"github.com/rondohq/rondo/fsm"
)

// restore founds a new cluster on the snapshot at path.
func restore(path string, c server.Config, configFile string, out io.Writer) error {
	s, err := load(path)
	if err != nil {
		return err
	}
	old := s.ClusterID
	id, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("mint a cluster id: %w", err)
	}
	fsm.Refound(s, id.String())
	address := cmp.Or(c.Cluster.Advertise, c.Cluster.Listen)
	err = storage.Found(c.DataDir, storage.Foundation{
		NodeID: c.NodeID, ClusterID: s.ClusterID, Address: address, Index: s.Index, Term: s.Term,
		Write: func(w io.Writer) error { return archive.Write(w, s) },
	})
	switch {
	case errors.Is(err, storage.ErrLocked):
		return fmt.Errorf("restore into %s: %w; a running node is never restored into", c.DataDir, err)
	case err != nil:
		return fmt.Errorf("restore into %s: %w", c.DataDir, err)
	}
	start := "rondo server --node-id " + c.NodeID + " --data-dir " + c.DataDir + " ..."
	if configFile != "" {
		start = "rondo server --config " + configFile
	}
	_, err = fmt.Fprintf(out, `restored       %d conversations, index %d, time %s
new cluster    %s (was %s)
data           %s of node %s, its only voter, at %s

Next:
  1. Stop every node of the old cluster for good: they hold the same conversations.
  2. Start this node:  %s
  3. Check it:         curl http://%s/readyz?verbose
  4. Let the others join with EMPTY data directories. Their own would be refused:
     they belong to the old cluster.
`, s.Conversations.Len(), s.Index, timeOf(archive.HeaderOf(s)), s.ClusterID, old, c.DataDir, c.NodeID, address,
		start, cmp.Or(c.HTTP.Advertise, c.HTTP.Listen))
	return err
}

func load(path string) (*fsm.State, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	defer f.Close()
	s, err := archive.Read(f)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w; nothing was restored", path, err)
	case s.Index == 0 || s.Term == 0:
		return nil, fmt.Errorf("%s holds nothing: no leader had begun when it was taken; nothing was restored", path)
	}
	return s, nil
}

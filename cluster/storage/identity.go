package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	nodeIDFile    = "node-id"
	clusterIDFile = "cluster-id"
	lockFile      = "lock"
	maxIDBytes    = 128
)

var (
	// ErrOtherNode: the disk was written by a node with another id.
	ErrOtherNode = errors.New("disk belongs to another node")
	// ErrOtherCluster: the disk already belongs to another cluster.
	ErrOtherCluster = errors.New("disk belongs to another cluster")
)

// files is a handful of small files that are replaced whole and durably.
type files interface {
	// read returns "" for a file that is not there.
	read(name string) (string, error)
	// write returns once the content survives a crash.
	write(name, content string) error
}

// identity is who a disk belongs to. The mutex is only held for local work:
// whoever greets asks for the cluster id, and must not wait for the disk.
type identity struct {
	files    files
	nodeID   string
	adopting chan struct{} // has room for the one who writes

	mu        sync.Mutex
	clusterID string
}

func openIdentity(f files, nodeID string, hasLog bool) (*identity, error) {
	if err := checkID("node id", nodeID); err != nil {
		return nil, err
	}
	found, err := f.read(nodeIDFile)
	if err != nil {
		return nil, err
	}
	switch {
	case found == "" && hasLog:
		return nil, fmt.Errorf("%w: there is Raft state but no %s file; put the file back with the id this node had, or start with an empty directory and a new id", ErrOtherNode, nodeIDFile)
	case found == "":
		if err := f.write(nodeIDFile, nodeID); err != nil {
			return nil, err
		}
	case found != nodeID:
		return nil, fmt.Errorf("%w: its file %s says %q and this node is %q; use the directory of %q, or change the node id back", ErrOtherNode, nodeIDFile, found, nodeID, nodeID)
	}
	clusterID, err := f.read(clusterIDFile)
	if err != nil {
		return nil, err
	}
	return &identity{files: f, nodeID: nodeID, clusterID: clusterID, adopting: make(chan struct{}, 1)}, nil
}

func (i *identity) cluster() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.clusterID
}

func (i *identity) adopt(id string) error {
	if err := checkID("cluster id", id); err != nil {
		return err
	}
	i.adopting <- struct{}{}
	defer func() { <-i.adopting }()
	switch ours := i.cluster(); ours {
	case id:
		return nil
	case "":
	default:
		return fmt.Errorf("%w: its file %s says %q, and this is %q; put the file back if it was changed, or start the node with an empty directory and a new id to move it", ErrOtherCluster, clusterIDFile, ours, id)
	}
	if err := i.files.write(clusterIDFile, id); err != nil {
		return fmt.Errorf("adopt cluster id: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clusterID = id
	return nil
}

func checkID(what, id string) error {
	if id == "" || len(id) > maxIDBytes || strings.ContainsAny(id, " \t\r\n\x00") {
		return fmt.Errorf("%s %q: want 1 to %d characters without blanks", what, id, maxIDBytes)
	}
	return nil
}

// dirFiles keeps files in a directory of the real disk.
type dirFiles string

func (d dirFiles) read(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(string(d), name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	content := strings.TrimSpace(string(b))
	if content == "" {
		return "", fmt.Errorf("read %s: the file is empty; put back the id it held", name)
	}
	return content, nil
}

func (d dirFiles) write(name, content string) error {
	path := filepath.Join(string(d), name)
	if err := writeSynced(path+".tmp", content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return syncDir(string(d))
}

func writeSynced(path, content string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(content + "\n"); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync directory %s: %w", dir, err), f.Close())
	}
	return f.Close()
}

// NodeIDOf returns the id of the node whose data directory dir is, "" if it is
// nobody's yet. It changes nothing and may be called while the directory is open.
func NodeIDOf(dir string) (string, error) { return dirFiles(dir).read(nodeIDFile) }

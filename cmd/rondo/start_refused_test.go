package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

// A ruin is the data directory of a stopped node, to be damaged.
type ruin struct {
	data    string
	address string // of its cluster port
	saved   []byte // a snapshot of what it holds
	index   uint64 // of that snapshot
}

// newRuin has two snapshots, and a log that continues the older one.
func newRuin(t *testing.T, s *host) ruin {
	t.Helper()
	state := bigState(t, 3)
	err := storage.Found(s.data(), storage.Foundation{
		NodeID: "n1", ClusterID: "big", Address: s.cluster, Index: state.Index, Term: state.Term,
		Write: func(w io.Writer) error { return archive.Write(w, state) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.start(t)
	s.awaitReady(t)
	for i := range 5 {
		s.change(t, fmt.Sprint("later", i))
	}
	file := filepath.Join(t.TempDir(), "saved")
	mustRun(t, "snapshot", "save", file, "--server", s.url)
	s.change(t, "last")
	s.stop(t)
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	header, err := archive.ReadHeader(strings.NewReader(string(saved)))
	if err != nil {
		t.Fatal(err)
	}
	r := ruin{s.data(), s.cluster, saved, header.Index}
	r.addSnapshot(t, header.Index, saved)
	return r
}

// change writes something without a look at the answer's form.
func (s *host) change(t *testing.T, contact string) {
	t.Helper()
	request, err := http.NewRequest("PUT", s.url+"/v1/contacts/"+contact, strings.NewReader(`{"name":"Later"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("put %s: %s", contact, response.Status)
	}
}

// addSnapshot adds one of term 2, which is then the newest.
func (r ruin) addSnapshot(t *testing.T, index uint64, content []byte) {
	t.Helper()
	store, err := raft.NewFileSnapshotStoreWithLogger(filepath.Join(r.data, "groups", "0"), storage.SnapshotsRetained, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	_, transport := raft.NewInmemTransport(raft.ServerAddress(r.address))
	voters := raft.Configuration{Servers: []raft.Server{{Suffrage: raft.Voter, ID: "n1", Address: raft.ServerAddress(r.address)}}}
	sink, err := store.Create(raft.SnapshotVersionMax, index, 2, voters, 1, transport)
	if err == nil {
		_, err = sink.Write(content)
	}
	if err == nil {
		err = sink.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// snapshots are the files that hold them, oldest first.
func (r ruin) snapshots(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(r.data, "groups", "0", "snapshots", "*", "state.bin"))
	if err != nil || len(list) < 2 {
		t.Fatalf("snapshots %v, %v", list, err)
	}
	return list
}

func (r ruin) flip(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	r.write(t, file, string(content))
}

func (r ruin) write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r ruin) file(name string) string { return filepath.Join(r.data, name) }

// rewrite changes the newest command of the log as it lies on the disk.
func (r ruin) rewrite(t *testing.T, change func(data []byte) []byte) {
	t.Helper()
	log, err := raftboltdb.NewBoltStore(filepath.Join(r.data, "groups", "0", "raft.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	last, err := log.LastIndex()
	var entry raft.Log
	for ; err == nil && entry.Type != raft.LogCommand || entry.Index == 0; last-- {
		err = log.GetLog(last, &entry)
	}
	if err == nil {
		entry.Data = change(entry.Data)
		err = log.StoreLog(&entry)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestStartRefused: whatever is wrong with a data directory, a server that cannot
// trust it ends with a message that says what is wrong, where, and what to do.
func TestStartRefused(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	s := alone(t, "n1")
	whole := newRuin(t, s)
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, r ruin)
		flags  []string
		code   int
		says   []string
	}{
		{"of another cluster", func(t *testing.T, r ruin) { r.write(t, r.file("cluster-id"), "other\n") }, nil, 1,
			[]string{"DIR", "disk belongs to another cluster", `"other"`, `"big"`, "cluster-id", "empty directory and a new id"}},
		{"node-id missing", func(t *testing.T, r ruin) { must(t, os.Remove(r.file("node-id"))) }, nil, 1,
			[]string{"DIR", "no node-id file", "put the file back"}},
		{"other node configured", nil, []string{"--node-id", "n9", "--cluster-initial-voters", "n9=" + s.cluster}, 1,
			[]string{"DIR", `node-id`, `"n1"`, `"n9"`, "change the node id back"}},
		{"node-id empty", func(t *testing.T, r ruin) { r.write(t, r.file("node-id"), "") }, nil, 1,
			[]string{"DIR", "node-id", "the file is empty; put back the id it held"}},
		{"node-id flipped", func(t *testing.T, r ruin) { r.flip(t, r.file("node-id")) }, nil, 1,
			[]string{"DIR", "node-id", "disk belongs to another node", "change the node id back"}},
		{"cluster-id empty", func(t *testing.T, r ruin) { r.write(t, r.file("cluster-id"), "\n") }, nil, 1,
			[]string{"DIR", "cluster-id", "the file is empty; put back the id it held"}},
		{"cluster-id flipped", func(t *testing.T, r ruin) { r.flip(t, r.file("cluster-id")) }, nil, 1,
			[]string{"DIR", "cluster-id", "disk belongs to another cluster"}},
		{"snapshot newer than the binary", func(t *testing.T, r ruin) {
			newer := append([]byte(nil), r.saved...)
			newer[14] = 9 // the format in the header
			r.addSnapshot(t, r.index+1, newer)
		}, nil, 1, []string{"DIR", "snapshot 2-", "format is 9", "upgrade this binary"}},
		{"log newer than the binary", func(t *testing.T, r ruin) {
			r.rewrite(t, func(data []byte) []byte { data[0] = 9; return data })
		}, nil, 1, []string{"DIR", "read log entry", "entry format 9 is newer than this binary", "upgrade this binary"}},
		{"entry that needs newer semantics", func(t *testing.T, r ruin) {
			r.rewrite(t, func([]byte) []byte { return fsm.EncodeEntry(fsm.Entry{MinSemantics: 99}) })
		}, nil, 3, []string{"needs semantics 99 and this binary knows 1: upgrade it"}},
		{"bit flipped in the log", func(t *testing.T, r ruin) {
			r.rewrite(t, func(data []byte) []byte { data[len(data)-1] ^= 1; return data })
		}, nil, 1, []string{"DIR", "log entry is corrupt", "replace it and let the node join again empty, under a new id"}},
		{"bit flipped in all snapshots", func(t *testing.T, r ruin) {
			for _, file := range r.snapshots(t) {
				r.flip(t, file)
			}
		}, nil, 1, []string{"DIR", "no snapshot in", "can be read", "empty data directory and a new id"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := whole.copy(t)
			if test.damage != nil {
				test.damage(t, r)
			}
			s.wantNoStart(t, r, test.code, test.says, test.flags...)
		})
	}
	t.Run("open in another process", func(t *testing.T) {
		s.start(t)
		s.wantNoStart(t, whole, 1, []string{"DIR", fmt.Sprintf("is held by process %d", s.running.pid()), "stop it"})
		s.stop(t)
	})
	t.Run("bit flipped in the newest snapshot", func(t *testing.T) { s.wantOlderUsed(t, whole.copy(t)) })
}

func (r ruin) copy(t *testing.T) ruin {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	must(t, os.CopyFS(to, os.DirFS(r.data)))
	r.data = to
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantNoStart starts a server on a ruin; DIR stands for where that is.
func (s *host) wantNoStart(t *testing.T, r ruin, code int, says []string, flags ...string) {
	t.Helper()
	base := freePorts(t)
	args := append([]string{"server", "--config", s.config(), "--data-dir", r.data, "--http-listen", portAt(base, 0, 0)}, flags...)
	if s.running != nil {
		args = append(args, "--cluster-listen", portAt(base, 0, 1))
	}
	p := start(t, "a server on a ruin", nil, rondo, args...)
	if got := p.wait(t, patience); got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	all := strings.TrimSpace(p.stderr.String())
	last := all[strings.LastIndex(all, "\nrondo: ")+1:]
	for _, part := range says {
		if !strings.Contains(last, strings.ReplaceAll(part, "DIR", r.data)) {
			t.Errorf("it ends with\n%s\nwhich lacks %q", last, part)
		}
	}
}

// wantOlderUsed: a damaged newest snapshot costs nothing, and is not kept secret.
func (s *host) wantOlderUsed(t *testing.T, r ruin) {
	t.Helper()
	files := r.snapshots(t)
	newest := files[len(files)-1]
	r.flip(t, newest)
	s.start(t, "--data-dir", r.data)
	id := filepath.Base(filepath.Dir(newest))
	s.running.stderr.await(t, s.running, `the newest snapshot cannot be read and an older one is used: check the disk: snapshot=`+id)
	if _, ready, err := s.probe("/readyz?verbose"); err != nil || !strings.Contains(ready, id+", cannot be read and an older one was used") && !strings.Contains(s.log(), "snapshot taken") {
		t.Errorf("readyz?verbose says\n%s (%v)", ready, err)
	}
	s.awaitReady(t)
	for _, contact := range []string{"p0", "later4", "last"} {
		if status, said, err := s.probe("/v1/contacts/" + contact); err != nil || status != http.StatusOK {
			t.Errorf("%s is not there: %d %s (%v)", contact, status, said, err)
		}
	}
	s.stop(t)
}

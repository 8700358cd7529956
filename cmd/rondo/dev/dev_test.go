package dev

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/rondohq/rondo/cmd/rondo/server"
)

func TestOptionsCheck(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string // "": they are good
	}{
		{Options{Nodes: 3, PortBase: 4600}, ""},
		{Options{Nodes: 1, PortBase: 1024}, ""},
		{Options{Nodes: 9, PortBase: 65445}, ""},
		{Options{Nodes: 9, PortBase: 65446}, "--port-base is 65446: use 1024 to 65445"},
		{Options{Nodes: 3, PortBase: 1023}, "--port-base is 1023: use 1024 to 65505"},
		{Options{Nodes: 0, PortBase: 4600}, "--nodes is 0: use an odd number up to 9"},
		{Options{Nodes: -1, PortBase: 4600}, "--nodes is -1: use an odd number up to 9"},
		{Options{Nodes: 4, PortBase: 4600}, "--nodes is 4: use an odd number up to 9; an even one survives no more failures"},
		{Options{Nodes: 11, PortBase: 4600}, "--nodes is 11: use an odd number up to 9"},
		{Options{Nodes: 3, PortBase: 4600, RestartAfter: -time.Second}, "--restart-after is -1s: use a duration such as 5s, or 0 for never"},
	} {
		err := c.options.check()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v, want none", c.options, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: error %v\nwant: %s", c.options, err, c.want)
		}
	}
}

// The configurations that dev writes are ones that a server takes, and they agree
// with each other.
func TestConfig(t *testing.T) {
	for _, nodes := range []int{1, 3, 9} {
		o := Options{Nodes: nodes, PortBase: 4600}
		taken := map[string]string{}
		var voters []server.VoterConfig
		for k := range nodes {
			dir := t.TempDir()
			path := filepath.Join(dir, "rondo.toml")
			if err := os.WriteFile(path, []byte(o.config(k, dir)), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := server.Load(path, nil, pflag.NewFlagSet("none", pflag.ContinueOnError))
			if err != nil {
				t.Fatalf("node %d of %d: %v\n%s", k, nodes, err, o.config(k, dir))
			}
			if c.NodeID != nodeName(k) || c.DataDir != filepath.Join(dir, "data") {
				t.Errorf("node %d is %q in %s, want %q below %s", k, c.NodeID, c.DataDir, nodeName(k), dir)
			}
			for i, address := range []string{c.HTTP.Listen, c.Cluster.Listen, c.Gossip.Listen} {
				if want := "127.0.0.1:" + strconv.Itoa(4600+10*k+i); address != want || taken[address] != "" {
					t.Errorf("node %d listens on %s, want %s; it is taken by %q", k, address, want, taken[address])
				}
				taken[address] = c.NodeID
			}
			if voters == nil {
				voters = c.Cluster.InitialVoters
			}
			if len(c.Cluster.InitialVoters) != nodes || c.Cluster.InitialVoters[k] != (server.VoterConfig{ID: c.NodeID, Address: c.Cluster.Listen}) {
				t.Errorf("node %d does not find itself in its place among %v", k, c.Cluster.InitialVoters)
			}
			for i, v := range c.Cluster.InitialVoters {
				if v != voters[i] {
					t.Errorf("nodes 0 and %d disagree about voter %d: %v, %v", k, i, voters[i], v)
				}
			}
		}
	}
}

// A port that is taken is named before anything is started.
func TestPortTaken(t *testing.T) {
	for attempt := range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		// Ours shall be the gossip port of the third node.
		port := l.Addr().(*net.TCPAddr).Port
		dir := filepath.Join(t.TempDir(), strconv.Itoa(attempt))
		o := Options{Nodes: 3, PortBase: port - 22, Data: dir}
		err = Run(context.Background(), o, io.Discard)
		if err == nil {
			t.Fatal("dev ran although a port is taken")
		}
		if _, statErr := os.Stat(dir); statErr == nil {
			t.Error("it made its directory all the same")
		}
		if strings.Contains(err.Error(), l.Addr().String()+" is not free (is another rondo dev running?): use --port-base") {
			return
		}
		// Another program has one of the ports before it: try again.
		if !strings.Contains(err.Error(), "is not free") {
			t.Fatalf("error %v, want one that names the port", err)
		}
	}
	t.Fatal("no range of ports in which only ours is taken")
}

func TestDirectory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	temporary, remove, err := Options{}.directory()
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temporary); !os.IsNotExist(err) {
		t.Errorf("the temporary directory is still there: %v", err)
	}
	kept, remove, err := Options{Data: filepath.Join(t.TempDir(), "a", "b")}.directory()
	if err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(kept); err != nil || !info.IsDir() || !filepath.IsAbs(kept) {
		t.Errorf("--data must be kept, under an absolute path: %s (%v)", kept, err)
	}
}

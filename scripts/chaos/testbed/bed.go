package testbed

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rondohq/rondo/scripts/chaos/lossyfs"
)

// Options say what to build.
type Options struct {
	Dir       string   // of disks and logs; absolute
	Binary    string   // rondo
	ServeDisk []string // a command line that runs lossyfs.Serve on PathsOf its last argument
	Nodes     int
	OnExit    func(node, how string) // a server ended that nobody had killed; from any goroutine
}

// A Bed is a cluster on its machine. Its methods count nodes from 0 and are not
// for more than one goroutine at a time, except ID, URL and Count.
type Bed struct {
	network network
	nodes   []*node
}

// Missing says what this machine lacks for a bed, or nothing.
func Missing() string {
	if os.Geteuid() != 0 {
		return "root (for network namespaces and mounts)"
	}
	for tool, pkg := range map[string]string{"ip": "iproute2", "nft": "nftables"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Sprintf("%s (apt-get install %s)", tool, pkg)
		}
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return "/dev/fuse"
	}
	return ""
}

// New builds network and disks, and starts no server. Close it in any case where
// the error is nil.
func New(o Options) (*Bed, error) {
	if err := sweep(); err != nil {
		return nil, fmt.Errorf("remove what an earlier run left behind: %w", err)
	}
	const subnets = 250
	b := &Bed{network: network{run: os.Getpid(), subnet: fmt.Sprintf("10.77.%d.", os.Getpid()%subnets), count: o.Nodes}}
	if err := b.network.build(); err != nil {
		return nil, errors.Join(fmt.Errorf("build the network: %w", err), b.network.remove())
	}
	var voters, join []string
	for at := range o.Nodes {
		voters = append(voters, fmt.Sprintf("n%d=%s:4601", at+1, b.network.address(at)))
		join = append(join, b.network.address(at)+":4602")
	}
	for at := range o.Nodes {
		id := fmt.Sprintf("n%d", at+1)
		dir := filepath.Join(o.Dir, "disks", id)
		n := &node{
			id: id, namespace: b.network.namespace(at), log: filepath.Join(o.Dir, id+".log"), onExit: o.OnExit,
			args: nodeArgs(o.Binary, id, b.network.address(at), PathsOf(dir).Mount, strings.Join(voters, ","), strings.Join(join, ",")),
			disk: disk{dir: dir, serve: o.ServeDisk},
		}
		b.nodes = append(b.nodes, n)
		if err := n.disk.start(); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// Count returns the number of nodes.
func (b *Bed) Count() int { return len(b.nodes) }

// ID returns the name of a node.
func (b *Bed) ID(at int) string { return b.nodes[at].id }

// URL returns the base address of a node's API, which no cut cable affects.
func (b *Bed) URL(at int) string { return "http://" + b.network.address(at) + ":4600" }

// Start keeps nodes running from now on.
func (b *Bed) Start(nodes ...int) {
	for _, at := range nodes {
		b.nodes[at].start()
	}
}

// Kill ends nodes with kill -9 and keeps them down.
func (b *Bed) Kill(nodes ...int) error {
	var lives []*life
	for _, at := range nodes {
		lives = append(lives, b.nodes[at].condemn()) // all at once, before waiting for any
	}
	var errs []error
	for i, at := range nodes {
		errs = append(errs, lives[i].await(b.nodes[at].id))
	}
	return errors.Join(errs...)
}

// Pause stops nodes where they are (SIGSTOP); Resume lets them go on.
func (b *Bed) Pause(nodes ...int) {
	for _, at := range nodes {
		b.nodes[at].signal(syscall.SIGSTOP)
	}
}

// Resume is the end of Pause.
func (b *Bed) Resume(nodes ...int) {
	for _, at := range nodes {
		b.nodes[at].signal(syscall.SIGCONT)
	}
}

// Deafen makes a node hear nothing from others; they still hear it.
func (b *Bed) Deafen(at int, others ...int) error { return b.network.deafen(at, others) }

// HealNetwork mends all cables.
func (b *Bed) HealNetwork() error { return b.network.heal() }

// CutPower takes the power from nodes: they die, and their disks lose what was not
// synced, or, if torn, a part of it. They stay down; Start them.
func (b *Bed) CutPower(seed uint64, torn bool, nodes ...int) (dropped int, err error) {
	err = b.Kill(nodes...)
	for _, at := range nodes {
		counts, e := b.nodes[at].disk.cut(seed+uint64(at), torn)
		dropped += counts.Dropped
		err = errors.Join(err, e)
	}
	return dropped, err
}

// SpoilDisk puts these faults on a node's disk; none heal it.
func (b *Bed) SpoilDisk(at int, f lossyfs.Faults) error { return b.nodes[at].disk.client.Set(f) }

// Close ends everything. Logs and the backing directories stay.
func (b *Bed) Close() error {
	all := make([]int, len(b.nodes))
	var errs []error
	for at := range b.nodes {
		all[at] = at
		if c := b.nodes[at].disk.client; c != nil {
			errs = append(errs, c.Set(lossyfs.Faults{}))
		}
	}
	errs = append(errs, b.Kill(all...))
	for _, n := range b.nodes {
		errs = append(errs, n.disk.stop())
	}
	return errors.Join(append(errs, b.network.remove())...)
}

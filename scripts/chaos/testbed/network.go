package testbed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A network is a bridge with one cable to each namespace. All names carry the
// number of this process, so that runs do not meet.
type network struct {
	run    int
	subnet string // "10.77.5."
	count  int
}

const namespacePrefix = "rondochaos"

func (n *network) bridge() string { return fmt.Sprintf("rc%d", n.run) }
func (n *network) namespace(at int) string {
	return fmt.Sprintf("%s%dn%d", namespacePrefix, n.run, at+1)
}
func (n *network) cable(at int) string   { return fmt.Sprintf("rc%dn%d", n.run, at+1) }
func (n *network) address(at int) string { return n.subnet + strconv.Itoa(at+1) }

// filter drops what comes from the addresses in the set.
const filter = `table ip chaos {
	set cut {
		type ipv4_addr
	}
	chain incoming {
		type filter hook input priority 0; policy accept;
		ip saddr @cut drop
	}
}
`

// build makes bridge, namespaces and cables. Call remove in any case.
func (n *network) build() error {
	bridge := n.bridge()
	steps := [][]string{
		{"link", "add", bridge, "type", "bridge"},
		{"addr", "add", n.subnet + "254/24", "dev", bridge},
		{"link", "set", bridge, "up"},
	}
	for at := range n.count {
		ns, here, there := n.namespace(at), n.cable(at), fmt.Sprintf("rc%dp%d", n.run, at+1)
		steps = append(steps, [][]string{
			{"netns", "add", ns},
			{"link", "add", here, "type", "veth", "peer", "name", there},
			{"link", "set", there, "netns", ns},
			{"link", "set", here, "master", bridge, "up"},
			{"-n", ns, "addr", "add", n.address(at) + "/24", "dev", there},
			{"-n", ns, "link", "set", there, "up"},
			{"-n", ns, "link", "set", "lo", "up"},
		}...)
	}
	for _, args := range steps {
		if err := command("", "ip", args...); err != nil {
			return err
		}
	}
	for at := range n.count {
		if err := n.nft(at, filter); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) remove() error {
	var errs []error
	for at := range n.count {
		// A namespace lives on while connections in it wait for their end; its cable
		// would, too.
		errs = append(errs, command("", "ip", "link", "del", n.cable(at)), command("", "ip", "netns", "del", n.namespace(at)))
	}
	return errors.Join(append(errs, command("", "ip", "link", "del", n.bridge()))...)
}

// deafen makes a node hear nothing from some others.
func (n *network) deafen(at int, others []int) error {
	var addresses []string
	for _, other := range others {
		addresses = append(addresses, n.address(other))
	}
	return n.nft(at, "add element ip chaos cut { "+strings.Join(addresses, ", ")+" }\n")
}

func (n *network) heal() error {
	var errs []error
	for at := range n.count {
		errs = append(errs, n.nft(at, "flush set ip chaos cut\n"))
	}
	return errors.Join(errs...)
}

func (n *network) nft(at int, script string) error {
	return command(script, "ip", "netns", "exec", n.namespace(at), "nft", "-f", "-")
}

func command(stdin, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// startIn starts a command in a namespace. A child has the namespace of the
// thread that made it.
func startIn(namespace string, cmd *exec.Cmd) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("open this network namespace: %w", err)
	}
	defer home.Close()
	there, err := os.Open(filepath.Join("/run/netns", namespace))
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("open a network namespace: %w", err)
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter network namespace %s: %w", namespace, err)
	}
	err = cmd.Start()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		// The thread stays locked, and ends with its goroutine.
		return errors.Join(err, fmt.Errorf("leave network namespace %s: %w", namespace, back))
	}
	runtime.UnlockOSThread()
	return err
}

// sweep removes what runs have left behind whose process is gone.
func sweep() error {
	entries, err := os.ReadDir("/run/netns")
	if err != nil {
		return nil //nolint:nilerr // there was never a namespace
	}
	var errs []error
	for _, entry := range entries {
		rest, ours := strings.CutPrefix(entry.Name(), namespacePrefix)
		number, _, _ := strings.Cut(rest, "n")
		run, err := strconv.Atoi(number)
		if !ours || err != nil || unix.Kill(run, 0) == nil {
			continue
		}
		pids, _ := exec.Command("ip", "netns", "pids", entry.Name()).Output()
		for field := range strings.FieldsSeq(string(pids)) {
			if pid, err := strconv.Atoi(field); err == nil {
				errs = append(errs, unix.Kill(pid, unix.SIGKILL))
			}
		}
		errs = append(errs, command("", "ip", "netns", "del", entry.Name()))
		_ = command("", "ip", "link", "del", "rc"+number) // gone with the first of its namespaces
	}
	return errors.Join(errs...)
}

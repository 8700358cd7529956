package gossip

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Verdict is what a node without state may do.
type Verdict uint8

// The verdicts. Only Bootstrap lets a node write a first configuration.
const (
	// Wait: look again when something has changed.
	Wait Verdict = iota
	// Bootstrap: this node alone writes the first configuration.
	Bootstrap
	// Refuse: the servers are set up in a way that only a person can mend.
	Refuse
)

func (v Verdict) String() string {
	switch v {
	case Bootstrap:
		return "bootstrap"
	case Refuse:
		return "refuse"
	default:
		return "wait"
	}
}

// Decision is a verdict with its reason in words for the operator.
type Decision struct {
	Verdict Verdict
	Reason  string
	// Voters, sorted by id, is the first configuration; only for Bootstrap.
	Voters []Meta
}

const seenHashBytes = 16

// SeenHash is the hash of a list of servers: of their ids, in any order.
func SeenHash(metas []Meta) []byte {
	h := sha256.New()
	for _, m := range sortedByID(metas) {
		fmt.Fprintf(h, "%d:%s,", len(m.ID), m.ID)
	}
	return h.Sum(nil)[:seenHashBytes]
}

// Show returns the hash a node has to show now, and what it has promised from
// now on; promised is nil at first, and lives as long as the process.
//
// A node that sees a complete list (exactly expect servers, none with state)
// promises it, and never shows another complete list again. Whoever bootstraps
// needs the promise of every server in its list, so two lists that share a
// server cannot both be bootstrapped, however late gossip brings the news.
// Restarting a node takes its promise back.
func Show(promised []byte, expect int, metas []Meta) (show, newPromise []byte) {
	hash := SeenHash(metas)
	if len(metas) != expect || slices.ContainsFunc(metas, stateful) {
		return hash, promised
	}
	if promised == nil {
		promised = hash
	}
	return promised, promised
}

// Decide tells what node self may do with the servers it sees, itself
// included. Exactly one node bootstraps (raft.md 1.7): the one with the
// smallest id, when exactly expect servers are visible, all of them show that
// they see the same list, and none has state. With more servers than expected
// all refuse. A node that sees state waits to be contacted by its leader.
//
// It is a pure function. Two clusters can only come of it when there are at
// least twice expect servers and they do not see each other; their cluster ids
// then differ, and they refuse each other.
func Decide(self string, expect int, metas []Meta) Decision {
	metas = sortedByID(metas)
	if d, wait := waitForOthers(self, expect, metas); wait {
		return d
	}
	if reason := misconfigured(expect, metas); reason != "" {
		return Decision{Verdict: Refuse, Reason: reason}
	}
	if len(metas) < expect {
		return waiting("%d of the %d expected servers are visible (%s)", len(metas), expect, ids(metas))
	}
	hash := SeenHash(metas)
	for _, m := range metas {
		switch {
		case m.ClusterAddr == "":
			return waiting("node %q has not told its cluster address yet", m.ID)
		case !bytes.Equal(m.SeenHash, hash):
			return waiting("node %q does not show the list (%s) yet; if this lasts, it has promised another list to a server that is gone: restart it", m.ID, ids(metas))
		}
	}
	if metas[0].ID != self {
		return waiting("node %q, the smallest id, bootstraps", metas[0].ID)
	}
	return Decision{Verdict: Bootstrap, Reason: fmt.Sprintf("all %d expected servers agree on the list (%s)", expect, ids(metas)), Voters: metas}
}

// waitForOthers are the reasons to wait that have nothing to do with counting.
func waitForOthers(self string, expect int, metas []Meta) (Decision, bool) {
	if expect <= 0 {
		return waiting("bootstrap_expect is not set: waiting to be contacted by a cluster"), true
	}
	if i := slices.IndexFunc(metas, stateful); i >= 0 {
		if metas[i].ID == self {
			return waiting("this node has state and never bootstraps"), true
		}
		return waiting("node %q has state: waiting to be contacted by its cluster", metas[i].ID), true
	}
	if !slices.ContainsFunc(metas, func(m Meta) bool { return m.ID == self }) {
		return waiting("this node does not see itself in gossip yet"), true
	}
	return Decision{}, false
}

// misconfigured wants the list sorted.
func misconfigured(expect int, metas []Meta) string {
	addresses := map[string]string{}
	for i, m := range metas {
		switch {
		case i > 0 && metas[i-1].ID == m.ID:
			return fmt.Sprintf("two servers call themselves %q: give each an id of its own", m.ID)
		// A meta without a hash has not been understood, or not told yet.
		case m.Expect != expect && m.SeenHash != nil:
			return fmt.Sprintf("node %q expects %d servers and this node %d: set the same bootstrap_expect everywhere", m.ID, m.Expect, expect)
		case m.ClusterAddr != "" && addresses[m.ClusterAddr] != "":
			return fmt.Sprintf("nodes %q and %q tell the same cluster address %s: give each one of its own", addresses[m.ClusterAddr], m.ID, m.ClusterAddr)
		}
		addresses[m.ClusterAddr] = m.ID
	}
	if len(metas) > expect {
		return fmt.Sprintf("%d servers are visible and %d expected (%s): stop the ones too many, or set bootstrap_expect to %d everywhere", len(metas), expect, ids(metas), len(metas))
	}
	return ""
}

func stateful(m Meta) bool { return m.HasState || m.ClusterID != "" }

func waiting(format string, args ...any) Decision {
	return Decision{Verdict: Wait, Reason: fmt.Sprintf(format, args...)}
}

func sortedByID(metas []Meta) []Meta {
	return slices.SortedFunc(slices.Values(metas), func(a, b Meta) int { return strings.Compare(a.ID, b.ID) })
}

func ids(metas []Meta) string {
	var names []string
	for _, m := range metas {
		names = append(names, m.ID)
	}
	return strings.Join(names, ", ")
}

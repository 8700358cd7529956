package cluster

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

const (
	// defaultCheckpoint is how often the nodes compare their states.
	defaultCheckpoint = 10 * time.Minute

	// checkpointLook is how often a node looks whether it is time, and what the
	// others have reported.
	checkpointLook = time.Second

	// reportPatience is how long one try to report may take.
	reportPatience = 10 * time.Second
)

// errDrifted begins the reason why a node stops that has another state than the
// others.
var errDrifted = errors.New("this node has drifted from the cluster")

// checkpoints compare this node's state with the others' (fsm.Checkpoint). The
// leader begins one now and then; every node hashes its state as it was behind that
// very entry, in the background, and reports; and whoever differs from a majority of
// the voters stops, since it would answer reads wrongly, and decide wrongly once it
// led.
//
// Nothing is compared while nothing happens.
//
// A node that was restored beyond the entry has nothing to compare, and takes part
// in the next one.
type checkpoints struct {
	self    fsm.NodeID
	every   time.Duration
	replica *replica
	desk    *desk
	office  *office
	logger  hclog.Logger

	mu   sync.Mutex
	own  fsm.CheckpointReport
	at   uint64 // the checkpoint that own is about; 0: none
	told string // the last thing that was logged about a disagreement
}

// run goes on until ctx ends.
func (c *checkpoints) run(ctx context.Context) {
	begun := time.Now() // a fresh leader is in no hurry
	for ctx.Err() == nil {
		select {
		case s := <-c.replica.machine.marked:
			c.hash(ctx, s)
		default:
		}
		if !c.office.ready() {
			begun = time.Now()
		}
		if c.isDue(begun) {
			begun = time.Now()
			c.begin(ctx)
		}
		c.judge()
		sleep(ctx, checkpointLook)
	}
}

// isDue says whether this node leads, something has been recorded since the last
// checkpoint, and that is long enough ago. A cluster at rest is left at rest.
func (c *checkpoints) isDue(begun time.Time) bool {
	if !c.office.ready() {
		return false
	}
	last, changed := c.newest()
	return changed && time.Since(begun) >= min(c.every, time.Minute) &&
		c.replica.machine.nowMs()-last.BegunMs >= c.every.Milliseconds()
}

// newest returns the checkpoint that this node knows of, whose reports are never
// changed, and whether anything has been recorded since.
func (c *checkpoints) newest() (point fsm.Checkpoint, changed bool) {
	m := c.replica.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state.Checkpoint, m.state.Records.Newest().Index > m.state.Checkpoint.Index
}

// setAside puts a state where run finds it. What was not taken of an earlier
// checkpoint is of no use any more. One goroutine puts in, so it never blocks.
func setAside(marked chan *fsm.State, s *fsm.State) {
	select {
	case <-marked:
	default:
	}
	marked <- s
}

func (c *checkpoints) begin(ctx context.Context) {
	if err := c.propose(ctx, fsm.BeginCheckpoint{}); err != nil {
		c.logger.Warn("could not begin a checkpoint", "error", err)
	}
}

// hash takes what the machine has set aside, and reports.
func (c *checkpoints) hash(ctx context.Context, s *fsm.State) {
	index, began := s.Checkpoint.Index, time.Now()
	report := fsm.CheckpointReport{Node: c.self, Hash: fsm.Digest(s)}
	c.mu.Lock()
	c.own, c.at = report, index
	c.mu.Unlock()
	c.logger.Debug("checkpoint", "index", index, "hash", short(report.Hash), "took", time.Since(began).Round(time.Millisecond))
	for ctx.Err() == nil {
		if point, _ := c.newest(); point.Index != index {
			return // too late; the next one is under way
		}
		err := c.propose(ctx, fsm.ReportCheckpoint{Node: c.self, Index: index, Hash: report.Hash})
		if err == nil {
			return
		}
		c.logger.Debug("could not report to a checkpoint yet", "error", err)
		sleep(ctx, checkpointLook)
	}
}

func (c *checkpoints) propose(ctx context.Context, command fsm.Command) error {
	ctx, cancel := context.WithTimeout(ctx, reportPatience)
	defer cancel()
	outcome, _, err := c.desk.propose(ctx, fsm.NewItem(command, principalNode, "", mintedKey()))
	if err == nil && outcome.Rejection != nil {
		err = outcome.Rejection
	}
	return err
}

// judge compares what this node has with what has been reported, and stops it if
// it is the one that has drifted.
func (c *checkpoints) judge() {
	v := c.verdict()
	if v.drifted {
		_ = c.replica.machine.giveUp(fmt.Errorf("%w: %s; stop it, give it an empty data directory and a new node_id, and let it join again; "+
			"keep the old directory for whoever looks for the cause (bad memory, a bad disk, or a bug of Rondo)", errDrifted, v.detail))
		return
	}
	c.mu.Lock()
	news := !v.ok && c.told != v.detail
	if news {
		c.told = v.detail
	}
	c.mu.Unlock()
	if news {
		c.logger.Error("the nodes do not agree on their state", "checkpoint", v.detail)
	}
}

// check is a line of the node's health.
func (c *checkpoints) check() Check {
	v := c.verdict()
	return Check{"checkpoint", v.ok, v.detail}
}

func (c *checkpoints) verdict() verdict {
	point, _ := c.newest()
	voters := map[fsm.NodeID]bool{}
	for _, s := range c.replica.servers() {
		if s.Suffrage == raft.Voter {
			voters[fsm.NodeID(s.ID)] = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var own *[32]byte
	if c.at == point.Index && c.at > 0 {
		own = &c.own.Hash
	}
	return judge(point, c.self, own, voters)
}

// A verdict is what a checkpoint says of this node.
type verdict struct {
	ok      bool
	drifted bool // it differs from a majority of the voters, for certain
	detail  string
}

// judge looks at a checkpoint from the node self. own is what it has computed in
// this life, or nil: then what it reported in an earlier one is a warning and no
// more, since its state may have come anew from the leader since.
func judge(point fsm.Checkpoint, self fsm.NodeID, own *[32]byte, voters map[fsm.NodeID]bool) verdict {
	if point.Index == 0 {
		return verdict{ok: true, detail: "the nodes have not compared their states yet"}
	}
	count, reported := map[[32]byte]int{}, 0
	var before *[32]byte // reported by this node, perhaps in an earlier life
	for _, r := range point.Reports {
		if r.Node == self {
			before = &r.Hash
		}
		if voters[r.Node] {
			count[r.Hash]++
			reported++
		}
	}
	for _, r := range point.Reports {
		if 2*count[r.Hash] <= len(voters) {
			continue
		}
		agree := fmt.Sprintf("%d of %d voters had the hash %s behind entry %d", count[r.Hash], len(voters), short(r.Hash), point.Index)
		switch {
		case own != nil && *own != r.Hash:
			return verdict{drifted: true, detail: agree + " and this node has " + short(*own)}
		case own == nil && before != nil && *before != r.Hash:
			return verdict{detail: agree + ", this node had " + short(*before) + " before it was started, and is not compared before the next checkpoint"}
		case own == nil:
			return verdict{ok: true, detail: agree + "; this node has come later and is compared at the next checkpoint"}
		default:
			return verdict{ok: true, detail: agree + ", as this node has"}
		}
	}
	if len(count) > 1 {
		return verdict{detail: fmt.Sprintf("%d voters have reported %d different hashes behind entry %d, and no majority agrees: some of them have drifted, compare their logs",
			reported, len(count), point.Index)}
	}
	return verdict{ok: true, detail: fmt.Sprintf("%d of %d voters have reported their hash behind entry %d", reported, len(voters), point.Index)}
}

// short is enough of a hash to tell two apart.
func short(hash [32]byte) string { return hex.EncodeToString(hash[:8]) }

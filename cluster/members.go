package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// MembershipPolicy is when the leader changes the membership by itself. The zero
// value stands for the defaults.
type MembershipPolicy struct {
	// StableFor is how long a new node must have been healthy before it gets a
	// vote; 10 s.
	StableFor time.Duration

	// MaxLag is how many entries a healthy node may be behind its leader; 250.
	MaxLag uint64

	// MaxVoters bounds the votes; nodes beyond it follow without one; 5.
	MaxVoters int

	// RemoveDeadAfter is how long a node must have been silent before it is removed
	// by itself; 0, the default, is never: a machine that comes back after a
	// weekend would find that it must be wiped.
	RemoveDeadAfter time.Duration

	// Every is how often the leader looks; 1 s.
	Every time.Duration
}

// MembersOptions is what a group's membership runs on.
type MembersOptions struct {
	Policy MembershipPolicy
	Known  func() []string // addresses of other nodes' cluster ports; may be nil
	Blank  func() bool     // Raft has never written to this node's disk
}

// MaxServers bounds the nodes of a cluster, with and without a vote.
const MaxServers = 15

func (p MembershipPolicy) withDefaults() MembershipPolicy {
	if p.StableFor <= 0 {
		p.StableFor = 10 * time.Second
	}
	if p.MaxLag == 0 {
		p.MaxLag = 250
	}
	if p.MaxVoters <= 0 {
		p.MaxVoters = 5
	}
	if p.Every <= 0 {
		p.Every = time.Second
	}
	return p
}

// A Refusal is the cluster's no to a change of membership: nothing has happened.
type Refusal struct {
	code   string
	detail string
}

// The codes of refusals; they are part of the API.
const (
	CodeUnknownNode     = "not_found"        // no server has the id
	CodeMalformed       = "invalid"          // the id or the address cannot be one
	CodeIDTaken         = "id_taken"         // by a node at another address
	CodeAddressTaken    = "address_taken"    // by a node with another id
	CodeNodeRemoved     = "node_removed"     // the id belonged to a node that was removed
	CodeNodeWiped       = "node_wiped"       // the id is in use and the disk behind it is empty
	CodeNodeHasState    = "node_has_state"   // the node has been in a cluster before
	CodeOtherCluster    = "other_cluster"    // the node belongs to another one
	CodeUnreachable     = "node_unreachable" // nobody answers at the address
	CodeNoQuorum        = "no_quorum"        // too few healthy voters would remain
	CodeLastVoter       = "last_voter"       // the cluster would be gone
	CodeNoSuccessor     = "no_successor"     // nobody can lead instead
	CodeTooManyServers  = "too_many_nodes"   // MaxServers
	CodeNotMember       = "not_member"       // this node was removed or wiped
	CodeMembershipMoved = "membership_moved" // somebody else has changed it meanwhile
)

func (r *Refusal) Error() string { return r.detail }

// Code says why, in a word.
func (r *Refusal) Code() string { return r.code }

func refusal(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// Members changes who belongs to the group. Its methods may be called from any
// goroutine on any node: the leader carries them out, one at a time. Their error
// is a *Refusal, if the cluster says no; an *Error, if nobody could be asked in
// time, and then the change may have been made: every one of them may be repeated.
type Members struct {
	self     string
	clerk    *clerk
	pilot    *autopilot
	standing *standing
	rumours  *rumours
}

// Add makes the node at the address of a cluster port a member without a vote; it
// gets one when it has been healthy for a while (MembershipPolicy). With an id the
// node there must have it. A member that has moved is found again this way.
func (m *Members) Add(ctx context.Context, id, address string) (string, error) {
	done, err := m.clerk.ask(ctx, memberRequest{Act: actAdd, ID: id, Address: address})
	return done.ID, err
}

// Remove takes a node out for good: its id does not come back (fsm.ForgetNode). A
// leader hands over first. It is refused if too few healthy voters would remain,
// and done again without effect.
func (m *Members) Remove(ctx context.Context, id string) error {
	_, err := m.clerk.ask(ctx, memberRequest{Act: actRemove, ID: id})
	return err
}

// Leave removes the node it is called on; whoever calls stops it afterwards.
// Done again it succeeds.
func (m *Members) Leave(ctx context.Context) error {
	var no *Refusal
	if err := m.Standing(); errors.As(err, &no) && no.code == CodeNotMember {
		return nil
	}
	return m.Remove(ctx, m.self)
}

// Transfer makes another node the leader and returns which: the one that is asked
// for, or, with "", the best.
func (m *Members) Transfer(ctx context.Context, to string) (string, error) {
	done, err := m.clerk.ask(ctx, memberRequest{Act: actTransfer, ID: to})
	return done.ID, err
}

// Standing returns why this node takes no part in its cluster any more, as a
// *Refusal that says what to do, or nil.
func (m *Members) Standing() error { return m.standing.reason() }

// out is Standing for a caller that wants to know what became of a call.
func (m *Members) out() error {
	if err := m.Standing(); err != nil {
		return rejected(CodeNotMember, err)
	}
	return nil
}

// suggest sets where the group hears of nodes that would like to belong to it.
func (m *Members) suggest(heard func() []suggestion) { m.rumours.heard.Store(&heard) }

// A suggestion is a node that somebody has heard of. It may be wrong.
type suggestion struct{ id, address string }

// rumours is what gossip says. Nobody hears anything before there is gossip.
type rumours struct {
	heard atomic.Pointer[func() []suggestion]
}

func (r *rumours) list() []suggestion {
	if heard := r.heard.Load(); heard != nil {
		return (*heard)()
	}
	return nil
}

// openMembers wires the parts; they run when the group does.
func openMembers(o GroupOptions, g *Group, peers *peerage, office *office, leader *leaderWatch) *Members {
	if o.Members.Known == nil {
		o.Members.Known = func() []string { return nil }
	}
	policy := o.Members.Policy.withDefaults()
	rumours := &rumours{}
	standing := &standing{self: o.Self.ID, replica: g.replica, peers: peers, office: office, options: o.Members, rumours: rumours, logger: o.Logger}
	changes := &membership{
		replica: g.replica, disk: o.Disk, peers: peers, office: office, desk: g.desk, handover: g.handover,
		logger: o.Logger, turn: make(chan struct{}, 1),
		book: &book{replica: g.replica, peers: peers, overview: g.overview, policy: policy},
	}
	pilot := &autopilot{members: changes, policy: policy, rumours: rumours, logger: o.Logger, told: map[string]string{}}
	clerk := &clerk{replica: g.replica, peers: peers, leader: leader, standing: standing, members: changes}
	return &Members{self: string(o.Self.ID), clerk: clerk, pilot: pilot, standing: standing, rumours: rumours}
}

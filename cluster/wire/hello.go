package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// The first byte of a connection says what it is for.
const (
	protoRaft   = 'R'
	protoFrames = 'F'
)

// Versions of the protocol after the hello that this binary speaks.
const (
	minVersion = 1
	maxVersion = 1

	maxHelloBytes = 1024
	maxHelloID    = 128
)

var (
	// ErrOtherCluster: the peer belongs to another cluster.
	ErrOtherCluster = errors.New("peer belongs to another cluster")
	// ErrVersion: the peer speaks no version of the protocol that we speak.
	ErrVersion = errors.New("peer speaks another version of the cluster protocol")
	// ErrRefused: the peer answered the hello with a refusal.
	ErrRefused = errors.New("peer refused the connection")
)

// hello is the first thing each side says.
type hello struct {
	ClusterID string    `cbor:"1,keyasint,omitempty"`
	NodeID    string    `cbor:"2,keyasint,omitempty"`
	Versions  [2]uint64 `cbor:"3,keyasint"`
	Group     uint64    `cbor:"4,keyasint,omitempty"`
	// Refusal is why the accepting side closes the connection now.
	Refusal string `cbor:"5,keyasint,omitempty"`
	// Blank: Raft has never written to this node's disk.
	Blank bool `cbor:"6,keyasint,omitempty"`
}

func (o *Options) hello(group uint64) hello {
	return hello{ClusterID: o.ClusterID(), NodeID: o.NodeID, Versions: [2]uint64{minVersion, maxVersion}, Group: group, Blank: o.Gate.Blank()}
}

// check is the same on both sides, so both come to the same verdict.
func (ours hello) check(theirs hello, address string) error {
	switch {
	case theirs.NodeID == "" || len(theirs.NodeID) > maxHelloID || len(theirs.ClusterID) > maxHelloID:
		return fmt.Errorf("%w hello from %s: node id of %d bytes, cluster id of %d bytes", ErrMalformed, address, len(theirs.NodeID), len(theirs.ClusterID))
	case theirs.Versions[0] > ours.Versions[1] || theirs.Versions[1] < ours.Versions[0]:
		return fmt.Errorf("%w: node %q at %s speaks %d to %d, we speak %d to %d; upgrade the older of the two", ErrVersion,
			theirs.NodeID, address, theirs.Versions[0], theirs.Versions[1], ours.Versions[0], ours.Versions[1])
	case ours.ClusterID != "" && theirs.ClusterID != "" && ours.ClusterID != theirs.ClusterID:
		return fmt.Errorf("%w: node %q at %s is in %q, we (%q) are in %q; check the addresses in the configuration", ErrOtherCluster,
			theirs.NodeID, address, theirs.ClusterID, ours.NodeID, ours.ClusterID)
	case theirs.Refusal != "":
		return fmt.Errorf("%w: node %q at %s says: %s", ErrRefused, theirs.NodeID, address, theirs.Refusal)
	}
	return nil
}

// greet is the dialing side. It leaves the connection without a deadline.
func (o *Options) greet(conn net.Conn, proto byte, group uint64) (hello, error) {
	if err := conn.SetDeadline(time.Now().Add(o.HelloTimeout)); err != nil {
		return hello{}, fmt.Errorf("greet: %w", err)
	}
	ours := o.hello(group)
	raw, err := encodeMessage(ours, maxHelloBytes)
	if err != nil {
		return hello{}, fmt.Errorf("greet: %w", err)
	}
	if _, err := conn.Write(append([]byte{proto}, raw...)); err != nil {
		return hello{}, fmt.Errorf("greet: %w", err)
	}
	var theirs hello
	if err := readMessage(conn, maxHelloBytes, &theirs); err != nil {
		return hello{}, fmt.Errorf("read hello: %w", err)
	}
	if err := ours.check(theirs, conn.RemoteAddr().String()); err != nil {
		return hello{}, err
	}
	return theirs, conn.SetDeadline(time.Time{})
}

// receive is the accepting side up to the peer's hello.
func (o *Options) receive(conn net.Conn) (proto byte, theirs hello, err error) {
	if err := conn.SetDeadline(time.Now().Add(o.HelloTimeout)); err != nil {
		return 0, hello{}, fmt.Errorf("read hello: %w", err)
	}
	var first [1]byte
	if _, err := io.ReadFull(conn, first[:]); err != nil {
		return 0, hello{}, fmt.Errorf("read first byte: %w", err)
	}
	if first[0] != protoRaft && first[0] != protoFrames {
		return 0, hello{}, fmt.Errorf("%w first byte %#x from %s: this is the cluster port, clients use the HTTP port", ErrMalformed, first[0], conn.RemoteAddr())
	}
	if err := readMessage(conn, maxHelloBytes, &theirs); err != nil {
		return 0, hello{}, fmt.Errorf("read hello from %s: %w", conn.RemoteAddr(), err)
	}
	return first[0], theirs, nil
}

// answer sends our hello, with the refusal if there is one, and returns why
// the connection must be closed, if it must.
func (o *Options) answer(conn net.Conn, theirs hello, refusal error) error {
	ours := o.hello(theirs.Group)
	if refusal != nil {
		ours.Refusal = refusal.Error()[:min(len(refusal.Error()), 256)]
	}
	verdict := errors.Join(ours.check(theirs, conn.RemoteAddr().String()), refusal)
	raw, err := encodeMessage(ours, maxHelloBytes)
	if err == nil {
		_, err = conn.Write(raw)
	}
	if err != nil {
		return errors.Join(verdict, fmt.Errorf("answer hello: %w", err))
	}
	if verdict != nil {
		return verdict
	}
	return conn.SetDeadline(time.Time{})
}

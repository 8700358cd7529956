package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/raft"
)

func transport(t *testing.T, l *Listener) *raft.NetworkTransport {
	t.Helper()
	trans := NewTransport(l.RaftLayer(l.Addr()), TransportConfig{Timeout: testDeadline})
	t.Cleanup(func() {
		if err := trans.Close(); err != nil {
			t.Error(err)
		}
	})
	return trans
}

func TestTransportHidesNothing(t *testing.T) {
	var trans raft.Transport = transport(t, listen(t, Options{}))
	if _, ok := trans.(raft.WithPreVote); !ok {
		t.Error("pre-vote is hidden: Raft would switch it off in silence")
	}
	if _, ok := trans.(raft.WithClose); !ok {
		t.Error("Close is hidden: Raft could not shut it down")
	}
	if _, err := trans.AppendEntriesPipeline("x", "x"); !errors.Is(err, raft.ErrPipelineReplicationNotSupported) {
		t.Errorf("pipelining is on (hashicorp/raft#611): %v", err)
	}
}

// answerVotes grants everything and says on which connection nothing came.
func answerVotes(trans *raft.NetworkTransport, stop <-chan struct{}) {
	for {
		select {
		case rpc := <-trans.Consumer():
			rpc.Respond(&raft.RequestVoteResponse{Granted: true}, nil)
		case <-stop:
			return
		}
	}
}

func ask(from *raft.NetworkTransport, to *raft.NetworkTransport) error {
	var answer raft.RequestVoteResponse
	err := from.RequestVote("to", to.LocalAddr(), &raft.RequestVoteRequest{Term: 1}, &answer)
	if err == nil && !answer.Granted {
		return errors.New("not granted")
	}
	return err
}

func TestRaftAndFramesShareThePort(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	a, b := listen(t, Options{NodeID: "a", ClusterID: cluster("blue")}), listen(t, Options{NodeID: "b", ClusterID: cluster("blue")})
	b.Handle(echo)
	ta, tb := transport(t, a), transport(t, b)
	go answerVotes(tb, stop)
	for range 3 {
		if err := ask(ta, tb); err != nil {
			t.Fatal(err)
		}
		if _, err := pool(t, Options{NodeID: "a"}).Call(within(t), b.Addr().String(), Frame{Kind: Propose}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRaftOfAnotherClusterIsRefused(t *testing.T) {
	log := newLines()
	a := listen(t, Options{NodeID: "a", ClusterID: cluster("red")})
	b := listen(t, Options{NodeID: "b", ClusterID: cluster("blue"), Logger: log.logger()})
	ta, tb := transport(t, a), transport(t, b)
	if err := ask(ta, tb); !errors.Is(err, ErrOtherCluster) {
		t.Fatalf("want ErrOtherCluster, got %v", err)
	}
	log.wait(t, ErrOtherCluster.Error())
}

func TestEmptyNodeAdoptsTheLeadersCluster(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	var id atomic.Value
	id.Store("")
	b := listen(t, Options{
		NodeID:    "b",
		ClusterID: func() string { return id.Load().(string) },
		Adopt: func(clusterID string) error {
			if clusterID == "broken" {
				return errors.New("disk is full")
			}
			id.Store(clusterID)
			return nil
		},
	})
	tb := transport(t, b)
	go answerVotes(tb, stop)
	failing := transport(t, listen(t, Options{NodeID: "c", ClusterID: cluster("broken")}))
	if err := ask(failing, tb); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("want ErrRefused with the reason, got %v", err)
	}
	blue := transport(t, listen(t, Options{NodeID: "a", ClusterID: cluster("blue")}))
	if err := ask(blue, tb); err != nil || id.Load() != "blue" {
		t.Fatalf("cluster id %v, %v", id.Load(), err)
	}
	red := transport(t, listen(t, Options{NodeID: "d", ClusterID: cluster("red")}))
	if err := ask(red, tb); !errors.Is(err, ErrOtherCluster) || id.Load() != "blue" {
		t.Fatalf("cluster id %v, %v", id.Load(), err)
	}
}

// TestLayerCloseEndsItsConnections: the library closes none of them, and their
// readers would stay for ever.
func TestLayerCloseEndsItsConnections(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	a, b := listen(t, Options{NodeID: "a"}), listen(t, Options{NodeID: "b"})
	b.Handle(echo)
	ta, tb := transport(t, a), transport(t, b)
	go answerVotes(tb, stop)
	if err := ask(ta, tb); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	layer := b.layers[0]
	b.mu.Unlock()
	if err := tb.Close(); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	if layer.conns != nil || len(b.conns) != 0 {
		t.Errorf("left open: %v, %v", layer.conns, b.conns)
	}
	b.mu.Unlock()
	if err := ask(ta, tb); err == nil {
		t.Error("a closed transport answered")
	}
	// The port itself serves on, and so does a new transport.
	if _, err := pool(t, Options{NodeID: "a"}).Call(within(t), b.Addr().String(), Frame{Kind: Propose}); err != nil {
		t.Error(err)
	}
	again := transport(t, b)
	go answerVotes(again, stop)
	if err := ask(ta, again); err != nil {
		t.Error(err)
	}
}

func TestTLSWrapsBothProtocols(t *testing.T) {
	config := testTLS(t)
	stop := make(chan struct{})
	defer close(stop)
	a, b := listen(t, Options{NodeID: "a", TLS: config}), listen(t, Options{NodeID: "b", TLS: config})
	b.Handle(echo)
	ta, tb := transport(t, a), transport(t, b)
	go answerVotes(tb, stop)
	if err := ask(ta, tb); err != nil {
		t.Fatal(err)
	}
	if _, err := pool(t, Options{TLS: config}).Call(within(t), b.Addr().String(), Frame{Kind: Propose}); err != nil {
		t.Fatal(err)
	}
	_, err := pool(t, Options{}).Call(within(t), b.Addr().String(), Frame{Kind: Propose})
	wantOutcome(t, err, ErrNotSent)
	stranger := config.Clone()
	stranger.Certificates = nil
	_, err = pool(t, Options{TLS: stranger}).Call(within(t), b.Addr().String(), Frame{Kind: Propose})
	wantOutcome(t, err, ErrNotSent)
}

// testTLS is mutual TLS with one certificate that is its own authority.
func testTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}},
		RootCAs:      roots,
		ClientCAs:    roots,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}
}

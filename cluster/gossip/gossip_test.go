package gossip

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/memberlist"
)

const testDeadline = 30 * time.Second

type member struct {
	*Gossip
	changed chan struct{}
}

func startMember(t *testing.T, id string, o Options) *member {
	t.Helper()
	m := &member{changed: make(chan struct{}, 1)}
	o.NodeID = id
	o.Bind = "127.0.0.1:0"
	o.Meta.ClusterAddr = id + ":4601"
	o.OnChange = func() {
		select {
		case m.changed <- struct{}{}:
		default:
		}
	}
	g, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	m.Gossip = g
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// wait looks at each change until ok.
func (m *member) wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(testDeadline)
	for !ok() {
		select {
		case <-m.changed:
		case <-deadline:
			t.Fatalf("%s: not within %s; members %+v", what, testDeadline, m.Members())
		}
	}
}

func names(metas []Meta) string { return ids(metas) }

func TestThreeServersAgreeWhoBootstraps(t *testing.T) {
	n1 := startMember(t, "n1", Options{Meta: Meta{Expect: 3}})
	var all []*member
	all = append(all, n1)
	for _, id := range []string{"n2", "n3"} {
		// Its own address in the list, and one that nobody listens on, as in
		// a configuration that is the same everywhere.
		all = append(all, startMember(t, id, Options{Meta: Meta{Expect: 3}, Join: []string{n1.Addr(), "127.0.0.1:1"}}))
	}
	n1.wait(t, "n1 may bootstrap", func() bool {
		d := Decide("n1", 3, n1.Members())
		return d.Verdict == Bootstrap && names(d.Voters) == "n1, n2, n3" && d.Voters[2].ClusterAddr == "n3:4601"
	})
	for _, m := range all[1:] {
		m.wait(t, "the others leave it to n1", func() bool {
			return strings.Contains(Decide(m.options.NodeID, 3, m.Members()).Reason, "bootstraps")
		})
	}
	// n1 has done it, and everybody hears.
	if err := n1.SetMeta(Meta{Expect: 3, ClusterAddr: "n1:4601", HasState: true, ClusterID: "blue"}); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		m.wait(t, "all see the state", func() bool {
			return strings.Contains(Decide(m.options.NodeID, 3, m.Members()).Reason, "has state")
		})
	}
	if got := names(n1.Peers()); got != "n2, n3" {
		t.Errorf("peers of n1: %s", got)
	}
	if err := all[2].Leave(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	n1.wait(t, "n3 has left", func() bool { return names(n1.Peers()) == "n2" })
	if err := errors.Join(all[2].Leave(time.Second), all[2].Close()); err != nil {
		t.Errorf("leaving twice: %v", err)
	}
}

// TestJoinKeepsTrying: the one to join starts later than the one that joins.
func TestJoinKeepsTrying(t *testing.T) {
	first := startMember(t, "n1", Options{})
	address := first.Addr()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	joiner := startMember(t, "n2", Options{Join: []string{address}})
	late, err := Start(Options{NodeID: "n1", Bind: address})
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	joiner.wait(t, "the late one is found", func() bool { return names(joiner.Peers()) == "n1" })
}

func TestStrangersAreKeptOut(t *testing.T) {
	key := []byte("0123456789abcdef")
	for name, o := range map[string]Options{
		"another label": {Label: "red", SecretKey: key},
		"no label":      {SecretKey: key},
		"another key":   {Label: "blue", SecretKey: []byte("fedcba9876543210")},
		"no key":        {Label: "blue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n1 := startMember(t, "n1", Options{Label: "blue", SecretKey: key})
			stranger := startMember(t, "n2", o)
			if _, err := stranger.list.Join([]string{n1.Addr()}); err == nil {
				t.Error("a stranger joined")
			}
			if got := names(n1.Peers()) + names(stranger.Peers()); got != "" {
				t.Errorf("they see %s", got)
			}
			friend := startMember(t, "n3", Options{Label: "blue", SecretKey: key})
			if _, err := friend.list.Join([]string{n1.Addr()}); err != nil {
				t.Errorf("a friend was kept out: %v", err)
			}
		})
	}
}

func TestMetaTravelsWholeAndIsBounded(t *testing.T) {
	want := Meta{ID: "n1", ClusterAddr: "10.0.0.1:4601", HTTPAddr: "10.0.0.1:4600", Expect: 3, HasState: true, ClusterID: "blue", SeenHash: SeenHash(nil)}
	raw, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeMeta(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	g := startMember(t, "n1", Options{})
	if err := g.SetMeta(Meta{HTTPAddr: strings.Repeat("x", MaxMetaBytes)}); !errors.Is(err, ErrMetaTooLarge) {
		t.Errorf("want ErrMetaTooLarge, got %v", err)
	}
	if got := g.Members(); len(got) != 1 || got[0].ClusterAddr != "n1:4601" {
		t.Errorf("a refused meta changed something: %+v", got)
	}
	for _, bad := range [][]byte{nil, {0xff}, make([]byte, MaxMetaBytes+1), {0xbf, 0xff}} {
		if _, err := decodeMeta(bad); err == nil {
			t.Errorf("decoded %x", bad)
		}
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no id":      {Bind: "127.0.0.1:0"},
		"short key":  {NodeID: "n1", Bind: "127.0.0.1:0", SecretKey: []byte("short")},
		"long label": {NodeID: "n1", Bind: "127.0.0.1:0", Label: strings.Repeat("x", 256)},
		"no port":    {NodeID: "n1", Bind: "127.0.0.1"},
		"long meta":  {NodeID: "n1", Bind: "127.0.0.1:0", Meta: Meta{HTTPAddr: strings.Repeat("x", MaxMetaBytes)}},
		"long join":  {NodeID: "n1", Bind: "127.0.0.1:0", Join: make([]string, maxJoin+1)},
	} {
		if g, err := Start(o); err == nil {
			g.Close()
			t.Errorf("%s was taken", name)
		}
	}
}

func TestUnreadableNodeIsCounted(t *testing.T) {
	table := newTable("n1", hclog.NewNullLogger())
	table.NotifyJoin(&memberlist.Node{Name: "n2", Meta: []byte{0xff}})
	if got := table.members(); len(got) != 1 || got[0].ID != "n2" || got[0].SeenHash != nil {
		t.Fatalf("%+v", got)
	}
}

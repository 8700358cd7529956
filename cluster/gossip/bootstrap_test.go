package gossip

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// servers makes metas that agree on expect and show each other.
func servers(expect int, names ...string) []Meta {
	var metas []Meta
	for _, name := range names {
		metas = append(metas, Meta{ID: name, ClusterAddr: name + ":4601", Expect: expect})
	}
	hash := SeenHash(metas)
	for i := range metas {
		metas[i].SeenHash = hash
	}
	return metas
}

func change(metas []Meta, id string, f func(*Meta)) []Meta {
	metas = slices.Clone(metas)
	for i := range metas {
		if metas[i].ID == id {
			f(&metas[i])
		}
	}
	return metas
}

func TestDecide(t *testing.T) {
	three := servers(3, "n1", "n2", "n3")
	for name, c := range map[string]struct {
		self   string
		expect int
		metas  []Meta
		want   Verdict
		reason string
	}{
		"all agree, the smallest":      {"n1", 3, three, Bootstrap, "n1, n2, n3"},
		"all agree, another":           {"n2", 3, three, Wait, `"n1"`},
		"order does not matter":        {"n1", 3, []Meta{three[2], three[0], three[1]}, Bootstrap, ""},
		"a single server":              {"n1", 1, servers(1, "n1"), Bootstrap, ""},
		"too few":                      {"n1", 3, servers(3, "n1", "n2"), Wait, "2 of the 3"},
		"too many":                     {"n1", 3, servers(3, "n1", "n2", "n3", "n4"), Refuse, "4 servers are visible and 3 expected"},
		"not asked for":                {"n1", 0, three, Wait, "bootstrap_expect"},
		"nobody visible":               {"n1", 3, nil, Wait, "itself"},
		"self not visible":             {"n0", 3, three, Wait, "itself"},
		"another list is shown":        {"n1", 3, change(three, "n3", func(m *Meta) { m.SeenHash = SeenHash(three[1:]) }), Wait, `"n3"`},
		"own list not shown yet":       {"n1", 3, change(three, "n1", func(m *Meta) { m.SeenHash = nil }), Wait, `"n1"`},
		"one has state":                {"n1", 3, change(three, "n3", func(m *Meta) { m.HasState = true }), Wait, `"n3" has state`},
		"one has a cluster":            {"n1", 3, change(three, "n3", func(m *Meta) { m.ClusterID = "blue" }), Wait, `"n3" has state`},
		"self has state":               {"n1", 3, change(three, "n1", func(m *Meta) { m.HasState = true }), Wait, "this node has state"},
		"state and too many":           {"n1", 2, change(three, "n3", func(m *Meta) { m.HasState = true }), Wait, "has state"},
		"other expectations":           {"n1", 3, change(three, "n2", func(m *Meta) { m.Expect = 5 }), Refuse, "expects 5 servers and this node 3"},
		"one id twice":                 {"n1", 3, servers(3, "n1", "n2", "n2"), Refuse, `two servers call themselves "n2"`},
		"one address twice":            {"n1", 3, change(three, "n3", func(m *Meta) { m.ClusterAddr = "n2:4601" }), Refuse, "same cluster address"},
		"no address yet":               {"n1", 3, change(three, "n3", func(m *Meta) { m.ClusterAddr = "" }), Wait, "cluster address"},
		"one that cannot be read":      {"n1", 3, append(slices.Clone(three[:2]), Meta{ID: "n3"}), Wait, `"n3"`},
		"one too many, not read":       {"n1", 3, append(slices.Clone(three), Meta{ID: "n4"}), Refuse, "4 servers"},
		"two that told no address":     {"n1", 3, change(change(three, "n2", func(m *Meta) { m.ClusterAddr = "" }), "n3", func(m *Meta) { m.ClusterAddr = "" }), Wait, "n2"},
		"names of which one is prefix": {"n1", 3, servers(3, "n1", "n10", "n2"), Bootstrap, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := Decide(c.self, c.expect, c.metas)
			if got.Verdict != c.want || got.Reason == "" || !strings.Contains(got.Reason, c.reason) {
				t.Fatalf("%s: %s", got.Verdict, got.Reason)
			}
			if (got.Verdict == Bootstrap) != (len(got.Voters) == c.expect && c.expect > 0) {
				t.Fatalf("voters %v", got.Voters)
			}
			if !slices.IsSortedFunc(got.Voters, func(a, b Meta) int { return strings.Compare(a.ID, b.ID) }) {
				t.Fatalf("voters are not sorted: %v", got.Voters)
			}
		})
	}
}

func TestSeenHashTellsListsApart(t *testing.T) {
	if string(SeenHash(servers(2, "a", "bc"))) == string(SeenHash(servers(2, "ab", "c"))) {
		t.Error("names run into each other")
	}
}

// cloud is servers that hear of each other late, partly, and never all.
type cloud struct {
	names    []string
	expect   int
	told     map[string]Meta            // what each tells now
	heard    map[string]map[string]Meta // what each has heard, perhaps long ago
	promised map[string][]byte
}

func newCloud(expect, count int) *cloud {
	c := &cloud{expect: expect, told: map[string]Meta{}, heard: map[string]map[string]Meta{}, promised: map[string][]byte{}}
	for i := range count {
		name := fmt.Sprintf("n%d", i)
		c.names = append(c.names, name)
		c.told[name] = Meta{ID: name, ClusterAddr: name, Expect: expect}
		c.heard[name] = map[string]Meta{}
	}
	return c
}

func (c *cloud) view(name string) []Meta {
	view := []Meta{c.told[name]}
	for _, m := range c.heard[name] {
		view = append(view, m)
	}
	return view
}

func (c *cloud) publish(name string) {
	m := c.told[name]
	m.SeenHash, c.promised[name] = Show(c.promised[name], c.expect, c.view(name))
	c.told[name] = m
}

// TestNeverTwoFirstConfigurations: whatever part of the news arrives, however
// late, and whoever is forgotten meanwhile, all first configurations that are
// ever written are one, by one node. Fewer than twice expect servers: beyond
// that two halves that never meet cannot know of each other.
func TestNeverTwoFirstConfigurations(t *testing.T) {
	bootstraps := 0
	rapid.Check(t, func(t *rapid.T) {
		expect := rapid.IntRange(1, 4).Draw(t, "expect")
		c := newCloud(expect, rapid.IntRange(expect, 2*expect-1).Draw(t, "servers"))
		written := map[string]string{}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			a, b := rapid.SampledFrom(c.names).Draw(t, "a"), rapid.SampledFrom(c.names).Draw(t, "b")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
				delete(c.heard[a], b)
			case 3, 4, 5, 6:
				if a != b {
					c.heard[a][b] = c.told[b]
				}
			default:
				c.publish(a)
			}
			// A node that has written does not tell of its state here: the
			// worst case, in which nobody ever hears of it.
			if d := Decide(a, expect, c.view(a)); d.Verdict == Bootstrap {
				written[a] = ids(d.Voters)
				bootstraps++
			}
		}
		if len(written) > 1 {
			t.Fatalf("first configurations by several nodes: %v", written)
		}
	})
	if bootstraps == 0 {
		t.Error("nobody ever bootstrapped: the property holds for nothing")
	}
}

// TestPromiseOutlivesTheView: n0 bootstraps with n1 and is never heard of
// again; n1 then meets n2 and must not bootstrap with it.
func TestPromiseOutlivesTheView(t *testing.T) {
	c := newCloud(2, 3)
	hear := func(who, of string) {
		c.heard[who][of] = c.told[of]
		c.publish(who)
	}
	hear("n1", "n0")
	hear("n0", "n1")
	if d := Decide("n0", 2, c.view("n0")); d.Verdict != Bootstrap {
		t.Fatalf("%s: %s", d.Verdict, d.Reason)
	}
	delete(c.heard["n1"], "n0")
	hear("n2", "n1")
	hear("n1", "n2")
	if d := Decide("n1", 2, c.view("n1")); d.Verdict != Wait || !strings.Contains(d.Reason, `"n1"`) || !strings.Contains(d.Reason, "restart") {
		t.Fatalf("%s: %s", d.Verdict, d.Reason)
	}
}

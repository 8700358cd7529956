package cluster

import (
	"strings"
	"testing"
	"time"
)

// serversOf reads a cluster: V healthy voter, v sick voter, N stable node without
// a vote, n one that is not stable yet, u one that never announced itself.
func serversOf(text string) (list []server) {
	for i, r := range text {
		s := server{id: string(rune('a' + i)), voter: r == 'V' || r == 'v', announced: r != 'u', healthy: r != 'v', healthyFor: time.Minute}
		if r == 'n' || r == 'v' {
			s.healthyFor = time.Second
		}
		list = append(list, s)
	}
	return list
}

func TestNextVoter(t *testing.T) {
	for cluster, want := range map[string]string{
		"V": "", "VN": "", "VNN": "b", "VVN": "c", "VVV": "", "VVVN": "", "VVVNN": "d", "VVVVN": "e",
		"VVVVVNN": "", "Vnn": "", "VNn": "", "VNu": "", "Vuu": "",
		"VvN":  "c", // the odd one helps
		"VVvN": "",  // the sick one still counts: remove it first
		"VVn":  "",  // not stable
		"VnNN": "c", // in the order of ids among equals
	} {
		s, ok := nextVoter(serversOf(cluster), MembershipPolicy{}.withDefaults())
		if ok != (want != "") || s.id != want {
			t.Errorf("%s: %q %v, want %q", cluster, s.id, ok, want)
		}
	}
	longest := serversOf("VNN")
	longest[2].healthyFor = time.Hour
	if s, _ := nextVoter(longest, MembershipPolicy{}.withDefaults()); s.id != "c" {
		t.Errorf("%q is next, and c has been stable for longest", s.id)
	}
	if s, ok := nextVoter(serversOf("VNN"), MembershipPolicy{MaxVoters: 2}.withDefaults()); ok {
		t.Errorf("%q makes an even number of votes", s.id)
	}
}

func TestMayRemove(t *testing.T) {
	for _, c := range []struct{ cluster, id, code string }{
		{"V", "a", CodeLastVoter}, {"VN", "a", CodeLastVoter}, {"VN", "b", ""},
		{"VV", "b", ""}, {"Vv", "b", ""}, {"Vv", "a", CodeNoQuorum},
		{"VVV", "c", ""}, {"VVv", "c", ""}, {"VVv", "b", CodeNoQuorum},
		{"VVVv", "a", ""}, {"VVvv", "a", CodeNoQuorum}, {"VVvv", "d", ""},
		{"VVVvv", "d", ""}, {"VVVvv", "a", CodeNoQuorum}, {"VVV", "x", CodeUnknownNode},
	} {
		no := mayRemove(serversOf(c.cluster), c.id)
		if (no == nil) != (c.code == "") || no != nil && no.code != c.code {
			t.Errorf("%s without %s: %v, want %q", c.cluster, c.id, no, c.code)
		}
	}
}

func TestNextDead(t *testing.T) {
	day := MembershipPolicy{RemoveDeadAfter: 24 * time.Hour}.withDefaults()
	dead := func(text string) []server {
		list := serversOf(strings.ReplaceAll(text, "x", "n"))
		for i, r := range text {
			if r == 'v' || r == 'x' {
				list[i].healthy, list[i].silentFor = false, 25*time.Hour
			}
		}
		return list
	}
	for cluster, want := range map[string]string{
		"VVVVv": "e", "VVVv": "d", "VVv": "", "VVvv": "c", "VVVvv": "d", "VVVx": "d", "Vx": "b", "VVVVV": "",
	} {
		if s, _ := nextDead(dead(cluster), day); s.id != want {
			t.Errorf("%s: %q, want %q", cluster, s.id, want)
		}
		if s, ok := nextDead(dead(cluster), MembershipPolicy{}.withDefaults()); ok {
			t.Errorf("%s: %q is removed though nobody said so", cluster, s.id)
		}
	}
	young := dead("VVVVv")
	young[4].silentFor = 23 * time.Hour
	if s, ok := nextDead(young, day); ok {
		t.Errorf("%q is removed after 23 hours", s.id)
	}
}

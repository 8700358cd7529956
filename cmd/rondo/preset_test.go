package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/preset"
)

// Every preset works as it stands, rules included: it sets up a team and an inbox that assign the
// next message, says nothing the second time, and replaces another one wholly. What
// is then exported is what is there.
func TestPresetsOnACluster(t *testing.T) {
	t.Parallel()
	c := startDev(t, "--nodes", "1")
	rondo := func(args ...string) string { return mustRun(t, append(args, "--server", c.at(0).url)...) }
	for _, agent := range []string{"ana", "ben", "boss"} {
		rondo("agent", "create", agent)
	}
	rondo("agent", "away", "ana")
	rondo("agent", "available", "ben")
	all, err := preset.All()
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, p := range all {
		own := []string{"preset", "apply", p.Name, "--team", p.Name, "--inbox", p.Name, "--members", "ana,ben"}
		over := []string{"preset", "apply", p.Name, "--team", "shared", "--inbox", "shared", "--members", "ana,ben"}
		if slices.ContainsFunc(p.Sources, func(id string) bool { return id == "S5.13" }) {
			own, over = append(own, "--admin", "boss"), append(over, "--admin", "boss")
		}
		if p.Name == "respond-io" {
			own, over = append(own, "--set", "transfer_seconds=300"), append(over, "--set", "transfer_seconds=300")
		}
		for _, args := range [][]string{own, over} {
			rondo(args...)
			if said := rondo(append(args, "--dry-run")...); !strings.HasPrefix(said, "Nothing to do: ") {
				t.Errorf("rondo %v, again: %s", args, said)
			}
		}
		if said := rondo("conversation", "message", p.Name, "--from", "+1555"+p.Name, "--wait"); !strings.Contains(said, " is ben's, team "+p.Name) {
			t.Errorf("a message under preset %s: %s", p.Name, said)
		}
		if one, other := settingsOf(rondo, p.Name), settingsOf(rondo, "shared"); one != other {
			t.Errorf("%s over others is\n%s\nwant\n%s", p.Name, other, one)
		}
	}
	file := filepath.Join(t.TempDir(), "desk.yaml")
	if err := os.WriteFile(file, []byte(rondo("export")), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := rondo("apply", "--dry-run", "-f", file); !strings.HasPrefix(said, "Nothing to do: ") {
		t.Errorf("what was exported differs from what is there: %s", said)
	}
}

// Every preset passes the cases that it names, with its settings and rules applied.
// With rules they run one after another: those about contacts are the whole cluster's.
func TestPresetsPassTheirCases(t *testing.T) {
	t.Parallel()
	all, err := preset.All()
	if err != nil {
		t.Fatal(err)
	}
	c := startDev(t, "--nodes", "1")
	for _, p := range all {
		t.Run(p.Name, func(t *testing.T) {
			atOnce := "1"
			if len(p.Rules) == 0 {
				atOnce = "8"
			}
			report := runConformance(t, c, "--preset", p.Name, "--parallel", atOnce)
			if report.Passed != len(p.Cases) || len(report.Cases) != len(p.Cases) {
				t.Errorf("%d of %d passed", report.Passed, len(p.Cases))
			}
			for _, k := range report.Cases {
				if k.Outcome != "pass" || len(k.Left) > 0 {
					t.Errorf("%s: %s %s, left %v", k.ID, k.Outcome, k.Failure, k.Left)
				}
			}
		})
	}
}

// settingsOf returns the settings of the team and the inbox of one id, without it,
// and which of their rules are in force.
func settingsOf(rondo func(...string) string, id string) string {
	said := rondo("export", "--nouns", "teams,inboxes", "--match", id)
	for rule := range strings.Lines(rondo("rule", "list", "--all", "--state", "published", "-o", "name")) {
		if strings.HasPrefix(rule, id+"-") {
			said += "in force: " + rule
		}
	}
	return strings.ReplaceAll(said, id, "IT")
}

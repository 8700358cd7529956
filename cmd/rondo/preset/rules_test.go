package preset

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// Rules are put and published, and what is in force is said in plain words.
func TestApplyPublishesRules(t *testing.T) {
	out, puts, err := run(t, "apply", "respond-io", "--team", "sales", "--inbox", "wa1", "--set", "fewer_than=5")
	if err != nil || len(puts) != 4 {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(puts, "\n"), out)
	}
	for i, want := range []string{
		`PUT /v1/rules/wa1-assignment {"name":"Assignment: Round Robin + Online Only","on":{"inbox":"wa1","on":"conversation_opened"},` +
			`"steps":[{"assign":{"assign_to":"available","fewer_than":5,"strategy":"round_robin","team":"sales"}}]}`,
		`POST /v1/rules/wa1-assignment/publish `,
	} {
		if !strings.HasPrefix(puts[2+i], want) {
			t.Errorf("sent %s\nwant %s", puts[2+i], want)
		}
	}
	if says := "\nIn force is rule wa1-assignment: Every new conversation goes to the next member of the team who is available;"; !strings.Contains(out, says) {
		t.Errorf("%q is not said in\n%s", says, out)
	}
}

// Prompt transfer is a step of the team, and none unless it is wanted.
func TestPromptTransfer(t *testing.T) {
	p, err := Named("respond-io")
	if err != nil {
		t.Fatal(err)
	}
	for seconds, want := range map[string][]any{
		"":    {},
		"300": {cli.Doc{"when": "no_reply", "after_seconds": json.Number("300"), "do": "next", "only_first": true}},
	} {
		files, err := p.Fill(Names{Team: "t", Set: map[string]string{"transfer_seconds": seconds}})
		if err != nil {
			t.Fatal(err)
		}
		if got := files.Things[0].Doc["escalations"]; !reflect.DeepEqual(got, any(want)) {
			t.Errorf("transfer_seconds=%s gives %v, want %v", seconds, got, want)
		}
	}
}

// What a parameter that is nothing would need is left out, and paused where another
// preset, or this one with other parameters, has made it.
func TestRulesThatAreLeftOut(t *testing.T) {
	p, err := Named("crm")
	if err != nil {
		t.Fatal(err)
	}
	files, err := p.Fill(Names{Team: "t", Inboxes: []string{"i"}, Set: map[string]string{"tag": "hot"}})
	if err != nil {
		t.Fatal(err)
	}
	var wanted, paused []string
	for _, thing := range files.Things {
		switch {
		case thing.Noun != noun.Rule:
		case thing.IfThere && thing.Doc["state"] == "paused":
			paused = append(paused, thing.ID)
		default:
			wanted = append(wanted, thing.ID)
		}
	}
	if !slices.Equal(wanted, []string{"i-tag"}) {
		t.Errorf("wanted are %v", wanted)
	}
	for _, id := range []string{"t-form", "i-lead-source", "t-qualified-leads", "t-next-shift", "i-assignment"} {
		if !slices.Contains(paused, id) {
			t.Errorf("%s is not among %v", id, paused)
		}
	}
	last := slices.IndexFunc(files.Things, func(thing manifest.Thing) bool { return thing.ID == "i-tag" })
	if last != len(files.Things)-1 {
		t.Error("what is wanted is published before the others are paused")
	}
}

// Each way of choosing has rules that are right, and no two rules of all presets have
// one id.
func TestRulesHaveIDsOfTheirOwn(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range all {
		for _, ruling := range p.Rules {
			if slices.Contains(ids, ruling.ID) || !strings.HasPrefix(ruling.ID, teamWord+"-") && !strings.HasPrefix(ruling.ID, inboxWord+"-") {
				t.Errorf("%s: %s", p.Name, ruling.ID)
			}
			ids = append(ids, ruling.ID)
		}
	}
	p, err := Named("respond-io")
	if err != nil {
		t.Fatal(err)
	}
	for _, assignment := range []string{"round-robin", "least-open", "round-robin-online"} {
		rules, err := p.RulesOf(Names{Team: "t", Inboxes: []string{"i"}, Set: map[string]string{"assignment": assignment}})
		if err != nil || len(rules) != 1 {
			t.Errorf("%s: %v, %+v", assignment, err, rules)
		}
	}
}

package preset

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// Rules are put and published, and what is in force is said in plain words.
func TestApplyPublishesRules(t *testing.T) {
	out, puts, err := run(t, "apply", "respond-io", "--team", "sales", "--inbox", "wa1", "--set", "fewer_than=5")
	if err != nil || len(puts) != 5 {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(puts, "\n"), out)
	}
	for i, want := range []string{
		`PUT /v1/rules/sales-prompt-transfer {"name":"Prompt Transfer","on":{"for_seconds":600,"on":"no_reply","team":"sales"},`,
		`PUT /v1/rules/wa1-assignment {"name":"Assignment: Round Robin + Online Only","on":{"inbox":"wa1","on":"conversation_opened"},` +
			`"steps":[{"assign":{"assign_to":"available","fewer_than":5,"strategy":"round_robin","team":"sales"}}]}`,
		`POST /v1/rules/wa1-assignment/publish `,
	} {
		if !strings.HasPrefix(puts[2+i], want) {
			t.Errorf("sent %s\nwant %s", puts[2+i], want)
		}
	}
	for _, says := range []string{
		"\nIn force is rule wa1-assignment: Every new conversation goes to the next member of the team who is available;",
		"\nAs a draft there is rule sales-prompt-transfer: When the customer has waited too long", " rondo rule publish sales-prompt-transfer\n",
	} {
		if !strings.Contains(out, says) {
			t.Errorf("%q is not said in\n%s", says, out)
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
	for _, id := range []string{"t-form", "i-lead-source", "t-qualified-leads", "t-prompt-transfer", "i-assignment"} {
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
		if err != nil || len(rules) != 2 || rules[1].State != statePublished || rules[0].State != stateDraft {
			t.Errorf("%s: %v, %+v", assignment, err, rules)
		}
	}
}

package noun

import (
	"reflect"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Limits and weights by the ids of agents: what a flag says is what a file may say.
func TestCountsAndWeights(t *testing.T) {
	agents, _ := Team.Field("/capacity/agents")
	members, _ := Team.Field("/members")
	for _, c := range []struct {
		f    Field
		text string
		want any
	}{
		{agents, "ana=3, bob=5", cli.Doc{"ana": number("3"), "bob": number("5")}},
		{agents, "", cli.Doc{}},
		{members, "ana=3,group:night=2,bob", []any{cli.Doc{"agent": "ana", "weight": number("3")}, cli.Doc{"group": "night", "weight": number("2")}, cli.Doc{"agent": "bob"}}},
	} {
		v, err := c.f.Parse(c.text)
		var slips []Slip
		if c.f.check("", v, &slips); err != nil || len(slips) > 0 || !reflect.DeepEqual(v, c.want) {
			t.Errorf("%s: %v %v %v", c.text, v, err, slips)
		}
	}
	for _, text := range []string{"ana", "ana=", "ana=x", "=3", "ana=-1", "ana=1.5"} {
		if v, err := agents.Parse(text); err == nil {
			t.Errorf("%q is taken as %v", text, v)
		}
	}
	group, _ := Group.Field("/members")
	for _, c := range []struct {
		f    Field
		text string
	}{{members, "ana="}, {members, "ana=x"}, {group, "ana=3"}} {
		if v, err := c.f.Parse(c.text); err == nil {
			t.Errorf("%q is taken as %v", c.text, v)
		}
	}
	if slips := Team.Check(cli.Doc{"capacity": cli.Doc{"agents": cli.Doc{"ana": "3"}}}); len(slips) != 1 || slips[0].Pointer != "/capacity/agents/ana" {
		t.Errorf("a text for a number: %v", slips)
	}
	if slips := Team.Check(cli.Doc{"capacity": cli.Doc{"agents": []any{"ana"}}}); len(slips) != 1 {
		t.Errorf("a list for an object: %v", slips)
	}
	if !agents.Same(nil, cli.Doc{}) || agents.Same(cli.Doc{"ana": number("3")}, nil) {
		t.Error("no limits of single agents are null")
	}
}

// What brings the default back is left out, and with it an object that says nothing
// else: half a rate is refused.
func TestLean(t *testing.T) {
	doc := cli.Doc{"name": "T", "rate": cli.Doc{"limit": nil, "window_seconds": nil}, "capacity": cli.Doc{"open": nil, "agents": cli.Doc{}},
		"rotation": cli.Doc{"order": "list", "per": nil}, "assignment_message": nil}
	Team.Lean(doc)
	want := cli.Doc{"name": "T", "capacity": cli.Doc{"agents": cli.Doc{}}, "rotation": cli.Doc{"order": "list"}}
	if !reflect.DeepEqual(doc, want) {
		t.Errorf("it is %v, want %v", doc, want)
	}
}

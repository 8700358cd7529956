package noun

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

func TestEscalations(t *testing.T) {
	field := Field{Pointer: "/escalations", Kind: Escalations, Flag: "escalate"}
	const text = "no_reply 300 next first, waiting 60 team:night, no_first_reply 90 agent:boss, no_reply 600 priority:5, no_acceptance 30 supervisors"
	got, err := field.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		cli.Doc{"when": "no_reply", "after_seconds": json.Number("300"), "do": "next", "only_first": true},
		cli.Doc{"when": "waiting", "after_seconds": json.Number("60"), "do": "team", "team": "night"},
		cli.Doc{"when": "no_first_reply", "after_seconds": json.Number("90"), "do": "agent", "agent": "boss"},
		cli.Doc{"when": "no_reply", "after_seconds": json.Number("600"), "do": "priority", "priority": json.Number("5")},
		cli.Doc{"when": "no_acceptance", "after_seconds": json.Number("30"), "do": "supervisors"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if shown := field.Show(got); shown != text {
		t.Errorf("shown as %q", shown)
	}
	for _, bad := range []string{"no_reply 300", "no_reply soon next", "no_reply 300 team", "no_reply 300 next:b", "no_reply 300 priority:much", "no_reply 300 next last", "a, "} {
		if got, err := field.Parse(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
	if none, err := field.Parse(""); err != nil || !field.Same(none, nil) || field.Show(none) != "-" {
		t.Errorf("no steps are %v, %v", none, err)
	}
	answered := []any{cli.Doc{"when": "no_reply", "after_seconds": json.Number("300"), "do": "next", "only_first": false, "team": nil, "agent": nil, "priority": nil}}
	if asked, _ := field.Parse("no_reply 300 next"); !field.Same(asked, answered) || field.Same(asked, nil) {
		t.Error("what the cluster answers is not what was asked for")
	}
	slips := []string{}
	field.check("/escalations", []any{cli.Doc{"wen": "no_reply", "after_seconds": "soon"}, "next"}, new([]Slip))
	wrong := func(at, _ string) { slips = append(slips, at) }
	checkEscalations("/escalations", []any{cli.Doc{"wen": "no_reply", "after_seconds": "soon"}, "next"}, wrong)
	if want := []string{"/escalations/0/wen", "/escalations/0/after_seconds", "/escalations/1"}; !reflect.DeepEqual(slips, want) {
		t.Errorf("slips at %v, want %v", slips, want)
	}
}

package noun

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// The descriptions agree with themselves: no flag and no pointer twice, no default
// that is none of the choices, no completion of a noun that is none.
func TestTableIsRight(t *testing.T) {
	// Flags that the commands have besides.
	taken := []string{"server", "actor", "timeout", "output", "color", "key", "wait", "file", "help"}
	for _, n := range All {
		flags, pointers := slices.Clone(taken), []string{}
		for _, f := range n.Fields {
			if slices.Contains(flags, f.Flag) || slices.Contains(pointers, f.Pointer) {
				t.Errorf("%s: %s (--%s) is there twice", n.Name, f.Pointer, f.Flag)
			}
			flags, pointers = append(flags, f.Flag), append(pointers, f.Pointer)
			if f.Kind == Choice && !slices.Contains(f.Choices, f.Default.(string)) || f.Help == "" {
				t.Errorf("%s: %s has default %v of %v, help %q", n.Name, f.Pointer, f.Default, f.Choices, f.Help)
			}
			if _, ok := Named(f.Of); f.Of != "" && !ok {
				t.Errorf("%s: %s is of %q", n.Name, f.Pointer, f.Of)
			}
			var slips []Slip
			if f.check(f.Pointer, f.Default, &slips); len(slips) > 0 {
				t.Errorf("%s: the default is wrong: %v", n.Name, slips)
			}
		}
	}
}

// What a flag says is what Show writes, and the same value.
func TestChainThereAndBack(t *testing.T) {
	f, _ := Team.Field("/rotation/fallback")
	for _, text := range []string{"wait", "team_inbox", "agent:boss", "team:night@300>agent:boss>wait", "wait@60>team_inbox"} {
		v, err := f.Parse(text)
		if err != nil || f.Show(v) != text {
			t.Errorf("%s: %v, %v", text, v, err)
		}
		var slips []Slip
		if f.check("", v, &slips); len(slips) > 0 {
			t.Errorf("%s: %v", text, slips)
		}
	}
	if _, err := f.Parse("wait>wait>wait>wait>wait>wait>wait>wait>wait"); err == nil {
		t.Error("nine steps are taken")
	}
	long, err := f.Parse("wait>wait>wait>wait>wait>wait>wait>wait")
	var slips []Slip
	if f.check("", cli.Doc{"to": "wait", "then": long}, &slips); err != nil || len(slips) != 1 {
		t.Errorf("nine steps of a file: %v %v", err, slips)
	}
}

func TestSame(t *testing.T) {
	fallback, _ := Team.Field("/rotation/fallback")
	members, _ := Team.Field("/members")
	order, _ := Team.Field("/rotation/order")
	email, _ := Agent.Field("/email")
	for _, c := range []struct {
		f    Field
		a, b any
		same bool
	}{
		{order, nil, "name", true}, {order, nil, "list", false},
		{email, nil, "", true}, {email, "a", "", false},
		{members, nil, []any{}, true},
		{members, []any{cli.Doc{"agent": "a", "group": nil}}, []any{cli.Doc{"agent": "a"}}, true},
		{members, []any{Entry("a"), Entry("b")}, []any{Entry("b"), Entry("a")}, false},
		{fallback, nil, cli.Doc{"to": "wait", "agent": nil, "then": nil, "after_seconds": json.Number("0")}, true},
		{fallback, cli.Doc{"to": "wait", "then": cli.Doc{"to": "team_inbox"}}, cli.Doc{"to": "wait"}, false},
	} {
		if got := c.f.Same(c.a, c.b); got != c.same {
			t.Errorf("%s: %v and %v: %v, want %v", c.f.Pointer, c.a, c.b, got, c.same)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 2, 28, 17, 0, 0, 0, time.FixedZone("x", 3600))
	for text, want := range map[string]string{
		"2026-03-01T09:00:00+01:00": "2026-03-01T08:00:00Z",
		"90m":                       "2026-02-28T17:30:00Z",
		"17:30":                     "2026-02-28T16:30:00Z",
		"17:00":                     "2026-03-01T16:00:00Z", // the next
		"09:15":                     "2026-03-01T08:15:00Z",
	} {
		if got, err := parseTime("until", text, now); err != nil || got != want {
			t.Errorf("%s: %v %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"-2h", "25:00", "soon", "0"} {
		if got, err := parseTime("until", text, now); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// What is written back is what may be written, without what is null.
func TestWritable(t *testing.T) {
	view := cli.Doc{"id": "t", "name": "T", "seats": []any{"a"}, "members": []any{cli.Doc{"agent": "a", "group": nil}}, "revision": json.Number("7"),
		"rotation": cli.Doc{"order": "list", "unheard_of": true, "fallback": cli.Doc{"to": "wait", "agent": nil, "then": nil}}}
	want := cli.Doc{"name": "T", "members": []any{cli.Doc{"agent": "a"}}, "rotation": cli.Doc{"order": "list", "fallback": cli.Doc{"to": "wait"}}}
	if diff := cmp.Diff(want, Team.Writable(view)); diff != "" || RevisionOf(view) != 7 {
		t.Errorf("%s", diff)
	}
}

func TestMeant(t *testing.T) {
	for typed, meant := range map[string]bool{"nmae": true, "nam": true, "names": true, "naem": true, "seat": false, "n": false} {
		if near(typed, "name") != meant {
			t.Errorf("%s is near name: %v", typed, !meant)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "now", 59 * time.Second: "now", 61 * time.Second: "1 min", 59 * time.Minute: "59 min", 47 * time.Hour: "47 h", 50 * time.Hour: "2 days",
	} {
		if got := age(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

package filter

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFiltersAreWrittenInOneWay(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"status=open&assignee=bob,ann,bob":     "assignee=ann,bob&status=open",
		"assignee=me%2Cnone":                   "assignee=me,none",
		"contact=%2B1:2@x&unread=true":         "contact=%2B1:2@x&unread=true",
		"opened_before=2d&opened_after=36500d": "opened_after=36500d&opened_before=2d",
		"opened_after=2026-11-21T09:00:00Z&priority=9,0": "priority=0,9&opened_after=2026-11-21T09:00:00Z",
	} {
		f, err := Parse(text)
		if err != nil || f.String() != want {
			t.Errorf("%q: %q, %v, want %q", text, f, err, want)
		}
		if again, err := Parse(want); err != nil || again.String() != want {
			t.Errorf("%q is not what it is read as: %q, %v", want, again, err)
		}
	}
}

func TestWhatIsNoFilter(t *testing.T) {
	for text, want := range map[string]string{
		"state=lost":                      "state unknown_value",
		"status=new":                      "status unknown_value",
		"asignee=ann":                     "asignee unknown_parameter",
		"team=":                           "team required",
		"team=a,":                         "team required",
		"team=a&team=b":                   "team duplicate",
		"team=a b":                        "team format",
		"priority=10":                     "priority unknown_value",
		"unread=yes":                      "unread unknown_value",
		"opened_after=1y":                 "opened_after format",
		"opened_after=36501d":             "opened_after format",
		"opened_after=1d,2d":              "opened_after too_many",
		"team=%zz":                        " syntax",
		"team=a;b":                        " syntax",
		"tag=" + strings.Repeat("x", 129): "tag format",
		strings.Repeat("x", MaxBytes+1):   " too_long",
		"tag=" + numbered(MaxValues+1):    "tag too_many",
	} {
		_, err := Parse(text)
		var f Fault
		if !errors.As(err, &f) || f.Field+" "+f.Code != want || f.Error() == "" {
			t.Errorf("%.50q: %+v, want %q", text, err, want)
		}
	}
	if _, err := Parse("tag=" + numbered(MaxValues)); err != nil {
		t.Errorf("as many values as there may be: %v", err)
	}
}

func numbered(n int) string {
	var list []string
	for i := range n {
		list = append(list, strings.Repeat("x", 1+i%9)+string(rune('a'+i/9)))
	}
	return strings.Join(list, ",")
}

func TestAges(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Time{
		"30s": now.Add(-30 * time.Second), "5m": now.Add(-5 * time.Minute), "2h": now.Add(-2 * time.Hour), "7d": now.AddDate(0, 0, -7),
		"2026-01-02T03:04:05+01:00": time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC),
	} {
		if got, err := Time(value, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", value, got, err)
		}
	}
}

// TestWhateverIsReadIsReadAgain: what was taken is written so that it is taken again
// as the same.
func TestWhateverIsReadIsReadAgain(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`(assignee|tag|team|status|unread|opened_after)=[a-z:+@,%&=0-9]{0,12}(&(contact|priority)=[0-9a-z,%]{1,4})?`).Draw(r, "text")
		f, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(f.String()); err != nil || again.String() != f.String() {
			r.Fatalf("%q became %q and then %q, %v", text, f, again, err)
		}
	})
}

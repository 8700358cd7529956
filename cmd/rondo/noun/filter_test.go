package noun

import (
	"strings"
	"testing"
	"time"
)

// One language in the address, on the command line and in stored views.
func TestFilterLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"assignee=ann,bob status=open": "assignee=ann%2Cbob&status=open",
		"assignee=ann&tag=a%26b":       "assignee=ann&tag=a%26b",
		" tag=vip  tag=gold ":          "tag=vip&tag=gold",
		"contact=+1555":                "contact=%2B1555",
		"":                             "",
	} {
		if got, err := ParseFilter(text, ConversationFilters); err != nil || got.Encode() != want {
			t.Errorf("%q is %q, %v; want %q", text, got.Encode(), err, want)
		}
	}
	for text, says := range map[string]string{
		"assigne=ann": `the filter has "assigne"; there are assignee, `,
		"status":      `"status": write NAME=VALUE`,
		"tag=":        `"tag=": write NAME=VALUE`,
		"tag=%zz":     "invalid URL escape",
	} {
		if _, err := ParseFilter(text, ConversationFilters); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
	f, _ := View.Field("/filter")
	if v, err := f.Parse("assignee=me  status=open,pending"); err != nil || v != "assignee=me&status=open,pending" {
		t.Errorf("a view keeps %v, %v", v, err)
	}
	if v, err := f.Parse("contact=+1"); err != nil || v != "contact=%2B1" {
		t.Errorf("a plus is kept as %v, %v", v, err)
	}
	if !f.Same("status=open&tag=b,a", "tag=a,b&status=open") || f.Same("tag=a", "tag=b") || !f.Same(nil, "") || f.Same(nil, "tag=a") {
		t.Error("what means the same is not the same, or the other way round")
	}
	if _, err := f.Parse("as=ann"); err == nil {
		t.Error("a view says who is meant by me")
	}
	if _, err := f.Parse("stauts=open"); err == nil || !strings.Contains(err.Error(), "--filter: ") {
		t.Errorf("a view takes any word: %v", err)
	}
}

func TestAges(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{"2h": "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z": "2026-03-01T09:00:00Z", "-2h": "-2h", "soon": "soon"} {
		if got := AgoOr(text, now); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

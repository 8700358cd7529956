package nouncmd

import (
	"strings"
	"testing"
)

const muchPassed = `{"agent":"ana","since":null,"until":null,"total":12,"by_reason":{"in_break":2,"away":10},"by_team":{"sales":12},
"first":"2026-11-21T09:00:00.000Z","last":"2026-11-21T10:00:00.000Z","items":[{"decision":"42.0","at":"2026-11-21T10:00:00.000Z","reason":"away",
"conversation":"c9","team":"sales","inbox":"sms","assignee":"ben"}],"complete":false,"next_page_token":"dG9rZW4","truncated":true}`

// The commonest reason comes first, and what is not all says so.
func TestPassedOverIsTold(t *testing.T) {
	out, asked, err := run(t, 200, muchPassed, "agent", "passed-over", "ana", "--page-token", "YXQ")
	if err != nil || asked[0].line != "GET /v1/agents/ana/passed-over?page_token=YXQ" {
		t.Fatalf("%v %+v", err, asked)
	}
	for _, line := range []string{"ana was passed over: 12\n", "why: away 10, in_break 2\n", "in:  sales 12\n", "older decisions are no longer kept\n",
		"this is not all; go on with --page-token dG9rZW4\n", "away    c9"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is missing in\n%s", line, out)
		}
	}
	if out, _, err := run(t, 200, muchPassed, "agent", "passed-over", "ana", "-o", "name"); err != nil || out != "42.0\n" {
		t.Errorf("names: %q, %v", out, err)
	}
}

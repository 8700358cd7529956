package nouncmd

import (
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// What a conversation waits for, and what a call did to a contact, is said.
func TestActionsSayHowItStands(t *testing.T) {
	const nine = "2026-03-01T09:00:00.000Z"
	for _, c := range []struct{ args, answer, says string }{
		{"conversation snooze c1 --until 2h", `{"conversation":{"id":"c1","assignee":"a","status":"snoozed","snoozed_until":"` + nine + `"}}`,
			"c1 (snoozed until " + noun.Local(nine) + ") is a's\n"},
		{"conversation handoff c1", `{"conversation":{"id":"c1","assignee":"robo","status":"pending","team":"t"}}`, "c1 (pending) is robo's, team t\n"},
		{"conversation message sms --id m --from +1", `{"opened":false,"blocked":true,"conversation":null,"decision":null}`, "the contact is blocked: nothing was opened\n"},
		{"conversation message sms --id m --from +1", `{"opened":false,"blocked":true,"conversation":{"id":"c1","assignee":"a","status":"open"},"decision":null}`, "c1 is a's\n"},
		{"contact assign p1 t", `{"contact":{"id":"p1","owner":"a"},"conversation":{"id":"c1","kind":"lead","status":"closed","team":"t"},"decision":{"id":"7.0","kind":"rotation"}}`,
			"p1 is owned by a, team t; decision 7.0 (rotation)\n"},
		{"contact assign p1 t", `{"contact":{"id":"p1","owner":null},"conversation":{"id":"c1","kind":"lead","status":"open","team":"t"},"decision":{"id":"7.0","kind":"waiting"}}`,
			"p1 has no owner yet: its lead waits, team t; decision 7.0 (waiting)\n"},
	} {
		out, _, err := run(t, 200, c.answer, strings.Fields(c.args)...)
		if err != nil || out != c.says {
			t.Errorf("rondo %s: %v\nsaid %q\nwant %q", c.args, err, out, c.says)
		}
	}
}

package nouncmd

import (
	"fmt"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// besides says what a conversation that somebody has waits for.
func besides(doc cli.Doc) string {
	status, _ := cli.Get(doc, "/conversation/status")
	assignee, _ := cli.Get(doc, "/conversation/assignee")
	switch {
	case status == "snoozed":
		until, _ := cli.Get(doc, "/conversation/snoozed_until")
		return "(snoozed until " + noun.Local(until) + ") "
	case status == "pending" && assignee != nil:
		return "(pending) "
	}
	return ""
}

// ofContact says what became of a call that is about a contact rather than a
// conversation: a blocked one, for whom nothing was opened, and one who was to get
// an owner by rotation. "" is for all others.
func ofContact(p *cli.Printer, doc cli.Doc) string {
	kind, _ := cli.Get(doc, "/conversation/kind")
	owner, _ := cli.Get(doc, "/contact/owner")
	id, _ := cli.Get(doc, "/contact/id")
	switch {
	case doc["blocked"] == true && doc["conversation"] == nil:
		return "the contact is blocked: nothing was opened"
	case kind == "lead" && owner != nil:
		return fmt.Sprintf("%s is owned by %s", cli.Text(id), p.Paint(cli.Green, cli.Text(owner)))
	case kind == "lead" && id != nil:
		return cli.Text(id) + " has no owner yet: its lead waits"
	}
	return ""
}

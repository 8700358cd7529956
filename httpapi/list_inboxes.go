package httpapi

import (
	"unicode/utf8"

	"github.com/rondohq/rondo/fsm"
)

// listInboxes lists inboxes in the order of their ids, if asked only those of a
// kind of channel, of a channel address, or that send to a team.
func listInboxes(a *api, c *call) (answer, error) {
	l, err := c.list(1)
	if err != nil {
		return answer{}, err
	}
	for _, name := range []string{"channel", "address"} {
		if text, given := c.query[name]; given && (text == "" || len(text) > fsm.MaxAddressBytes || !utf8.ValidString(text)) {
			return answer{}, invalid(inQuery(name, "out_of_range", "give what the inbox has there, whole; for all inboxes leave it out"))
		}
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	team := fsm.Team{}
	id, ofTeam := c.query["team"]
	if ofTeam {
		var ok bool
		if team, ok = v.Teams.ByID(fsm.TeamID(id)); !ok {
			return answer{}, unknownFilter(v, "team", "team", id)
		}
	}
	kind, ofKind := c.query["channel"]
	address, ofAddress := c.query["address"]
	return byIDWhere(v, l, v.Inboxes, func(row fsm.Inbox) bool {
		return (!ofTeam || row.Team == team.Handle) && (!ofKind || row.Channel.Kind == kind) && (!ofAddress || row.Channel.Address == address)
	}, func(row fsm.Inbox) fsm.InboxID { return row.ID },
		func(row fsm.Inbox) (any, int) {
			return viewInbox(v, row), len(row.People.Access) + len(row.People.Members)
		})
}

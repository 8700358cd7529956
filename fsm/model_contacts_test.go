package fsm

import "slices"

// ownerChanged gives what a contact has open to its new owner; without one, what
// the old one has goes back to the rotation.
func (d *dumb) ownerChanged(p *dumbContact, before *dumbAgent) {
	if p.owner == before {
		return
	}
	var live []*dumbConversation
	for _, i := range d.inboxes {
		for _, c := range d.conversations {
			if c.contact == p && c.inbox == i && !c.closed {
				live = append(live, c)
			}
		}
	}
	if len(live) > d.steps {
		d.beyond = true // the rest is for the next entries, which the model does not carry on
		return
	}
	for _, c := range live {
		d.seq++
		d.steps--
		switch {
		case c.individual, slices.Contains([]string{"held", "outbound"}, c.state):
		case p.owner == nil:
			if c.state == "assigned" && c.assignee == before {
				d.routeByMode(c, "contact.changed")
			}
		case c.assignee != p.owner:
			d.leave(c)
			d.give(c, "assigned", p.owner, dumbDecision{kind: "owner", trigger: "contact.changed"})
		}
	}
}

func (c *dumbConversation) keepIndividual(was bool) { c.individual = was }

package httpapi

import (
	"github.com/rondohq/rondo/fsm"
)

var (
	followShape        = shapeOf[fsm.FollowContact]()
	followThroughShape = shapeOf[fsm.FollowConversation]()
)

// followersOf names who follows a contact.
func followersOf(v *fsm.State, contact fsm.ContactHandle) []string {
	names := []string{}
	for agent := range v.Followers.Of(contact) {
		if name := agentName(v, agent); name != nil {
			names = append(names, *name)
		}
	}
	return names
}

// A followerView is an agent who follows a contact.
type followerView struct {
	Agent *string `json:"agent"`
	Since moment  `json:"since"`
}

// listFollowers shows all followers of a contact: there are few.
func listFollowers(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := v.Contacts.ByID(fsm.ContactID(c.path["id"]))
	if !ok {
		return answer{}, absentContact(v, c.path["id"])
	}
	list := listView{Items: []any{}}
	for f := range v.Followers.OfFrom(row.Handle, 0) {
		list.Items = append(list.Items, followerView{agentName(v, f.Agent), moment(f.SinceMs)})
	}
	return show(v, list)
}

func followContact(a *api, c *call) (answer, error) {
	command, err := decode(c, followShape, func(p *fsm.FollowContact) {
		fromPath(c, &p.Contact, "id", "/contact")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func unfollowContact(a *api, c *call) (answer, error) {
	command, err := decode(c, followShape, func(p *fsm.UnfollowContact) {
		fromPath(c, &p.Contact, "id", "/contact")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

// Through a conversation it is its contact that is followed (S4.30).

func followConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, followThroughShape, func(p *fsm.FollowConversation) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

func unfollowConversation(a *api, c *call) (answer, error) {
	command, err := decode(c, followThroughShape, func(p *fsm.UnfollowConversation) {
		fromPath(c, &p.Conversation, "id", "/conversation")
		fromPath(c, &p.Agent, "agent", "/agent")
	})
	if err != nil {
		return answer{}, err
	}
	return a.changeConversation(c, command)
}

package httpapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/filter"
)

// where returns what a list asks for, as far as the caller may see it: who acts as an
// agent sees what comes to the inboxes she has access to, and, where she asks for
// nothing else, what is hers.
func (c *call) where(v *fsm.State, list conversationList) (fsm.Where, error) {
	r, err := c.resolver(v)
	if err != nil {
		return fsm.Where{}, err
	}
	where := fsm.Where{}
	for i, f := range list.filters {
		r.lenient = list.saved && i == len(list.filters)-1
		one, err := r.where(f)
		if err != nil {
			return where, err
		}
		where = where.And(one)
	}
	if r.actor.Handle == 0 || !r.actor.Removed && len(where.Assignee) == 1 && where.Assignee[0] == r.actor.Handle {
		return where, nil
	}
	where.Inbox = where.Inbox.And(fsm.InboxesSeenBy(v, r.actor))
	return where, nil
}

// A resolver turns the names of a filter into handles.
type resolver struct {
	v       *fsm.State
	actor   fsm.Agent // who asks; none: a system, a connector, or an agent nobody knows
	me      fsm.Agent // whom `me` stands for; none: nobody
	lenient bool      // what is not there is asked for by nobody, rather than a slip
}

func (c *call) resolver(v *fsm.State) (*resolver, error) {
	r := &resolver{v: v, actor: actingAgent(c, v)}
	r.me = r.actor
	if id, given := c.query["as"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if r.me = row; !ok {
			return nil, unknownFilter(v, "as", "agent", id)
		}
	}
	return r, nil
}

// actingAgent is the one who asks, if it is an agent and known.
func actingAgent(c *call, v *fsm.State) fsm.Agent {
	id, isAgent := strings.CutPrefix(c.principal.Name, "agent:")
	if !isAgent {
		return fsm.Agent{}
	}
	row, _ := fsm.EverAgent(v, fsm.AgentID(id))
	return row
}

func (r *resolver) where(f filter.Filter) (w fsm.Where, err error) {
	for _, field := range filter.Fields() {
		values, given := f[field]
		if !given {
			continue
		}
		if err := r.field(&w, field, values); err != nil {
			return w, err
		}
	}
	return w, nil
}

// field adds one field of a filter.
func (r *resolver) field(w *fsm.Where, field string, values []string) (err error) {
	v := r.v
	switch field {
	case filter.Assignee:
		w.Assignee, err = r.agents(field, values, true)
	case filter.Owner:
		w.Owner, err = r.agents(field, values, true)
	case filter.Follower:
		err = r.followed(w, values)
	case filter.Team:
		w.Team, err = handles(r, field, "team", values, func(id string) (fsm.TeamHandle, bool) {
			row, ok := v.Teams.ByID(fsm.TeamID(id))
			return row.Handle, ok
		})
	case filter.Inbox:
		var inboxes fsm.AnyOf[fsm.InboxHandle]
		inboxes, err = handles(r, field, "inbox", values, func(id string) (fsm.InboxHandle, bool) {
			row, ok := v.Inboxes.ByID(fsm.InboxID(id))
			return row.Handle, ok
		})
		w.Inbox = w.Inbox.And(inboxes)
	case filter.Contact:
		var contacts fsm.AnyOf[fsm.ContactHandle]
		contacts, err = handles(r, field, "contact", values, func(id string) (fsm.ContactHandle, bool) {
			row, ok := v.Contacts.ByID(fsm.ContactID(id))
			return row.Handle, ok
		})
		w.Contact = w.Contact.And(contacts)
	case filter.Source:
		w.Inbox = w.Inbox.And(inboxesOfKind(v, values))
	case filter.Tag:
		w.Tags = append(w.Tags, fsm.OneOf(values...))
	case filter.OpenedAfter, filter.OpenedBefore:
		err = r.age(w, field, values[0])
	default:
		plainly(w, field, values)
	}
	return err
}

// plainly adds a field whose values are words or digits. The filter was read, so they
// are known.
func plainly(w *fsm.Where, field string, values []string) {
	yes := func(word string) fsm.AnyOf[uint8] {
		var list []uint8
		for _, value := range values {
			list = append(list, map[bool]uint8{true: 1}[value == word])
		}
		return fsm.OneOf(list...)
	}
	switch field {
	case filter.Status:
		w.Status = fsm.AnyOf[fsm.ConversationStatus]{}
		for _, value := range values {
			status, _ := fsm.ParseConversationStatus(value)
			w.Status = append(w.Status, status)
		}
		slices.Sort(w.Status)
	case filter.State:
		w.State = fsm.AnyOf[fsm.AssignmentState]{}
		for _, value := range values {
			state, _ := fsm.ParseAssignmentState(value)
			w.State = append(w.State, state)
		}
		slices.Sort(w.State)
	case filter.Priority:
		w.Priority = fsm.AnyOf[uint8]{}
		for _, value := range values {
			w.Priority = append(w.Priority, value[0]-'0')
		}
	case filter.Unread:
		w.Unread = yes("true")
	case filter.Direction:
		w.Outbound = yes(fsm.Outbound.String())
	case filter.Kind:
		w.Lead = yes("lead")
	}
}

// agents returns agents by their ids, `me`, and, where nobody will do, `none`.
func (r *resolver) agents(field string, values []string, nobody bool) (fsm.AnyOf[fsm.AgentHandle], error) {
	if slices.Contains(values, filter.Me) && r.me.Handle == 0 {
		return nil, invalid(inQuery(field, "unexpected", "nobody is `me` here: say who acts by the header Rondo-Actor: agent:ID, or give as=ID"))
	}
	if slices.Contains(values, filter.None) && !nobody {
		return nil, invalid(inQuery(field, "unexpected", "`none` is not one of them; give ids of agents, or `me`"))
	}
	return handles(r, field, "agent", values, func(id string) (fsm.AgentHandle, bool) {
		switch id {
		case filter.Me:
			return r.me.Handle, true
		case filter.None:
			return 0, true
		}
		row, ok := r.v.Agents.ByID(fsm.AgentID(id))
		return row.Handle, ok
	})
}

// followed asks for the contacts that somebody follows.
func (r *resolver) followed(w *fsm.Where, values []string) error {
	agents, err := r.agents(filter.Follower, values, false)
	if err != nil {
		return err
	}
	var contacts []fsm.ContactHandle
	for _, agent := range agents {
		contacts = slices.AppendSeq(contacts, r.v.Followers.FollowedBy(agent, 0))
	}
	w.Contact = w.Contact.And(fsm.OneOf(contacts...))
	return nil
}

// age adds a bound of age, by the time of the state.
func (r *resolver) age(w *fsm.Where, field, value string) error {
	at, err := filter.Time(value, time.UnixMilli(r.v.NowMs))
	if err != nil {
		return invalid(inQuery(field, "format", err.Error()))
	}
	ms := max(at.UnixMilli(), 1)
	if field == filter.OpenedBefore {
		w.OpenedBeforeMs = ms
	} else {
		w.OpenedFromMs = ms + 1
	}
	return nil
}

// handles finds what values name.
func handles[H cmp.Ordered](r *resolver, field, noun string, values []string, find func(id string) (H, bool)) (fsm.AnyOf[H], error) {
	var list []H
	for _, id := range values {
		handle, ok := find(id)
		switch {
		case ok:
			list = append(list, handle)
		case !r.lenient:
			return nil, unknownFilter(r.v, field, noun, id)
		}
	}
	return fsm.OneOf(list...), nil
}

// inboxesOfKind are those of some kinds of channel, also those that were removed:
// what came there is still there.
func inboxesOfKind(v *fsm.State, kinds []string) fsm.AnyOf[fsm.InboxHandle] {
	var list []fsm.InboxHandle
	for inbox := range v.Inboxes.All() {
		if slices.Contains(kinds, inbox.Channel.Kind) {
			list = append(list, inbox.Handle)
		}
	}
	return fsm.OneOf(list...)
}

// built-in views need no row.
type builtIn struct{ name, filter, sort string }

var builtIns = map[string]builtIn{
	"mine":       {"Yours", "assignee=me&status=open", "-" + sortActivity},
	"team":       {"Team inbox", "assignee=none&status=open&state=waiting,held,manual", "-" + sortActivity}, // and its team, see builtInTeam
	"unassigned": {"Unassigned", "assignee=none&status=open&state=waiting,held,manual", "-" + sortActivity},
	"outbound":   {"Outbound", "status=open&state=outbound", "-" + sortActivity},
	"following":  {"Following", "follower=me&status=open,pending,snoozed", "-" + sortActivity},
	"waiting":    {"Waiting", "status=open&state=waiting", sortOpenedAt},
	"held":       {"Held", "status=open&state=held", sortOpenedAt},
	"all":        {"All", "", "-" + sortOpenedAt},
}

// builtInTeam returns the teams of the team inbox: the one in the query, or those of
// whoever `me` is (S4.2, S4.28).
func builtInTeam(c *call, v *fsm.State) (filter.Filter, error) {
	if _, given := c.query[filter.Team]; given {
		return filter.Filter{}, nil // it is a filter of the query as well
	}
	r, err := c.resolver(v)
	if err != nil {
		return nil, err
	}
	if r.me.Handle == 0 {
		return nil, invalid(inQuery(filter.Team, "unexpected", fmt.Sprintf("say whose inbox: give team=ID; or say who acts, by the header %s: agent:ID, for all teams of that agent", actorHeader)))
	}
	var teams []string
	for team := range v.Members.TeamsOf(r.me.Handle) {
		row, _ := v.Teams.Get(team)
		teams = append(teams, string(row.ID))
	}
	return filter.Filter{filter.Team: teams}, nil
}

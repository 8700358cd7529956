package httpapi

import (
	"slices"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Views are the JSON of the API: names instead of handles, null and [] instead of
// fields left out.

const timeLayout = "2006-01-02T15:04:05.000Z"

// A moment is a time of the state, shown in UTC with milliseconds; 0 is null.
type moment int64

// MarshalJSON implements json.Marshaler.
func (m moment) MarshalJSON() ([]byte, error) {
	if m == 0 {
		return []byte("null"), nil
	}
	return time.UnixMilli(int64(m)).UTC().AppendFormat(make([]byte, 0, len(timeLayout)+2), `"`+timeLayout+`"`), nil
}

// orNull shows an empty text as null.
func orNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	t := string(s)
	return &t
}

// The names of handles; nil is 0, which is nobody and nothing.

func agentName(v *fsm.State, h fsm.AgentHandle) *string {
	row, _ := v.Agents.Get(h)
	return orNull(row.ID)
}

func teamName(v *fsm.State, h fsm.TeamHandle) *string {
	row, _ := v.Teams.Get(h)
	return orNull(row.ID)
}

func inboxName(v *fsm.State, h fsm.InboxHandle) *string {
	row, _ := v.Inboxes.Get(h)
	return orNull(row.ID)
}

type agentView struct {
	ID   fsm.AgentID `json:"id"`
	Name string      `json:"name"`
	Kind string      `json:"kind"`
	profileView
	Limits   limitsView    `json:"limits"`
	Presence presenceView  `json:"presence"`
	Groups   []fsm.GroupID `json:"groups"`
	Teams    []fsm.TeamID  `json:"teams"`
	Open     int           `json:"open"` // conversations she has
	Revision uint64        `json:"revision"`

	Warnings []warningView `json:"warnings,omitempty"` // of the change that this answers
}

// A profileView is what is known of an agent.
type profileView struct {
	Email     *string           `json:"email"`
	Role      string            `json:"role"`
	Onboarded bool              `json:"onboarded"`
	Languages []string          `json:"languages"`
	Regions   []string          `json:"regions"`
	Skills    []string          `json:"skills"`
	Fields    map[string]string `json:"fields"`
}

func viewProfile(row fsm.Agent) profileView {
	view := profileView{
		Email: orNull(row.Email), Role: row.Role.String(), Onboarded: !row.Pending,
		Languages: orEmpty(row.Languages), Regions: orEmpty(row.Regions), Skills: orEmpty(row.Skills), Fields: map[string]string{},
	}
	for _, f := range row.Fields {
		view.Fields[f.Name] = f.Value
	}
	return view
}

// viewAgent also returns how many conversations it had to look at.
func viewAgent(v *fsm.State, row fsm.Agent) (view agentView, looked int) {
	open := v.OpenOf(row.Handle)
	return agentView{
		ID: row.ID, Name: row.Name, Kind: row.Kind.String(), profileView: viewProfile(row), Groups: groupsOf(v, row.Handle),
		Limits:   viewLimits(row.Limits),
		Presence: viewPresence(v, row),
		Teams:    teamsOf(v, row.Handle), Open: open, Revision: row.Revision,
	}, open
}

func teamsOf(v *fsm.State, agent fsm.AgentHandle) []fsm.TeamID {
	teams := []fsm.TeamID{}
	for h := range v.Members.TeamsOf(agent) {
		team, _ := v.Teams.Get(h)
		teams = append(teams, team.ID)
	}
	slices.Sort(teams)
	return teams
}

type inboxView struct {
	ID         fsm.InboxID       `json:"id"`
	Name       string            `json:"name"`
	Channel    channelView       `json:"channel"`
	Assignment assigningView     `json:"assignment"`
	Access     []participantView `json:"access"`  // [] is everybody
	Members    []participantView `json:"members"` // [] is everybody with access
	Capacity   capacityView      `json:"capacity"`
	Revision   uint64            `json:"revision"`

	Warnings []warningView `json:"warnings,omitempty"` // of the change that this answers
}

type channelView struct {
	Kind    *string `json:"kind"`
	Address *string `json:"address"`
}

type contactView struct {
	ID        fsm.ContactID `json:"id"`
	Name      string        `json:"name"`
	Addresses []string      `json:"addresses"`
	Owner     *string       `json:"owner"`
	Known     bool          `json:"known"`
	Followers []string      `json:"followers"`
	contactTraits
	Revision uint64 `json:"revision"`

	Warnings []warningView `json:"warnings,omitempty"` // of the change that this answers
}

func viewContact(v *fsm.State, row fsm.Contact) contactView {
	return contactView{
		ID: row.ID, Name: row.Name, Addresses: orEmpty(row.Addresses), Owner: agentName(v, row.Owner), Known: row.Known,
		Followers: followersOf(v, row.Handle), Revision: row.Revision, contactTraits: viewTraits(row),
	}
}

// orEmpty shows a list of nothing as [].
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

package httpapi

import "github.com/rondohq/rondo/fsm"

// Limits of a summary, so that an agent with a year of work is answered as
// quickly as one with a day of it. Where one is reached the answer says cut.
const (
	maxSummaryItems = 50
	maxSummaryLooks = 5000   // records of conversations, and conversations
	maxSummarySeats = 20_000 // of all her rings together
)

// A summaryView is what an agent missed.
type summaryView struct {
	Agent fsm.AgentID  `json:"agent"`
	Since moment       `json:"since"`
	Now   moment       `json:"now"`
	Offer *offerView   `json:"offer"` // that she may accept
	Yours yoursSummary `json:"yours"`
	Taken takenSummary `json:"taken"`
	Wrote wroteSummary `json:"wrote"`
	Rings ringsSummary `json:"rings"`
}

type yoursSummary struct {
	Count int                  `json:"count"`
	Items []fsm.ConversationID `json:"items"`
	Cut   bool                 `json:"cut"`
}

type takenSummary struct {
	Count int         `json:"count"`
	Items []takenView `json:"items"`
	Cut   bool        `json:"cut"`
}

// A takenView is a conversation that she had and has no more.
type takenView struct {
	Conversation *string `json:"conversation"`
	At           moment  `json:"at"`
	By           string  `json:"by"`
	Event        string  `json:"event"`
	Assignee     *string `json:"assignee"` // now
}

type wroteSummary struct {
	Count int         `json:"count"`
	Items []wroteView `json:"items"`
	Cut   bool        `json:"cut"`
}

// A wroteView is a conversation of hers whose customer has written.
type wroteView struct {
	Conversation fsm.ConversationID `json:"conversation"`
	Contact      *string            `json:"contact"`
	At           moment             `json:"at"` // last
	Messages     int                `json:"messages"`
}

type ringsSummary struct {
	Items []ringView `json:"items"`
	Cut   bool       `json:"cut"`
}

type ringView struct {
	Team     fsm.TeamID `json:"team"`
	Inbox    *string    `json:"inbox"`
	Reason   *string    `json:"reason"` // why she may not be picked now
	Ahead    *int       `json:"ahead"`
	Eligible int        `json:"eligible"`
}

// getSummary tells an agent what happened since she last left, or since a time.
func getSummary(a *api, c *call) (answer, error) {
	v, row, err := agentOf(a, c)
	if err != nil {
		return answer{}, err
	}
	sinceMs := max(row.LeftMs, row.CreatedMs)
	if ms, err := c.query.time("since"); err != nil {
		return answer{}, err
	} else if ms > 0 {
		sinceMs = ms
	}
	view := summaryView{Agent: row.ID, Since: moment(sinceMs), Now: moment(v.NowMs), Taken: takenSince(v, row, sinceMs), Rings: ringsOf(v, row)}
	if offer, ok := v.Offers.OfAgent(row.Handle); ok {
		shown := viewOffer(v, offer)
		view.Offer = &shown
	}
	view.Yours, view.Wrote = yoursSince(v, row, sinceMs)
	return show(v, view)
}

// yoursSince tells what an agent has, and whose customers have written.
func yoursSince(v *fsm.State, agent fsm.Agent, sinceMs int64) (yours yoursSummary, wrote wroteSummary) {
	yours.Items, wrote.Items = []fsm.ConversationID{}, []wroteView{}
	looks := maxSummaryLooks
	for row := range fsm.OpenConversationsOf(v, agent.Handle) {
		if yours.Count == maxSummaryLooks {
			yours.Cut, wrote.Cut = true, true
			break
		}
		if yours.Count++; yours.Count <= maxSummaryItems {
			yours.Items = append(yours.Items, row.ID)
		}
		heard := wroteView{Conversation: row.ID}
		for rec := range v.History(row) {
			if looks--; looks < 0 || rec.TimeMs < sinceMs {
				break
			}
			if rec.MessageID != "" {
				heard.At = max(heard.At, moment(rec.TimeMs))
				heard.Messages++
			}
		}
		if heard.Messages == 0 {
			continue
		}
		if wrote.Count++; wrote.Count <= maxSummaryItems {
			contact, _ := v.Contacts.Get(row.Contact)
			heard.Contact = orNull(contact.ID)
			wrote.Items = append(wrote.Items, heard)
		}
	}
	yours.Cut = yours.Cut || yours.Count > maxSummaryItems
	wrote.Cut = wrote.Cut || wrote.Count > maxSummaryItems || looks < 0
	return yours, wrote
}

// takenSince tells what an agent had and has no more, the newest first, each once.
// What she gave away herself she knows.
func takenSince(v *fsm.State, agent fsm.Agent, sinceMs int64) takenSummary {
	taken := takenSummary{Items: []takenView{}}
	seen := map[fsm.ConversationHandle]bool{}
	looks := 0
	for rec := range fsm.LossesOf(v, agent) {
		if rec.TimeMs < sinceMs {
			break
		}
		if looks++; looks > maxSummaryLooks {
			taken.Cut = true
			break
		}
		row, ok := v.Conversations.Get(rec.Conversation)
		if !ok || seen[row.Handle] || row.Assignment.Assignee == agent.Handle || rec.Actor == "agent:"+string(agent.ID) {
			continue
		}
		seen[row.Handle] = true
		if taken.Count++; taken.Count > maxSummaryItems {
			taken.Cut = true
			continue
		}
		taken.Items = append(taken.Items, takenView{orNull(row.ID), moment(rec.TimeMs), rec.Actor, rec.Event.String(), agentName(v, row.Assignment.Assignee)})
	}
	return taken
}

// ringsOf tells where an agent stands in each of her teams.
func ringsOf(v *fsm.State, agent fsm.Agent) ringsSummary {
	rings := ringsSummary{Items: []ringView{}}
	budget := maxSummarySeats
	for handle := range v.Members.TeamsOf(agent.Handle) {
		team, _ := v.Teams.Get(handle)
		seat, _ := v.Members.Of(handle, agent.Handle)
		var places []fsm.RingPlace
		places, budget = fsm.RingPlacesOf(v, team, agent.Handle, budget)
		for _, p := range places {
			if len(rings.Items) == maxSummaryItems {
				rings.Cut = true
				return rings
			}
			view := ringView{Team: team.ID, Inbox: inboxName(v, p.Inbox), Eligible: p.Eligible}
			if seat.Eligible() {
				view.Ahead = &p.Ahead
			} else {
				view.Reason = orNull(seat.Verdict.String())
			}
			rings.Items = append(rings.Items, view)
		}
		if budget < 0 {
			rings.Cut = true
			return rings
		}
	}
	return rings
}

package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// An offer asks one agent whether she takes a conversation. Open ones are listed; how
// one ended can be asked for as long as it is kept.

var (
	acceptShape  = shapeOf[fsm.AcceptOffer]()
	declineShape = shapeOf[fsm.DeclineOffer]()
)

// offerTerms are what whoever is asked has to know.
type offerTerms struct {
	ID          string  `json:"id"`
	Agent       *string `json:"agent"` // who is asked
	MadeAt      moment  `json:"made_at"`
	ExpiresAt   moment  `json:"expires_at"`
	SecondsLeft int64   `json:"seconds_left"` // by the cluster's time
}

type offerView struct {
	offerTerms
	Conversation *string `json:"conversation"`
	Team         *string `json:"team"`
	Decision     string  `json:"decision"` // that made it
	State        string  `json:"state"`
	EndedAt      moment  `json:"ended_at"`
	By           *string `json:"by"`     // who ended it
	Reason       *string `json:"reason"` // that was given, or why it was withdrawn
}

// secondsLeft counts a second that has begun, so that 0 says that it is too late.
func secondsLeft(v *fsm.State, row fsm.Offer) int64 {
	const msPerSecond = 1000
	if row.EndAt(v.NowMs) != fsm.OfferOpen {
		return 0
	}
	return (max(row.DueMs-v.NowMs, 0) + msPerSecond - 1) / msPerSecond
}

func viewTerms(v *fsm.State, row fsm.Offer) offerTerms {
	return offerTerms{row.Handle.String(), agentName(v, row.Agent), moment(row.MadeMs), moment(row.DueMs), secondsLeft(v, row)}
}

func viewOffer(v *fsm.State, row fsm.Offer) offerView {
	view := offerView{
		offerTerms:   viewTerms(v, row),
		Conversation: conversationName(v, row.Conversation), Team: teamName(v, row.Team),
		Decision: row.Made.String(), State: row.EndAt(v.NowMs).String(), EndedAt: moment(row.EndedMs),
	}
	if rec, ok := endOf(v, row); ok {
		view.By, view.Reason = orNull(rec.Actor), orNull(rec.Reason)
	}
	return view
}

// maxOfferLooks bounds the records of a conversation among which the end of an offer
// is looked for. Behind so many newer ones it is told without who ended it and why.
const maxOfferLooks = 1000

// endOf finds the record of the end of an offer.
func endOf(v *fsm.State, row fsm.Offer) (fsm.Record, bool) {
	conversation, ok := v.Conversations.Get(row.Conversation)
	if !ok || row.End == fsm.OfferOpen {
		return fsm.Record{}, false
	}
	looks := maxOfferLooks
	for rec := range v.History(conversation) {
		if looks--; looks < 0 || rec.ID.Compare(row.Made) <= 0 {
			break
		}
		if rec.Offer == row.Handle {
			return rec, true
		}
	}
	return fsm.Record{}, false
}

// viewOpenOffer is the open offer of a conversation, or nil.
func viewOpenOffer(v *fsm.State, row fsm.Conversation) *offerTerms {
	if row.Assignment.State != fsm.StateOffered {
		return nil
	}
	offer, ok := v.Offers.OpenOf(row.Handle)
	if !ok {
		return nil
	}
	terms := viewTerms(v, offer)
	return &terms
}

// agentNames shows a list of agents; those who are gone for good have no name.
func agentNames(v *fsm.State, list []fsm.AgentHandle) []string {
	names := make([]string, 0, len(list))
	for _, h := range list {
		if name := agentName(v, h); name != nil {
			names = append(names, *name)
		}
	}
	return names
}

// seesOffer says whether the caller may see an offer: hers, or by its conversation.
func seesOffer(c *call, v *fsm.State, row fsm.Offer) bool {
	if actor := actingAgent(c, v); actor.Handle != 0 && actor.Handle == row.Agent {
		return true
	}
	conversation, ok := v.Conversations.Get(row.Conversation)
	return ok && sees(c, v, conversation)
}

// offerOf is the offer that a path names.
func offerOf(c *call) (fsm.OfferHandle, bool) {
	n, err := strconv.ParseUint(c.path["id"], 10, 64)
	return fsm.OfferHandle(n), err == nil && n != 0
}

func getOffer(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	handle, named := offerOf(c)
	row, ok := v.Offers.Get(handle)
	if !named || !ok || !seesOffer(c, v, row) {
		return answer{}, absent(v, "offer", c.path["id"])
	}
	return show(v, viewOffer(v, row))
}

// listOffers lists the open offers, the oldest first.
func listOffers(a *api, c *call) (answer, error) {
	l, err := c.list(1)
	if err != nil {
		return answer{}, err
	}
	after, err := l.afterNumbers()
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	from := fsm.OfferHandle(1)
	if after != nil {
		from = fsm.OfferHandle(after[0]) + 1
	}
	where, err := offersAsked(c, v)
	if err != nil {
		return answer{}, err
	}
	return show(v, page(l.limit, rowsOf[fsm.Offer]{
		rows:  v.Offers.OpenWhere(where, from),
		keep:  func(row fsm.Offer) bool { return seesOffer(c, v, row) },
		token: func(row fsm.Offer) pageToken { return l.numbers(uint64(row.Handle)) },
		view:  func(row fsm.Offer) (any, int) { return viewOffer(v, row), 0 },
	}))
}

// offersAsked reads which offers are asked for.
func offersAsked(c *call, v *fsm.State) (where fsm.OffersWhere, err error) {
	if id, given := c.query["agent"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if where.Agent = row.Handle; !ok {
			return where, unknownFilter(v, "agent", "agent", id)
		}
	}
	if id, given := c.query["team"]; given {
		row, ok := v.Teams.ByID(fsm.TeamID(id))
		if where.Team = row.Handle; !ok {
			return where, unknownFilter(v, "team", "team", id)
		}
	}
	if id, given := c.query["conversation"]; given {
		row, ok := visible(c, v, id)
		if where.Conversation = row.Handle; !ok {
			return where, unknownFilter(v, "conversation", "conversation", id)
		}
	}
	return where, nil
}

// An answeredView is the answer to whoever has answered an offer.
type answeredView struct {
	Offer *offerView `json:"offer"` // null: it is kept no longer
	actionView
}

func acceptOffer(a *api, c *call) (answer, error) {
	command, err := decode(c, acceptShape, func(p *fsm.AcceptOffer) { pathOffer(c, &p.Offer) })
	if err != nil {
		return answer{}, err
	}
	return answerOffer(a, c, command)
}

func declineOffer(a *api, c *call) (answer, error) {
	command, err := decode(c, declineShape, func(p *fsm.DeclineOffer) { pathOffer(c, &p.Offer) })
	if err != nil {
		return answer{}, err
	}
	return answerOffer(a, c, command)
}

// pathOffer sets the offer that the path names. The body may repeat it.
func pathOffer(c *call, field *fsm.OfferHandle) {
	handle, named := offerOf(c)
	if *field != 0 && *field != handle {
		c.faults = append(c.faults, inBody("/offer", "differs", fmt.Sprintf("it is %s here and %q in the path; leave it out", *field, clip(c.path["id"]))))
	}
	if *field = handle; !named {
		*field = 1 // answerOffer says what is wrong, and that is not that none was named
	}
}

// answerOffer proposes what somebody answers to an offer. Whoever comes too late is
// told what has become of it.
func answerOffer(a *api, c *call, command fsm.Command) (answer, error) {
	handle, named := offerOf(c)
	if !named {
		return answer{}, newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title,
			fmt.Sprintf("%q is not the id of an offer; they are numbers, such as 42", clip(c.path["id"])))
	}
	d, err := a.propose(c, command)
	var p *problem
	if errors.As(err, &p) && p.body.Code == string(fsm.OfferEnded) {
		v := a.cluster.View(p.index)
		if row, ok := v.Offers.Get(handle); ok && seesOffer(c, v, row) {
			ended := viewOffer(v, row)
			p.body.Offer = &ended
		}
	}
	if err != nil {
		return answer{}, err
	}
	what, _, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	view := answeredView{actionView: what}
	if row, ok := d.view.Offers.Get(handle); ok {
		shown := viewOffer(d.view, row)
		view.Offer = &shown
	}
	return d.answer(view), nil
}

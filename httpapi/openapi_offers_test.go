package httpapi

import (
	"maps"

	"github.com/rondohq/rondo/fsm"
)

// The operations about offers.
func init() {
	const late = "Too late, at its end or behind it, is `offer_ended`: the answer says in `offer` what has become of it, and when."
	maps.Copy(operations, map[string]operation{
		"GET /v1/offers": {id: "listOffers", tag: "offers", summary: "The open offers",
			about: "In the order in which they were made. An agent has one at most, in all of her teams together, and so has a conversation. Offers about conversations that you may not see are left out, but for your own.",
			list:  of[offerView](), call: "/v1/offers?team=sales"},
		"GET /v1/offers/{id}": {id: "getOffer", tag: "offers", summary: "Look at an offer",
			about: "Also for a day after it has ended, unless 100,000 others have ended since.", answers: ok[offerView]()},
		"POST /v1/offers/{id}/accept": {id: "acceptOffer", tag: "offers", summary: "Take what is offered",
			about: "The conversation is hers then, and her turn is taken. She accepts herself, or a supervisor of the team or an admin does it for her. " + late,
			body:  of[fsm.AcceptOffer](), answers: ok[answeredView](), refusals: []fsm.Reason{fsm.OfferEnded, fsm.NotPermitted}},
		"POST /v1/offers/{id}/decline": {id: "declineOffer", tag: "offers", summary: "Leave what is offered to the next",
			about: "It goes on at once, with the age it has, to the next who was not asked yet; she is not asked again for it before all others were. When all were asked the fallback of the team takes over. " + late,
			body:  of[fsm.DeclineOffer](), answers: ok[answeredView](), refusals: []fsm.Reason{fsm.OfferEnded, fsm.NotPermitted}},
	})
	exampleOrder = append(exampleOrder, "GET /v1/offers")
	parameters["/v1/offers agent"] = parameter{"Only what this agent is asked.", ""}
	maps.Copy(vocabulary, map[string][]string{"httpapi.offerView.state": fsm.OfferEndNames()})
	maps.Copy(componentNames, map[string]string{"httpapi.offerView": "Offer", "httpapi.offerTerms": "OfferTerms", "httpapi.answeredView": "OfferAnswer"})
	maps.Copy(abouts, map[string]string{
		"httpapi.offerTerms":              "A conversation that an agent is asked to take.",
		"httpapi.offerTerms.id":           "A number.",
		"httpapi.offerTerms.agent":        "Who is asked.",
		"httpapi.offerTerms.made_at":      "When she was asked.",
		"httpapi.offerTerms.expires_at":   "Until then she may accept; then it goes to the next.",
		"httpapi.offerTerms.seconds_left": "By the cluster's time, a second that has begun counted; 0: it is too late.",
		"httpapi.offerView":               "A conversation that an agent is asked to take, or was.",
		"httpapi.offerView.conversation":  "The conversation.",
		"httpapi.offerView.team":          "The team whose rotation asks.",
		"httpapi.offerView.decision":      "The decision that made it: whose turn it was, and who was passed over.",
		"httpapi.offerView.state":         "What has become of it.",
		"httpapi.offerView.ended_at":      "When; null while it is open.",
		"httpapi.offerView.by":            "Who ended it; null while it is open.",
		"httpapi.offerView.reason":        "Of a declined one: what she said. Of a withdrawn one why: `decided` (something else was, about the conversation), `presence` (she is not there any more), `member` (or not in the team), `access` (or may not take what comes to the inbox), `limits` (it would be one more than she may have).",

		"httpapi.answeredView":         "What became of an answer to an offer.",
		"httpapi.answeredView.offer":   "The offer as it is now; null: it is kept no longer.",
		"fsm.AcceptOffer":              "Nothing: the path says it all.",
		"fsm.DeclineOffer":             "Why not, if anybody is to know.",
		"fsm.DeclineOffer.reason":      "A word, never personal data: it stands in events for good.",
		"httpapi.assignmentView.offer": "To whom it is offered, in the state offered.",
		"httpapi.assignmentView.asked": "Who was offered it in this round and did not take it: others are asked first.",

		"httpapi.decisionSubject.offer":   "The offer that it made, or whose acceptance it is.",
		"httpapi.decisionTurn.offered_to": "Who was asked to take it, where it was offered. The turn counts when she accepts.",
		"httpapi.eventRun.offer":          "The offer that it is about.",
		"httpapi.summaryView.offer":       "What she is asked to take, if she is.",
		"httpapi.problemBody.offer":       "Of `offer_ended`: what has become of the offer.",
	})
}

package httpapi

import (
	"maps"
	"reflect"

	"github.com/rondohq/rondo/fsm"
)

const endedText = "A contact that has become part of another one is answered with 404, `merged`, and the id of that one in `contact`. "

// The operations about contacts, besides those that every noun has.
var contactOperations = map[string]operation{
	"PUT /v1/contacts/{id}": {id: "putContact", tag: "contacts", summary: "Create or replace a contact",
		about: "Another owner gets what is open of the contact, too, unless `conversations` says `none`.",
		body:  of[fsm.PutContact](), answers: okOrCreated[contactView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.AddressTaken, fsm.MergedAway, fsm.ErasedContact},
		call: "/v1/contacts/ben", sent: `{"name":"Ben","addresses":["+15550112"]}`},
	"GET /v1/contacts/{id}": {id: "getContact", tag: "contacts", summary: "Look at a contact", about: endedText,
		answers: ok[contactView](), refusals: []fsm.Reason{fsm.MergedAway}, call: "/v1/contacts/ben"},
	"GET /v1/contacts": {id: "listContacts", tag: "contacts", summary: "List contacts",
		about: "In the order of their ids or, with a filter, as they were made. Filters are looked up in indexes.", list: of[contactView](), call: "/v1/contacts?address=%2B15550112"},
	"PUT /v1/contacts/{id}/owner": {id: "putContactOwner", tag: "contacts", summary: "Make an agent the owner of a contact",
		about: "What the contact writes from then on goes to the owner, without a turn; and so does, unless `conversations` says `none`, every open, pending and snoozed conversation of the contact, but for those that a person has given to somebody, or taken from everybody, by themselves. Many take a moment longer than this call.",
		body:  of[fsm.PutContactOwner](), answers: okOrCreated[contactView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.MergedAway, fsm.ErasedContact},
		call: "/v1/contacts/ben/owner", sent: `{"agent":"mallory"}`},
	"DELETE /v1/contacts/{id}/owner": {id: "deleteContactOwner", tag: "contacts", summary: "Leave a contact without an owner",
		about: "What the owner has of the contact's, and nobody gave to her by itself, goes back to the rotation, unless `conversations` says `none`.",
		body:  of[fsm.DeleteContactOwner](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.MergedAway, fsm.ErasedContact}, call: "/v1/contacts/ben/owner"},
	"PUT /v1/contacts/{id}/tags/{tag}": {id: "putContactTag", tag: "contacts", summary: "Tag a contact",
		about: "32 tags at most.", body: of[fsm.PutContactTag](), answers: okOrCreated[contactView](),
		refusals: []fsm.Reason{fsm.TooManyTags, fsm.MergedAway, fsm.ErasedContact}, call: "/v1/contacts/ben/tags/vip"},
	"DELETE /v1/contacts/{id}/tags/{tag}": {id: "deleteContactTag", tag: "contacts", summary: "Take a tag of a contact away",
		body: of[fsm.DeleteContactTag](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.MergedAway, fsm.ErasedContact}},
	"POST /v1/contacts/{id}/assign": {id: "assignContact", tag: "contacts", summary: "Find an owner for a contact",
		about: "By the rotation of a team, without a conversation: a lead. It waits in the team's queue if it must; whoever gets it owns the contact, and it is closed.",
		body:  of[fsm.AssignContact](), answers: map[int]reflect.Type{201: of[leadView]()},
		refusals: []fsm.Reason{fsm.UnknownReference, fsm.AlreadyOwned, fsm.AlreadyWaiting, fsm.BlockedContact, fsm.MergedAway, fsm.ErasedContact}},
	"POST /v1/contacts/{id}/merge": {id: "mergeContacts", tag: "contacts", summary: "Make one contact of two",
		about: "Addresses, tags, fields, followers and conversations of `from` become this one's; its own name, fields, language, region and owner come first. " + endedText + "Decisions and events go on naming it.",
		body:  of[fsm.MergeContacts](), answers: ok[contactView](),
		refusals: []fsm.Reason{fsm.NotPermitted, fsm.ListFull, fsm.TooManyTags, fsm.MergedAway, fsm.ErasedContact}},
	"POST /v1/contacts/{id}/erase": {id: "eraseContact", tag: "contacts", summary: "Erase a contact, for ever",
		about: "Name, addresses, tags, fields, language, region, owner, followers and revisions go, and the attributes of its conversations; the id stays, so give none that tells who it is. Decisions and events hold nothing of a person. " + erasedText,
		body:  of[fsm.EraseContact](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.NotPermitted, fsm.MergedAway, fsm.ErasedContact}},
}

const erasedText = "The state of every node is without it at once. On its disk, the Raft log and older snapshots hold it until the node has made three newer snapshots: it keeps three, and cuts its log behind the second. The log's file may hold freed pages until they are used again. What you saved with `rondo snapshot save` is yours to delete."

var contactAbouts = map[string]string{
	"fsm.PutContact.tags":                  "32 at most. They follow the rules of ids.",
	"fsm.PutContact.fields":                "What you know besides, 32 at most. The names follow the rules of ids.",
	"fsm.PutContact.language":              "What the contact speaks, in a word that follows the rules of ids.",
	"fsm.PutContact.region":                "Where the contact is, likewise.",
	"fsm.PutContact.blocked":               "What the contact writes opens nothing and reaches nobody.",
	"fsm.PutContact.conversations":         conversationsText,
	"fsm.PutContactOwner.conversations":    conversationsText,
	"fsm.DeleteContactOwner.conversations": "What becomes of what the owner has of the contact's: `all` goes back to the rotation (the default), or `none`.",
	"fsm.PutContactTag":                    "Nothing: the path says it all.",
	"fsm.DeleteContactTag":                 "Nothing: the path says it all.",
	"fsm.AssignContact":                    "Who is to find an owner.",
	"fsm.AssignContact.team":               "The id of the team whose turns it goes by.",
	"fsm.MergeContacts":                    "Who becomes part of this contact.",
	"fsm.MergeContacts.from":               "The id of the other contact.",
	"fsm.EraseContact":                     "Nothing: the path says it all.",
	"fsm.InboxAssignment.set_owner":        setOwnerText,
	"httpapi.assigningView.set_owner":      setOwnerText,
	"httpapi.contactTraits.tags":           "Sorted.",
	"httpapi.contactTraits.fields":         "What is known besides.",
	"httpapi.contactTraits.language":       "What the contact speaks.",
	"httpapi.contactTraits.region":         "Where the contact is.",
	"httpapi.contactTraits.blocked":        "What the contact writes opens nothing and reaches nobody.",
	"httpapi.contactTraits.erased_at":      "Since then nothing is known of who it was.",
	"httpapi.conversationLife.kind":        "`conversation`, or `lead`: it asks for an owner of its contact, and has no messages and no inbox.",
	"httpapi.conversationLife.individual":  "A person chose its assignee, or nobody, for this very one: another owner of the contact does not change that.",
	"httpapi.openedView":                   "What became of an open.",
	"httpapi.openedView.opened":            "A new conversation was opened.",
	"httpapi.openedView.blocked":           blockedText,
	"httpapi.receivedView.blocked":         blockedText,
	"httpapi.leadView":                     "A contact, and the lead that finds its owner.",
	"httpapi.leadView.contact":             "With its owner, if somebody got the lead at once.",
	"httpapi.contest.contact":              "With `merged`: the id of the contact to ask for.",
	"httpapi.eventTelling.merged":          "Of contact.merged: the contact that has become part of this one.",
	"httpapi.actionView.conversation":      "As it is now; null if a blocked contact has none open.",
}

const (
	conversationsText = "What becomes of the contact's conversations that are open, pending or snoozed when this gives it another owner: `all` (the default) go to the new owner, but for those that a person has given to somebody, or taken from everybody, by themselves; with `none` they stay where they are. If the new owner is nobody, `all` go back to the rotation. It says what is to be done with this one change: it is not kept, and no answer shows it. The query may say it instead."
	setOwnerText      = "Whether who gets a conversation of a contact without an owner becomes its owner: `never` (the default), or `first_assignee`."
	blockedText       = "The contact is blocked: nothing was opened, and nobody was told."
)

func init() {
	maps.Copy(operations, contactOperations)
	maps.Copy(abouts, contactAbouts)
	exampleOrder = append(exampleOrder, "PUT /v1/contacts/{id}/tags/{tag}")
	for name, about := range map[string]string{"owner": "Only those of this agent.", "tag": "Only those with this tag.",
		"language": "Only those who speak this.", "region": "Only those who are there."} {
		parameters["/v1/contacts "+name] = parameter{about, ""}
	}
	parameters["known"] = parameter{"Only those that somebody has put (true), or that a message made (false).", `{"type":"boolean"}`}
	parameters["blocked"] = parameter{"Only those that are blocked, or are not.", `{"type":"boolean"}`}
	o := operations["POST /v1/conversations"]
	o.answers = okOrCreated[openedView]()
	o.refusals = append(o.refusals[:len(o.refusals):len(o.refusals)], fsm.MergedAway, fsm.ErasedContact)
	operations["POST /v1/conversations"] = o
	o = operations["POST /v1/inboxes/{id}/preview"]
	o.refusals = append(o.refusals[:len(o.refusals):len(o.refusals)], fsm.BlockedContact, fsm.MergedAway, fsm.ErasedContact)
	operations["POST /v1/inboxes/{id}/preview"] = o
}

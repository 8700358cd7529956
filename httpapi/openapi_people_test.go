package httpapi

import (
	"maps"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// The operations about people: agents, groups, and who is in a team.
var peopleOperations = map[string]operation{
	"PUT /v1/groups/{id}": {id: "putGroup", tag: "groups", summary: "Create or replace a group",
		about: "Wherever the group stands, its new members are in and those who left it are out, at once. Each person counts once.",
		body:  of[fsm.PutGroup](), answers: okOrCreated[groupView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.TeamFull, fsm.TooManyTeams, fsm.TooManyGroups},
		call: "/v1/groups/uk", sent: `{"name":"UK","members":[{"agent":"mallory"}]}`},
	"GET /v1/groups/{id}": {id: "getGroup", tag: "groups", summary: "Look at a group", answers: ok[groupView](), call: "/v1/groups/uk"},
	"GET /v1/groups":      {id: "listGroups", tag: "groups", summary: "List groups", about: "In the order of their ids.", list: of[groupView](), call: "/v1/groups"},
	"PUT /v1/groups/{id}/members/{agent}": {id: "putGroupMember", tag: "groups", summary: "Add an agent to a group",
		about: "So that two people never overwrite each other's list.",
		body:  of[fsm.PutGroupMember](), answers: okOrCreated[groupView](), refusals: []fsm.Reason{fsm.TeamFull, fsm.TooManyTeams, fsm.TooManyGroups},
		call: "/v1/groups/uk/members/mallory"},
	"DELETE /v1/groups/{id}/members/{agent}": {id: "deleteGroupMember", tag: "groups", summary: "Take an agent out of a group",
		about: "And out of every team that she is in only through it. What she has stays hers.",
		body:  of[fsm.DeleteGroupMember](), answers: ok[groupView]()},
	"DELETE /v1/groups/{id}": {id: "deleteGroup", tag: "groups", summary: "Remove a group",
		about: "Refused while something lists it. " + removedText,
		body:  of[fsm.DeleteGroup](), answers: ok[groupView](), refusals: []fsm.Reason{fsm.InUse}},
	"DELETE /v1/teams/{id}": {id: "deleteTeam", tag: "teams", summary: "Remove a team",
		about: "Refused while something sends to it. What waits in it goes where its inbox says; who has something of it keeps it. " + removedText,
		body:  of[fsm.DeleteTeam](), answers: ok[teamView](), refusals: []fsm.Reason{fsm.InUse}},
	"DELETE /v1/agents/{id}": {id: "deleteAgent", tag: "agents", summary: "Remove an agent",
		about: "She is out of all teams, groups and lists. Her open conversations go back to the rotation, or stay with her name on them. Many take a moment longer than this call. " + removedText,
		body:  of[fsm.DeleteAgent](), answers: ok[agentView](), refusals: []fsm.Reason{fsm.InUse}},
	"POST /v1/agents/{id}/release": {id: "releaseAgent", tag: "agents", summary: "Let an agent go for now",
		about: "As when she is sick today: she is unavailable, and her open conversations go back to the rotation, or stay. Many take a moment longer than this call.",
		body:  of[fsm.ReleaseAgent](), answers: ok[agentView](),
		call: "/v1/agents/mallory/release", sent: `{"to":"requeue","reason":"sick"}`},
}

const removedText = "It is shown once more, as it is now. Put again, it is the same as before, for old decisions and for new ones."

var peopleAbouts = map[string]string{
	"fsm.PutAgent.email":             "Where she is written to.",
	"fsm.PutAgent.role":              "What she may change: nothing but her own work (`agent`, the default), who works when, or everything.",
	"fsm.PutAgent.onboarded":         "true by default. One who is not takes no turn, with that reason.",
	"fsm.PutAgent.languages":         "What she speaks, 32 at most. The words are yours; they follow the rules of ids.",
	"fsm.PutAgent.regions":           "Where she works, likewise.",
	"fsm.PutAgent.skills":            "What she can do, likewise.",
	"fsm.PutAgent.fields":            "Notes of your own, 32 at most. The names follow the rules of ids.",
	"fsm.RosterEntry":                "An agent, or a group and so all who are in it.",
	"fsm.RosterEntry.agent":          "The id of an agent; or give `group`.",
	"fsm.RosterEntry.group":          "The id of a group; or give `agent`.",
	"fsm.ListedAgent":                "An agent.",
	"fsm.ListedAgent.agent":          "Her id.",
	"fsm.PutGroup":                   "A group as it should be.",
	"fsm.PutGroup.members":           "Who is in it.",
	"fsm.PutTeam.supervisors":        "Who looks after the team: they may change its members and its rotation.",
	"fsm.PutTeam.self_join":          "Agents may come into the team and leave it by themselves.",
	"fsm.DeleteAgent":                "Whom to remove.",
	"fsm.DeleteAgent.conversations":  "What becomes of her open conversations: `requeue` (the default) or `keep`. The query may say it instead.",
	"fsm.DeleteMember.conversations": "What becomes of what she has of this team: `keep` (the default) or `requeue`. The query may say it instead.",
	"fsm.ReleaseAgent":               "What becomes of her conversations.",
	"fsm.ReleaseAgent.to":            "Back to the rotation, or stay with her.",
	"fsm.ReleaseAgent.reason":        "Why, in your words.",
	"httpapi.agentView.warnings":     "What may surprise about this success; left out if there is nothing.",
	"httpapi.agentView.groups":       "The groups she is in, by id.",
	"httpapi.profileView.email":      "Where she is written to.",
	"httpapi.profileView.role":       "What she may change.",
	"httpapi.profileView.onboarded":  "One who is not takes no turn.",
	"httpapi.profileView.languages":  "What she speaks.",
	"httpapi.profileView.regions":    "Where she works.",
	"httpapi.profileView.skills":     "What she can do.",
	"httpapi.profileView.fields":     "Notes of the client's own.",
	"httpapi.participantView":        "An agent, or a group and so all who are in it.",
	"httpapi.participantView.agent":  "null: it is a group.",
	"httpapi.participantView.group":  "null: it is an agent.",
	"httpapi.listedView":             "An agent.",
	"httpapi.groupView":              "A list of agents under one name.",
	"httpapi.groupView.teams":        "The teams it is in, by id.",
	"httpapi.groupView.revision":     revisionText,
	"httpapi.teamView.seats":         "Who is in the team, each once: its members with all groups expanded.",
	"httpapi.teamView.supervisors":   "Who looks after it.",
	"httpapi.teamView.self_join":     "Agents may come and leave by themselves.",
	"httpapi.eventThings.group":      "The group.",

	"httpapi.eventTelling.tags":       "Which tags were put or taken away.",
	"httpapi.eventTelling.refunds":    "The id of the decision whose turn was given back.",
	"httpapi.eventTelling.from":       "When a planned presence begins.",
	"httpapi.eventTelling.until":      "When a presence, planned or not, ends.",
	"httpapi.eventTelling.planned_by": "Who had planned the presence that begins now.",
}

// guardedOperations are those that the role of the agent who asks may not allow.
var guardedOperations = []string{
	"PUT /v1/agents/{id}", "DELETE /v1/agents/{id}", "PUT /v1/agents/{id}/presence", "POST /v1/agents/{id}/release",
	"PUT /v1/groups/{id}", "DELETE /v1/groups/{id}", "PUT /v1/groups/{id}/members/{agent}", "DELETE /v1/groups/{id}/members/{agent}",
	"PUT /v1/teams/{id}", "DELETE /v1/teams/{id}", "PUT /v1/teams/{id}/members/{agent}", "DELETE /v1/teams/{id}/members/{agent}",
	"PUT /v1/inboxes/{id}", "DELETE /v1/inboxes/{id}", "PUT /v1/inboxes/{id}/access/{agent}", "DELETE /v1/inboxes/{id}/access/{agent}",
	"PUT /v1/inboxes/{id}/members/{agent}", "DELETE /v1/inboxes/{id}/members/{agent}",
}

func init() {
	maps.Copy(operations, peopleOperations)
	for _, name := range guardedOperations {
		o := operations[name]
		o.refusals = append(slices.Clone(o.refusals), fsm.NotPermitted)
		operations[name] = o
	}
	maps.Copy(abouts, peopleAbouts)
	parameters["conversations"] = parameter{"What becomes of open conversations: of an agent who goes, `requeue` gives them back to the rotation and `keep` leaves them; of a contact with another owner, `all` go to her and `none` does.", `{"type":"string","enum":["requeue","keep","all","none"]}`}
	exampleOrder = slices.Insert(exampleOrder, slices.Index(exampleOrder, "GET /v1/agents/{id}"), "PUT /v1/groups/{id}", "PUT /v1/groups/{id}/members/{agent}", "GET /v1/groups/{id}", "GET /v1/groups", "POST /v1/agents/{id}/release")
}

package httpapi

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/fsm"
)

const patchText = "A merge patch (RFC 7396): what it names is changed, null takes the default again, a list is replaced as a whole, and the rest stays as it is, also where others change it at the same moment. " +
	"The answer is that of a PUT. It never creates."

// Changes of single fields, and the revisions of groups.
func init() {
	refused := func(more ...fsm.Reason) []fsm.Reason { return append(more, fsm.Outdated, fsm.NotPermitted) }
	maps.Copy(operations, map[string]operation{
		"PATCH /v1/agents/{id}": {id: "patchAgent", tag: "agents", summary: "Change single fields of an agent", about: patchText,
			body: of[fsm.PutAgent](), answers: ok[agentView](), refusals: refused(fsm.CollationVersion),
			call: "/v1/agents/mallory", sent: `{"skills":["vip"],"fields":{"desk":"4"}}`},
		"PATCH /v1/groups/{id}": {id: "patchGroup", tag: "groups", summary: "Change single fields of a group", about: patchText,
			body: of[fsm.PutGroup](), answers: ok[groupView](), refusals: refused(fsm.UnknownReference, fsm.TeamFull, fsm.TooManyTeams, fsm.TooManyGroups),
			call: "/v1/groups/uk", sent: `{"name":"Great Britain"}`},
		"PATCH /v1/teams/{id}": {id: "patchTeam", tag: "teams", summary: "Change single fields of a team", about: patchText,
			body: of[fsm.PutTeam](), answers: ok[teamView](), refusals: refused(fsm.UnknownReference, fsm.TooManyTeams),
			call: "/v1/teams/sales", sent: `{"rotation":{"alert_after_seconds":600}}`},
		"PATCH /v1/inboxes/{id}": {id: "patchInbox", tag: "inboxes", summary: "Change single fields of an inbox", about: patchText,
			body: of[fsm.PutInbox](), answers: ok[inboxView](), refusals: refused(fsm.UnknownReference, fsm.AddressTaken),
			call: "/v1/inboxes/sms", sent: `{"name":"Text messages"}`},
		"PATCH /v1/contacts/{id}": {id: "patchContact", tag: "contacts", summary: "Change single fields of a contact", about: patchText,
			body: of[fsm.PutContact](), answers: ok[contactView](), refusals: []fsm.Reason{fsm.AddressTaken, fsm.Outdated},
			call: "/v1/contacts/ben", sent: `{"name":"Benjamin"}`},

		"GET /v1/groups/{id}/revisions":                 {id: "listGroupRevisions", tag: "groups", summary: "The revisions of a group", about: revisionsText, list: of[revisionView](), call: "/v1/groups/uk/revisions"},
		"GET /v1/groups/{id}/revisions/{revision}":      {id: "getGroupRevision", tag: "groups", summary: "Look at a revision of a group", answers: ok[revisionDetail]()},
		"GET /v1/groups/{id}/revisions/{revision}/diff": {id: "diffGroupRevisions", tag: "groups", summary: "What a revision of a group changed", about: diffText, answers: ok[diffView]()},
	})
	exampleOrder = append(exampleOrder, "PATCH /v1/agents/{id}", "PATCH /v1/groups/{id}", "PATCH /v1/teams/{id}", "PATCH /v1/inboxes/{id}",
		"PATCH /v1/contacts/{id}", "GET /v1/groups/{id}/revisions")
}

// patchOf describes the merge patch of what a component describes: the same
// fields, none of which is needed. What was needed cannot be null.
func (g *generator) patchOf(name string) *yaml.Node {
	whole := get(g.schemas, name)
	var needed []string
	for _, n := range contentOf(get(whole, "required")) {
		needed = append(needed, n.Value)
	}
	properties := obj()
	for _, field := range names(get(whole, "properties")) {
		p := get(whole, "properties", field)
		inner := p
		if all := get(p, "allOf"); all != nil {
			inner = all.Content[0]
		}
		if to := referred(inner); to != "" && get(g.schemas, to, "required") != nil {
			p = g.patchOf(to)
			if !slices.Contains(needed, field) {
				p = nullable(p)
			}
		} else if each := get(p, "additionalProperties"); each != nil && each.Kind == yaml.MappingNode {
			p = obj("type", "object", "additionalProperties", nullable(obj("type", "string", "maxLength", get(each, "maxLength"), "pattern", get(each, "pattern"))),
				"nullable", true, "description", get(p, "description"), "maxProperties", get(p, "maxProperties"))
		}
		set(properties, field, p)
	}
	about := "What is to be changed; see " + name + "."
	return g.component(strings.TrimPrefix(name, "Put")+"Patch", obj("type", "object", "description", about, "additionalProperties", false, "properties", properties))
}

// referred returns the component that a reference is to, or "".
func referred(n *yaml.Node) string {
	to := get(n, "$ref")
	if to == nil {
		return ""
	}
	return to.Value[strings.LastIndex(to.Value, "/")+1:]
}

func contentOf(n *yaml.Node) []*yaml.Node {
	if n == nil {
		return nil
	}
	return n.Content
}

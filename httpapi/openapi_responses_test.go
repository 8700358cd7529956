package httpapi

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/fsm"
)

// A header of answers. Which answers have it is seen in the examples.
var answerHeaders = []struct{ name, component, about, schema string }{
	{"Rondo-Index", "RondoIndex", "How new the state is that this was answered from: a Raft index, to be given as min_index.", "integer"},
	{"Rondo-Outcome", "RondoOutcome", "Whether the change was carried out: committed, rejected (it was not and will not be) or unknown.", "string"},
	{"Idempotency-Replayed", "IdempotencyReplayed", "true: this is the answer of an earlier request with the same key.", "string"},
	{"Retry-After", "RetryAfter", "How many seconds to wait before sending it again.", "integer"},
	{"ETag", "ETag", "The revision of the thing, for If-Match.", "string"},
}

func headerNodes() *yaml.Node {
	all := obj()
	for _, h := range answerHeaders {
		if h.name == "ETag" && !hasETags {
			continue
		}
		schema := obj("type", h.schema)
		switch h.name {
		case "Rondo-Index":
			set(schema, "format", "int64")
		case "Rondo-Outcome":
			set(schema, "enum", []string{outcomeCommitted, outcomeRejected, outcomeUnknown})
		case "Idempotency-Replayed":
			set(schema, "enum", []string{"true"})
		}
		set(all, h.component, obj("description", h.about, "schema", schema))
	}
	return all
}

// hasETags is for when answers carry them.
const hasETags = false

func headers(list ...string) *yaml.Node {
	n := obj()
	for _, name := range list {
		for _, h := range answerHeaders {
			if h.name == name {
				set(n, name, ref("headers", h.component))
			}
		}
	}
	return n
}

// responses describes every answer of a route.
func (g *generator) responses(rt *route, o operation, s sample) *yaml.Node {
	all := obj()
	answers := maps.Clone(o.answers)
	if o.list != nil {
		answers = map[int]reflect.Type{http.StatusOK: o.list}
	}
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		set(all, statusText(status), g.success(rt, o, answers[status], status, s))
	}
	if rt.handle == nil {
		set(all, "404", problemNode("This node was started without metrics.", []string{"no_metrics"}, "Rondo-Index"))
	}
	if rt.handle == nil || answers[http.StatusServiceUnavailable] != nil || rt.path == "/openapi.yaml" {
		return all
	}
	by := reasonsBy(o.refusals)
	set(all, "400", ref("responses", "Invalid"))
	if creates := rt.method == http.MethodPut && answers[http.StatusCreated] != nil && strings.Count(rt.path, "{") == 1; strings.Contains(rt.path, "{") && !creates {
		by[http.StatusNotFound] = append(by[http.StatusNotFound], string(fsm.NotFound))
	}
	if o.list != nil && rt.kind == reads {
		for _, name := range rt.query {
			if slices.Contains([]string{"assignee", "agent", "contact", "team", "inbox", "conversation"}, name) && by[422] == nil {
				by[422] = []string{string(fsm.UnknownReference)}
			}
		}
	}
	if rt.path == "/v1/teams/{id}/rotation" {
		by[422] = []string{string(fsm.UnknownReference)}
	}
	if rt.changes() {
		by[422] = append(by[422], string(fsm.KeyReused))
		if rt.kind == writes {
			by[422] = append(by[422], "key_expired")
		}
		slices.Sort(by[422])
		set(all, "408", ref("responses", "BodyIncomplete"))
		set(all, "413", ref("responses", "TooLarge"))
		set(all, "415", ref("responses", "NotJSON"))
	}
	for _, status := range slices.Sorted(maps.Keys(by)) {
		set(all, statusText(status), g.refusal(status, by[status]))
	}
	if rt.kind != operates {
		set(all, "429", ref("responses", "TooBusy"))
	}
	set(all, "500", ref("responses", "Failed"))
	set(all, "503", ref("responses", "Unavailable"))
	sortStatuses(all)
	return all
}

func sortStatuses(all *yaml.Node) {
	fresh := sorted(all)
	all.Content = fresh.Content
}

func (g *generator) success(rt *route, o operation, typ reflect.Type, status int, s sample) *yaml.Node {
	about := map[int]string{200: "Done.", 201: "It is new.", 503: "No."}[status]
	switch {
	case rt.method == http.MethodGet && status == 200:
		about = "Here it is."
	case status == 200 && o.answers[201] != nil:
		about = "It was there already, or this is the answer of an earlier request with the same key."
		if rt.method == http.MethodPut {
			about = "It was replaced."
		}
		if rt.kind == messages {
			about = "Added to a conversation that there is."
		}
	}
	switch typ {
	case of[plainText]():
		return obj("description", about, "content", obj("text/plain", obj("schema", obj("type", "string"))))
	case of[document]():
		return obj("description", about, "content", obj("application/yaml", obj("schema", obj("type", "object"))))
	}
	var media *yaml.Node
	if o.list != nil {
		media = obj("schema", g.page(o))
	} else {
		media = obj("schema", g.view(typ))
	}
	if s.status == status {
		set(media, "example", ofJSON(g.t, s.answer))
	}
	carried := []string{"Rondo-Index"}
	if rt.changes() {
		carried = append(carried, "Rondo-Outcome", "Idempotency-Replayed")
	}
	if s.header.Get("ETag") != "" {
		carried = append(carried, "ETag")
	}
	return obj("description", about, "headers", headers(carried...), "content", obj("application/json", media))
}

// refusal is a no with these codes.
func (g *generator) refusal(status int, codes []string) *yaml.Node {
	lines := make([]string, 0, len(codes))
	for _, code := range codes {
		title := map[string]string{"key_expired": "The key is not remembered any more"}[code]
		if r, ok := refusals[fsm.Reason(code)]; ok {
			title = r.title
		}
		lines = append(lines, "* `"+code+"`: "+title+".")
	}
	return problemNode(http.StatusText(status)+".\n\n"+strings.Join(lines, "\n"), codes, "Rondo-Index")
}

// problemNode is an answer that is a no. The codes are there for programs, too.
func problemNode(about string, codes []string, carried ...string) *yaml.Node {
	return obj("description", about, "headers", headers(carried...),
		"content", obj("application/problem+json", obj("schema", ref("schemas", "Problem"))), "x-codes", codes)
}

// sharedResponses are the answers that do not depend on the route.
func (g *generator) sharedResponses() *yaml.Node {
	busy := []string{codeTooBusy, string(fsm.TooManyKeys)}
	down := []string{string(fsm.Expired), string(fsm.OtherCluster)}
	for code := range unavailableTitles {
		if code != codeTooBusy && code != codeTooLarge {
			down = append(down, code)
		}
	}
	slices.Sort(down)
	all := obj(
		"Invalid", problemNode("The request is wrong in itself; `errors` names everything that is wrong with it.", []string{string(fsm.Invalid)}, "Rondo-Index"),
		"BodyIncomplete", problemNode("The body did not arrive in time; send it again.", []string{"body_incomplete"}, "Rondo-Index"),
		"TooLarge", problemNode("A body may have 131072 bytes, and a command must fit into an entry of the log.", []string{"body_too_large", codeTooLarge}, "Rondo-Index"),
		"NotJSON", problemNode("Send JSON in UTF-8, declared as application/json.", []string{"content_type"}, "Rondo-Index"),
		"TooBusy", problemNode("Too much at once, or too many keys are remembered; later.", busy, "Rondo-Index", "Retry-After"),
		"Failed", problemNode("This node failed; its log says why. A change may have been carried out: `outcome` and `key` say what to do.", []string{codeInternal}, "Rondo-Index", "Retry-After"),
		"Unavailable", problemNode("No majority, no leader, no answer in time, or this node is stopping. `outcome` says whether a change may have been carried out: send it again with `key`.", down, "Rondo-Index", "Retry-After"),
	)
	set(get(all, "Invalid", "content", "application/problem+json"), "example", ofJSON(g.t, g.refusedExample()))
	return all
}

// refusedExample is what the API says of a slip.
func (g *generator) refusedExample() string {
	return do(newHandler(g.t, newMachine(g.t)), "PUT", "/v1/agents/mallory", `{"nmae":"Mallory P","kind":"robot"}`).body
}

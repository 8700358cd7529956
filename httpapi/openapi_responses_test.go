package httpapi

import (
	"cmp"
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
	if rt.kind == probes {
		return all // they refuse nobody
	}
	set(all, "429", ref("responses", "TooBusy"))
	if rt.path == "/metrics" {
		set(all, "404", g.refusal(http.StatusNotFound, []string{"no_metrics"}))
		sortStatuses(all)
		return all
	}
	by := g.noes(rt, o)
	set(all, "400", ref("responses", "Invalid"))
	if rt.changes() || rt.kind == beats || rt.kind == previews {
		set(all, "408", ref("responses", "BodyIncomplete"))
		set(all, "413", ref("responses", "TooLarge"))
		set(all, "415", ref("responses", "NotJSON"))
	}
	for _, status := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[status])
		set(all, statusText(status), g.refusal(status, slices.Compact(by[status])))
	}
	set(all, "500", ref("responses", "Failed"))
	set(all, "503", ref("responses", "Unavailable"))
	sortStatuses(all)
	return all
}

// noes are the codes with which a route refuses, besides those that all share.
func (g *generator) noes(rt *route, o operation) map[int][]string {
	by := reasonsBy(rt, o.refusals)
	add := func(status int, codes ...string) { by[status] = append(by[status], codes...) }
	creates := rt.method == http.MethodPut && o.answers[http.StatusCreated] != nil && strings.Count(rt.path, "{") == 1
	switch {
	case rt.kind == resolves:
		add(http.StatusNotFound, codeOperationUnknown)
	case strings.Contains(rt.path, "{") && !creates:
		add(http.StatusNotFound, string(fsm.NotFound))
	}
	switch rt.path {
	case "/v1/decisions/{id}":
		add(http.StatusNotFound, "forgotten")
	case "/v1/cluster/snapshot":
		add(http.StatusNotFound, "no_snapshots")
	case "/v1/rules/{id}/publish", "/v1/rules/{id}/resume", "/v1/rules/{id}/rollback":
		add(http.StatusUnprocessableEntity, codeLint)
	case "/v1/teams/{id}/rotation":
		add(http.StatusUnprocessableEntity, string(fsm.UnknownReference))
	}
	if o.list != nil && rt.kind == reads && slices.ContainsFunc(rt.query, namesThings) {
		add(http.StatusUnprocessableEntity, string(fsm.UnknownReference))
	}
	if conditional(rt) {
		add(http.StatusPreconditionFailed, string(fsm.RevisionMismatch))
	}
	switch rt.kind {
	case writes:
		add(http.StatusUnprocessableEntity, string(fsm.KeyReused), codeKeyExpired)
	case messages:
		add(http.StatusUnprocessableEntity, string(fsm.KeyReused))
	case administers:
		add(http.StatusUnprocessableEntity, codeKeyExpired)
		add(http.StatusNotFound, "no_operator")
	}
	return by
}

const codeKeyExpired = "key_expired"

// namesThings says whether a filter names something that must be there.
func namesThings(parameter string) bool {
	return slices.Contains([]string{"assignee", "agent", "contact", "team", "inbox", "conversation"}, parameter)
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
		text := obj("description", about, "content", obj("text/plain", obj("schema", obj("type", "string"))))
		if status == http.StatusServiceUnavailable {
			set(text, "headers", headers("Retry-After"))
		}
		return text
	case of[download]():
		return obj("description", about+" The stream has checksums of its own; one that was cut off is not a snapshot.", "headers", headers("Rondo-Index"),
			"content", obj("application/octet-stream", obj("schema", obj("type", "string", "format", "binary"))))
	case of[eventView]():
		return g.streamed()
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
	switch rt.kind {
	case writes, messages:
		carried = append(carried, "Rondo-Outcome", "Idempotency-Replayed")
	case administers:
		carried = append(carried, "Rondo-Outcome")
	case resolves:
		carried = append(carried, "Retry-After") // while it is pending
	}
	if o.list == nil && (s.header.Get("ETag") != "" || typ.Implements(of[versioned]())) {
		carried = append(carried, "ETag")
	}
	content := obj("application/json", media)
	if typ == of[storyView]() {
		set(content, "text/plain", obj("schema", obj("type", "string")))
	}
	return obj("description", about, "headers", headers(carried...), "content", content)
}

// streamed is the answer that never ends.
func (g *generator) streamed() *yaml.Node {
	event, reset, note := g.view(of[eventView]()), g.view(of[resetView]()), g.view(of[positionLine]())
	lost := obj("type", "object", "description", "Events are missing for good; the stream goes on behind `id`.",
		"allOf", []*yaml.Node{reset}, "required", []string{"type", "id"},
		"properties", obj("type", obj("type", "string", "enum", []string{"stream.reset"}), "id", obj("type", "string")))
	return obj("description", "Here it is. As server-sent events, each has its id, its type as `event`, and an Event as `data`; `event: reset` has a Reset. As lines, each is an Event, a StreamNote, or a Reset with its type and id.",
		"headers", headers("Rondo-Index"), "content", obj(
			contentEvents, obj("schema", obj("type", "string")),
			contentLines, obj("schema", obj("oneOf", []*yaml.Node{event, note, lost}))))
}

// otherTitles are those of codes that package fsm does not know.
var otherTitles = map[string]string{
	codeKeyExpired:       "The key is not remembered any more",
	codeLint:             "The rule cannot do what it says",
	codeOperationUnknown: "Not seen",
	"forgotten":          "No longer kept",
	"no_snapshots":       "This node was started without snapshots",
	"no_metrics":         "This node was started without metrics",
	"no_operator":        "This node was started without a membership to change",
}

// refusal is a no with these codes.
func (g *generator) refusal(status int, codes []string) *yaml.Node {
	lines := make([]string, 0, len(codes))
	for _, code := range codes {
		title := cmp.Or(refusals[fsm.Reason(code)].title, memberRefusalTitles[code], otherTitles[code])
		if title == "" {
			g.t.Errorf("the code %s has no title", code)
		}
		lines = append(lines, "* `"+code+"`: "+title+".")
	}
	carried := []string{"Rondo-Index"}
	if status == http.StatusPreconditionFailed {
		carried = append(carried, "ETag") // of what is there now
	}
	return problemNode(http.StatusText(status)+".\n\n"+strings.Join(lines, "\n"), codes, carried...)
}

// problemNode is an answer that is a no. The codes are there for programs, too.
func problemNode(about string, codes []string, carried ...string) *yaml.Node {
	return obj("description", about, "headers", headers(carried...),
		"content", obj("application/problem+json", obj("schema", ref("schemas", "Problem"))), "x-codes", codes)
}

// sharedResponses are the answers that do not depend on the route.
func (g *generator) sharedResponses() *yaml.Node {
	busy := []string{codeTooBusy, string(fsm.TooManyKeys)}
	down := []string{string(fsm.Expired), string(fsm.OtherCluster), codeIndexNotReached}
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
		"Unavailable", problemNode("No majority, no leader, no answer in time, a full disk, or this node is stopping or not that far yet. `outcome` says whether a change may have been carried out: send it again with `key`.", down, "Rondo-Index", "Retry-After"),
	)
	set(get(all, "Invalid", "content", "application/problem+json"), "example", ofJSON(g.t, g.refusedExample()))
	return all
}

// refusedExample is what the API says of a slip.
func (g *generator) refusedExample() string {
	return do(newHandler(g.t, newMachine(g.t)), "PUT", "/v1/agents/mallory", `{"nmae":"Mallory P","kind":"robot"}`).body
}

package httpapi

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/fsm"
)

// A generator builds the OpenAPI document.
type generator struct {
	t        *testing.T
	comments source
	told     map[string]bool // descriptions that were used
	schemas  *yaml.Node      // components by name
	samples  map[string]sample
}

// A sample is a call that was really made, and its answer.
type sample struct {
	sent, answer string
	status       int
	header       http.Header
}

func generate(t *testing.T) string {
	t.Helper()
	g := &generator{t: t, comments: readSource(t), told: map[string]bool{}, schemas: obj(), samples: map[string]sample{}}
	g.callExamples()
	g.view(of[problemBody]())
	paths := obj()
	for _, path := range documentedPaths() {
		item := obj()
		for i := range routes {
			if rt := &routes[i]; rt.path == path {
				set(item, strings.ToLower(rt.method), g.operation(rt, operations[rt.method+" "+path]))
			}
		}
		set(paths, path, item)
	}
	doc := obj(
		"openapi", "3.0.3",
		"info", obj("title", "Rondo", "version", "1", "description", infoText),
		"servers", []*yaml.Node{obj("url", "http://127.0.0.1:4600", "description", "The first node of rondo dev; any node takes any call.")},
		"security", []*yaml.Node{}, // until there are tokens
		"tags", tagNodes(),
		"paths", paths,
		"components", obj("parameters", sharedParameters(), "headers", headerNodes(), "responses", g.sharedResponses(), "schemas", sorted(g.schemas)),
	)
	for key := range abouts {
		if !g.told[key] {
			t.Errorf("the description of %s describes nothing any more", key)
		}
	}
	return "# Made by go test ./httpapi -run TestOpenAPI -update; do not edit.\n" + printed(doc)
}

const infoText = "Who takes the next conversation, decided in one strict order by a cluster of nodes. Any node takes any call.\n\n" +
	"**At most once.** Every change has a key: your `Idempotency-Key`, a message's id, or one that the node mints. Sent again within 24 hours it gets the original answer, with `Idempotency-Replayed: true`.\n\n" +
	"**Not known.** A 503 says `\"outcome\": \"rejected\"` (nothing happened) or `\"unknown\"` (it may have): send it again with the `key` that it names.\n\n" +
	"**Reads** are linearizable unless you ask for `consistency=stale`. `Rondo-Index` on every answer says how new it is.\n\n" +
	"**Lists** have pages: go on with `next_page_token` until it is null.\n\n" +
	"**Growing.** Answers may gain fields, and words may join the enumerations of answers: ignore what you do not know."

// documentedPaths returns the paths by what they are about.
func documentedPaths() []string {
	list := paths(routes)
	order := func(path string) int {
		return slices.IndexFunc([]string{"/v1/agents", "/v1/teams", "/v1/inboxes", "/v1/contacts", "/v1/conversations", "/v1/decisions", "/v1/"},
			func(prefix string) bool { return strings.HasPrefix(path, prefix) }) & 0xff
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b)) })
	return list
}

// callExamples makes the calls of the table, each on what those before it left.
func (g *generator) callExamples() {
	m := newMachine(g.t)
	m.nodes = []NodeStatus{{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601", Role: "voter", Leader: true, AppliedIndex: 9, PID: 4711, Version: "1.0.0", Reachable: true}}
	h := newHandler(g.t, m)
	for _, name := range exampleOrder {
		method, _, _ := strings.Cut(name, " ")
		o := operations[name]
		r := do(h, method, o.call, o.sent, "Content-Type", "application/json")
		if r.status >= http.StatusBadRequest {
			g.t.Errorf("the example of %s: %d %s", name, r.status, r.body)
			continue
		}
		minted := 0
		body := mintedID.ReplaceAllStringFunc(r.body, func(string) string {
			minted++
			return fmt.Sprintf("01jd0000-0000-7000-8000-%012d", minted)
		})
		g.samples[name] = sample{o.sent, body, r.status, r.header}
	}
}

func (g *generator) operation(rt *route, o operation) *yaml.Node {
	name := rt.method + " " + rt.path
	op := obj("operationId", o.id, "tags", []string{o.tag}, "summary", o.summary, "description", o.about,
		"parameters", g.parameters(rt), "requestBody", g.requestBody(rt, o), "responses", g.responses(rt, o, g.samples[name]))
	if slices.Equal(rt.query, anyParameter) {
		set(op, "x-other-parameters", "ignored")
	}
	return op
}

// idSchema says what ids of things look like. A PUT with another one is refused.
func idSchema(path, name string, schema *yaml.Node) {
	switch {
	case name != "id" && name != "agent":
	case strings.HasPrefix(path, "/v1/decisions"):
		set(schema, "pattern", `^[0-9]+\.[0-9]+$`)
	case strings.HasPrefix(path, "/v1/conversations"):
		set(schema, "maxLength", fsm.MaxLongIDBytes)
		set(schema, "pattern", "^[A-Za-z0-9+.:@_-]+$")
	default:
		set(schema, "maxLength", fsm.MaxIDBytes)
		set(schema, "pattern", "^[A-Za-z0-9+.:@_-]+$")
	}
}

var pathVariable = regexp.MustCompile(`\{(\w+)\}`)

func (g *generator) parameters(rt *route) []*yaml.Node {
	list := []*yaml.Node{}
	for _, v := range pathVariable.FindAllStringSubmatch(rt.path, -1) {
		list = append(list, g.parameter(rt, "path", v[1], "path "+v[1]))
	}
	if !slices.Equal(rt.query, anyParameter) {
		for _, name := range rt.query {
			list = append(list, g.parameter(rt, "query", name, name))
		}
	} else if rt.path == "/readyz" {
		list = append(list, g.parameter(rt, "query", "verbose", "verbose"))
	}
	if rt.kind == reads {
		for _, name := range readParameters {
			list = append(list, ref("parameters", name))
		}
	}
	if rt.kind == writes {
		list = append(list, ref("parameters", keyHeader))
	}
	if rt.kind != operates {
		list = append(list, ref("parameters", actorHeader))
	}
	return list
}

func (g *generator) parameter(rt *route, in, name, key string) *yaml.Node {
	p, known := parameters[key]
	if !known {
		g.t.Errorf("%s %s: the parameter %s has no description: add it to the table parameters", rt.method, rt.path, name)
	}
	schema := obj("type", "string")
	if p.schema != "" {
		schema = ofJSON(g.t, p.schema)
	}
	if words := parameterWords(rt, name); in == "query" && words != nil {
		set(schema, "enum", words)
	}
	n := obj("name", name, "in", in, "description", p.about, "schema", schema)
	if in == "path" {
		idSchema(rt.path, name, schema)
		set(n, "required", true)
	}
	if name == "verbose" {
		set(n, "allowEmptyValue", true)
	}
	return n
}

// sharedParameters are those of many routes, and headers.
func sharedParameters() *yaml.Node {
	all := obj()
	for _, name := range readParameters {
		p := parameters[name]
		schema := obj("type", "string")
		if p.schema != "" {
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(p.schema), &doc); err == nil {
				schema = plain(doc.Content[0])
			}
		}
		set(all, name, obj("name", name, "in", "query", "description", p.about, "schema", schema))
	}
	set(all, keyHeader, obj("name", keyHeader, "in", "header",
		"description", "A key of your choice, such as a UUID, remembered for 24 hours: however often the request arrives with it, from the same Rondo-Actor, it happens at most once.",
		"schema", obj("type", "string", "minLength", 1, "maxLength", maxKeyBytes, "pattern", "^[!-~]+$")))
	set(all, actorHeader, obj("name", actorHeader, "in", "header",
		"description", "Who acts: agent:ID, system:NAME or connector:NAME. It stands in every decision, marked as asserted until there are tokens.",
		"schema", obj("type", "string", "pattern", fmt.Sprintf(`^(agent|system|connector):[A-Za-z0-9._:@+-]{1,%d}$`, fsm.MaxIDBytes)), "example", "agent:mallory"))
	return all
}

func (g *generator) requestBody(rt *route, o operation) *yaml.Node {
	if o.body == nil {
		return nil
	}
	p := &prober{t: g.t, h: newHandler(g.t, newMachine(g.t)), method: rt.method, path: pathVariable.ReplaceAllString(rt.path, "x"),
		with:    map[string]map[string]any{"/rotation/fallback/agent": {"to": "agent"}},
		instead: map[string]map[string]any{"/contact": {"from": map[string]any{"address": "+1"}}}}
	schema := p.schema(g, "", shapeOfType(o.body), o.body.String())
	name := g.inputName(o.body.String())
	if component := get(g.schemas, name); saysNothing(component) {
		drop(g.schemas, name)
		return nil
	}
	required := get(g.schemas, name, "required") != nil
	media := obj("schema", schema)
	if s := g.samples[rt.method+" "+rt.path]; s.sent != "" {
		set(media, "example", ofJSON(g.t, s.sent))
	}
	return obj("required", required, "content", obj("application/json", media))
}

// saysNothing: every field is one that the path gives. Such a body is for nobody.
func saysNothing(schema *yaml.Node) bool {
	properties := get(schema, "properties")
	return !slices.ContainsFunc(names(properties), func(name string) bool {
		about := get(properties, name, "description")
		return about == nil || about.Value != pathSaysSo
	})
}

// component adds a schema under a name; the same name always means the same.
func (g *generator) component(name string, schema *yaml.Node) *yaml.Node {
	if known := get(g.schemas, name); known != nil && printed(known) != printed(schema) {
		g.t.Errorf("two different schemas are called %s:\n%s\n%s", name, printed(known), printed(schema))
	}
	set(g.schemas, name, schema)
	return ref("schemas", name)
}

func sorted(n *yaml.Node) *yaml.Node {
	fresh := obj()
	for _, name := range slices.Sorted(slices.Values(names(n))) {
		set(fresh, name, get(n, name))
	}
	return fresh
}

func tagNodes() []*yaml.Node {
	var list []*yaml.Node
	for _, tag := range [][2]string{
		{"agents", "Who takes conversations."}, {"teams", "Members, and whose turn it is."}, {"inboxes", "Where customers write to, and what arrives there."},
		{"contacts", "Customers."}, {"conversations", "What is assigned."}, {"decisions", "Who got what, and why."}, {"operation", "For operators and their tools."},
	} {
		list = append(list, obj("name", tag[0], "description", tag[1]))
	}
	return list
}

// page is the component of a list of such things.
func (g *generator) page(o operation) *yaml.Node {
	item := g.view(o.list)
	name := g.viewName(o.list) + "Page"
	return g.component(name, obj("type", "object", "description", "A page of a list.", "required", []string{"items", "next_page_token"},
		"properties", obj("items", obj("type", "array", "items", item),
			"next_page_token", obj("type", "string", "nullable", true, "description", "Give it as page_token to get the next page; null: this is the last."))))
}

func statusText(status int) string { return strconv.Itoa(status) }

// reasonsBy groups refusals by their status, each with its code.
func reasonsBy(list []fsm.Reason) map[int][]string {
	by := map[int][]string{}
	for _, r := range list {
		by[refusals[r].status] = append(by[refusals[r].status], string(r))
	}
	for _, codes := range by { //nolint:gocritic // sorted in place
		slices.Sort(codes)
	}
	return maps.Clone(by)
}

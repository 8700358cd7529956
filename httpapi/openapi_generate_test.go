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
	"github.com/rondohq/rondo/httpapi/filter"
)

// A generator builds the OpenAPI document.
type generator struct {
	t        *testing.T
	comments source
	told     map[string]bool // descriptions that were used
	schemas  *yaml.Node      // components by name
	samples  map[string]sample
	begun    map[string]bool // schemas, by name: a type may contain itself
}

// A sample is a call that was really made, and its answer.
type sample struct {
	sent, answer string
	status       int
	header       http.Header
}

func generate(t *testing.T) string {
	t.Helper()
	g := &generator{t: t, comments: readSource(t), told: map[string]bool{}, schemas: obj(), samples: map[string]sample{}, begun: map[string]bool{}}
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
	"Or ask GET /v1/operations/{key} what became of it.\n\n" +
	"**Two at once.** What has a revision shows it as its `ETag`; send it back as `If-Match` with a change, and you are told (412) if somebody else was faster. `If-None-Match: *` creates and never replaces.\n\n" +
	"**Reads** are linearizable unless you ask for `consistency=stale`. `Rondo-Index` on every answer says how new it is; with it as `min_index`, and `wait`, a read waits for something newer.\n\n" +
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
	m.nodes = []NodeStatus{{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601", Role: "voter", Leader: true, AppliedIndex: 9, PID: 4711, Version: "1.0.0", Reachable: true,
		NodeCondition: NodeCondition{Healthy: true, Zone: "a", Region: "eu", DiskRoom: DiskRoom{Free: 48 << 30}}}}
	h, err := New(Options{Cluster: m, Version: "test", Operator: &scriptedOperator{}})
	if err != nil {
		g.t.Fatal(err)
	}
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
	own := rt.query
	switch {
	case rt.path == "/readyz":
		own = []string{"verbose"}
	case slices.Equal(own, anyParameter):
		own = nil
	case rt.kind == reads:
		own = slices.Concat(own, readParameters)
	case rt.kind == resolves:
		own = slices.Concat(own, resolveParameters)
	}
	for _, name := range own {
		if _, special := parameters[rt.path+" "+name]; !special && slices.Contains(readParameters, name) {
			list = append(list, ref("parameters", name))
			continue
		}
		list = append(list, g.parameter(rt, "query", name, name))
	}
	var shared []string
	if rt.kind == writes || rt.kind == administers {
		shared = append(shared, keyHeader)
	}
	if conditional(rt) {
		shared = append(shared, matchHeader, noneMatchHeader)
	}
	if rt.kind == streams {
		shared = append(shared, lastEventHeader)
	}
	if rt.kind != probes && (rt.handle != nil || rt.kind == streams) {
		shared = append(shared, actorHeader)
	}
	for _, name := range shared {
		list = append(list, ref("parameters", name))
	}
	return list
}

// conditional says whether a change can depend on what is there already.
func conditional(rt *route) bool {
	body := operations[rt.method+" "+rt.path].body
	return rt.kind == writes && body != nil && body.Implements(of[fsm.Targeted]())
}

const lastEventHeader = "Last-Event-ID"

func (g *generator) parameter(rt *route, in, name, key string) *yaml.Node {
	p, known := parameterOf(rt, key)
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
	if words := filter.Values(name); in == "query" && words != nil && p.schema == "" { // a filter, of this route too
		set(n, "style", "form")
		set(n, "explode", false)
		set(n, "schema", obj("type", "array", "minItems", 1, "items", obj("type", "string", "enum", words)))
	}
	if name == "types" {
		set(n, "style", "form")
		set(n, "explode", false)
		set(n, "schema", obj("type", "array", "minItems", 1, "items", obj("type", "string", "enum", fsm.EventNames())))
	}
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
			schema = ofPlainJSON(p.schema)
		}
		set(all, name, obj("name", name, "in", "query", "description", p.about, "schema", schema))
	}
	set(all, keyHeader, obj("name", keyHeader, "in", "header",
		"description", "A key of your choice, such as a UUID, remembered for 24 hours: however often the request arrives with it, from the same Rondo-Actor, it happens at most once.",
		"schema", obj("type", "string", "minLength", 1, "maxLength", maxKeyBytes, "pattern", "^[!-~]+$")))
	set(all, matchHeader, obj("name", matchHeader, "in", "header",
		"description", "Only if the thing has this revision still, as its ETag gave it, with the quotation marks; `*`: only if it is there. Otherwise 412. Not together with If-None-Match.",
		"schema", obj("type", "string", "pattern", `^(\*|"[0-9]{1,19}")$`), "example", `"17"`))
	set(all, noneMatchHeader, obj("name", noneMatchHeader, "in", "header",
		"description", "`*`: only if it is not there yet: create, and never replace. Otherwise 412.",
		"schema", obj("type", "string", "enum", []string{"*"})))
	set(all, lastEventHeader, obj("name", lastEventHeader, "in", "header",
		"description", "The id of the last event that was seen; browsers send it by themselves when they come back.",
		"schema", ofPlainJSON(position)))
	set(all, actorHeader, obj("name", actorHeader, "in", "header",
		"description", "Who acts: agent:ID, system:NAME or connector:NAME. It stands in every decision, marked as asserted until there are tokens.",
		"schema", obj("type", "string", "pattern", fmt.Sprintf(`^(agent|system|connector):[A-Za-z0-9._:@+-]{1,%d}$`, fsm.MaxIDBytes)), "example", "agent:mallory"))
	return all
}

func (g *generator) requestBody(rt *route, o operation) *yaml.Node {
	if o.body == nil {
		return nil
	}
	patches := rt.method == http.MethodPatch
	method := rt.method
	if patches {
		method = http.MethodPut // what may be changed is what may be put
	}
	p := &prober{begun: toldElsewhere(rt.path), t: g.t, h: newHandler(g.t, newMachine(g.t)), method: method, path: pathVariable.ReplaceAllString(rt.path, "x"),
		with: map[string]map[string]any{"/rotation/fallback/agent": {"to": "agent"}, "/rotation/fallback/team": {"to": "team"}, "/members/*/weight": {"agent": "a"},
			"/escalations/*/priority": {"do": "priority"}, "/escalations/*/team": {"do": "team"}, "/escalations/*/agent": {"do": "agent"}},
		instead: map[string]map[string]any{"/contact": {"from": map[string]any{"address": "+1"}}}}
	schema := p.schema(g, "", shapeOfType(o.body), o.body.String())
	name := g.inputName(o.body.String())
	if component := get(g.schemas, name); saysNothing(component) {
		drop(g.schemas, name)
		return nil
	}
	required := get(g.schemas, name, "required") != nil
	if patches {
		schema = g.patchOf(name)
	}
	media := obj("schema", schema)
	if s := g.samples[rt.method+" "+rt.path]; s.sent != "" {
		set(media, "example", ofJSON(g.t, s.sent))
	}
	content := obj("application/json", media)
	if patches {
		content = obj(mergePatch, media, "application/json", media)
	}
	return obj("required", required && !patches, "content", content)
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
		{"agents", "Who takes conversations."}, {"groups", "Lists of agents under one name."}, {"teams", "Members, and whose turn it is."}, {"inboxes", "Where customers write to, and what arrives there."},
		{"schedules", "When something is open, and who is on shift."},
		{"contacts", "Customers."}, {"conversations", "What is assigned."}, {"decisions", "Who got what, and why."}, {"notifications", "What agents are told."}, {"views", "Filters under a name."}, {"rules", "What happens with conversations, and when."}, {"operations", "What became of a call."}, {"events", "What happens, while it happens."},
		{"offers", "What agents are asked to take."},
		{"cluster", "The machines, for operators and their tools."},
	} {
		list = append(list, obj("name", tag[0], "description", tag[1]))
	}
	return list
}

// page is the component of a list of such things.
func (g *generator) page(o operation) *yaml.Node {
	item := g.view(o.list)
	name := g.viewName(o.list) + "Page"
	properties := obj("items", obj("type", "array", "items", item),
		"next_page_token", obj("type", "string", "nullable", true, "description", "Give it as page_token to get the next page; null: this is the last."))
	if o.list == of[decisionView]() || o.list == of[presenceSpan]() {
		set(properties, "truncated", obj("type", "boolean", "description", "Older ones than those that are kept may be missing; left out if there are none."))
	}
	if o.list == of[notificationView]() {
		set(properties, "unread", obj("type", "integer", "description", "How many she has not read, of all."))
	}
	return g.component(name, obj("type", "object", "description", "A page of a list.", "required", []string{"items", "next_page_token"}, "properties", properties))
}

func statusText(status int) string { return strconv.Itoa(status) }

// reasonsBy groups the refusals of a route by their status.
func reasonsBy(rt *route, list []fsm.Reason) map[int][]string {
	by := map[int][]string{}
	for _, r := range list {
		status := refusals[r].status
		if rt.kind == administers {
			status = memberProblem(&MemberRefusal{Code: string(r)}).(*problem).body.Status
		}
		by[status] = append(by[status], string(r))
	}
	for _, codes := range by { //nolint:gocritic // sorted in place
		slices.Sort(codes)
	}
	return maps.Clone(by)
}

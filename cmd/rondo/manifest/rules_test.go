package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

var ruleBody = []string{"on", "when", "steps", "even_if_owned"}

// ruled keeps of a rule what a PUT leaves alone.
func ruled(path string, before, body cli.Doc) {
	if !strings.HasPrefix(path, "/v1/rules/") {
		return
	}
	body["state"], body["live"] = "draft", nil
	if before != nil {
		body["state"], body["live"] = before["state"], before["live"]
	}
}

// act publishes and pauses rules, as a cluster does.
func (f *fake) act(w http.ResponseWriter, r *http.Request) {
	at := strings.LastIndex(r.URL.Path, "/")
	path, verb := r.URL.Path[:at], r.URL.Path[at+1:]
	f.writes = append(f.writes, r.Method+" "+r.URL.RequestURI())
	doc, there := f.things[path]
	if !there || r.Header.Get("If-Match") != fmt.Sprintf(`"%v"`, doc["revision"]) {
		w.WriteHeader(http.StatusPreconditionFailed)
		_ = json.NewEncoder(w).Encode(cli.Doc{"code": "revision_mismatch", "title": "It is not what you have seen"})
		return
	}
	doc = maps.Clone(doc)
	f.seq++
	doc["revision"] = f.seq
	if verb == "pause" {
		doc["state"] = statePaused
	} else {
		live := cli.Doc{}
		for _, name := range ruleBody {
			live[name] = doc[name]
		}
		doc["state"], doc["live"] = statePublished, live
	}
	f.things[path] = doc
	_ = json.NewEncoder(w).Encode(doc)
}

const ruleFile = `rules:
  vip:
    name: VIP
    on: {on: conversation_opened}
    when: {all: [{field: contact.tags, op: has, value: vip}]}
    steps:
      - assign: {agent: ann, only_available: true}
    state: published
  night: {name: Night, on: {on: conversation_opened}, steps: [{close: {}}], state: draft}
  old: {name: Old, on: {on: conversation_opened}, steps: [{close: {}}], state: paused}
`

// A file says what is in force: it is published where the cluster does something
// else, and a draft beside it is left alone.
func TestRulesInFiles(t *testing.T) {
	f, run := start(t)
	want := []string{"PUT /v1/rules/vip", "POST /v1/rules/vip/publish", "PUT /v1/rules/night", "PUT /v1/rules/old"}
	if out, err := run(ruleFile, "apply", "-f", "-"); err != nil || !slices.Equal(f.writes, want) {
		t.Fatalf("%v %v\n%s", err, f.writes, out)
	}
	nothing := func(file, when string) {
		t.Helper()
		if out, err := run(file, "apply", "-f", "-", "--prune"); err != nil || len(f.writes) != 0 || !strings.HasSuffix(out, "Nothing to do: 3 unchanged.\n") {
			t.Errorf("%s: %v %v\n%s", when, err, f.writes, out)
		}
	}
	nothing(ruleFile, "again")
	file, err := run("", "export", "--nouns", "rules")
	if err != nil || !strings.Contains(file, "state: published\n") || !strings.Contains(file, "state: draft\n") {
		t.Errorf("%v\n%s", err, file)
	}
	nothing(file, "the export")

	vip := maps.Clone(f.things["/v1/rules/vip"])
	vip["steps"] = []any{cli.Doc{"close": cli.Doc{}}}
	f.things["/v1/rules/vip"] = vip
	nothing(ruleFile, "with a draft beside it")
	if beside, err := run("", "export", "--nouns", "rules"); err != nil || beside != file {
		t.Errorf("with a draft beside it: %v\n%s", err, beside)
	}

	changed := strings.Replace(ruleFile, "agent: ann", "agent: bob", 1)
	if out, err := run(changed, "apply", "-f", "-", "--dry-run"); !errors.Is(err, cli.ErrChanges) || len(f.writes) != 0 || !strings.Contains(out, "steps") {
		t.Errorf("dry run: %v %v\n%s", err, f.writes, out)
	}
	if out, err := run(changed, "apply", "-f", "-"); err != nil || !slices.Equal(f.writes, []string{"PUT /v1/rules/vip", "POST /v1/rules/vip/publish"}) {
		t.Errorf("changed: %v %v\n%s", err, f.writes, out)
	}
	if live, _ := f.things["/v1/rules/vip"]["live"].(cli.Doc); !strings.Contains(fmt.Sprint(live), "bob") || !reflect.DeepEqual(live["steps"], f.things["/v1/rules/vip"]["steps"]) {
		t.Errorf("in force is %v", live)
	}
	paused := strings.Replace(changed, "state: published", "state: paused", 1)
	if out, err := run(paused, "apply", "-f", "-"); err != nil || !slices.Equal(f.writes, []string{"PUT /v1/rules/vip", "POST /v1/rules/vip/pause"}) {
		t.Errorf("paused: %v %v\n%s", err, f.writes, out)
	}
	nothing(paused, "paused again")
}

// What may only be changed is left alone where it is not.
func TestOnlyIfThere(t *testing.T) {
	f, run := start(t)
	if out, err := run(ruleFile, "apply", "-f", "-"); err != nil {
		t.Fatal(err, out)
	}
	c, err := client.New(client.Options{Servers: []string{f.url}})
	if err != nil {
		t.Fatal(err)
	}
	pause := func(id string) Thing {
		return Thing{Noun: noun.Rule, ID: id, Doc: cli.Doc{"state": statePaused}, IfThere: true}
	}
	plan, err := Compare(t.Context(), c, Files{Things: []Thing{pause("none"), pause("night"), pause("vip")}}, false)
	if err != nil || len(plan.Steps) != 1 || plan.Steps[0].ID != "vip" || plan.Steps[0].then != "pause" || plan.Unchanged != 0 {
		t.Errorf("%v, %+v", err, plan)
	}
}

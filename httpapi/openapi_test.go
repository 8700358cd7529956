package httpapi

import (
	"context"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/rondohq/rondo/httpapi/contract"
)

// TestOpenAPI: the document that is served is the one that the code makes.
func TestOpenAPI(t *testing.T) {
	got := generate(t)
	if t.Failed() {
		return
	}
	if *update {
		if err := os.WriteFile("openapi.yaml", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != openAPI {
		t.Errorf("openapi.yaml is stale; -update writes it anew:\n%s", firstDifference(got, openAPI))
	}
	r := do(newHandler(t, newMachine(t)), "GET", "/openapi.yaml", "")
	if r.status != 200 || r.body != openAPI || r.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

// TestRoutesAreDocumented: each route has its words, and there are no words
// without a route.
func TestRoutesAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, rt := range routes {
		name := rt.method + " " + rt.path
		seen[name] = true
		o, ok := operations[name]
		if !ok || o.id == "" || o.summary == "" || o.tag == "" {
			t.Errorf("%s is not documented: add a row with id, tag and summary to the table operations", name)
		}
		if takes := rt.changes() || rt.kind == beats || rt.kind == previews; takes != (o.body != nil) {
			t.Errorf("%s: a route that changes something says which type its body is decoded into", name)
		}
		if o.call != "" && !strings.Contains(strings.Join(exampleOrder, "\n")+"\n", name+"\n") {
			t.Errorf("%s has an example that is never called: add it to exampleOrder", name)
		}
	}
	for name := range operations {
		if !seen[name] {
			t.Errorf("%s is documented and does not exist", name)
		}
	}
	claimed := map[string]bool{"revision_mismatch": true, "invalid": true, "not_found": true, "idempotency_key_reused": true, "too_many_keys": true, "expired": true, "other_cluster": true}
	for _, o := range operations {
		for _, r := range o.refusals {
			claimed[string(r)] = true
		}
	}
	for code := range memberRefusalTitles {
		if !claimed[code] {
			t.Errorf("no operation is documented to refuse with %s: add it to their refusals", code)
		}
	}
	for reason := range refusals {
		if !claimed[string(reason)] {
			t.Errorf("no operation is documented to refuse with %s: add it to their refusals", reason)
		}
	}
}

// checked makes every call that goes through next one that the document describes.
func checked(t *testing.T, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	checker, err := contract.New(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	return checker.Transport(next, nil)
}

func loadOpenAPI(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(openAPI))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestOpenAPIIsValid asks kin-openapi; it validates the examples, too.
func TestOpenAPIIsValid(t *testing.T) {
	if err := loadOpenAPI(t).Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
}

// TestOpenAPIRules are the rules that no linter knows, and some that all do.
func TestOpenAPIRules(t *testing.T) {
	doc := loadOpenAPI(t)
	ids := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			if op.Summary == "" || op.OperationID == "" || ids[op.OperationID] || len(op.Tags) != 1 || doc.Tags.Get(op.Tags[0]) == nil {
				t.Errorf("%s: it needs a summary, an operationId of its own and one of the tags", name)
			}
			ids[op.OperationID] = true
			for _, p := range op.Parameters {
				if p.Value.Description == "" || p.Value.Schema == nil {
					t.Errorf("%s: the parameter %s needs a description and a schema", name, p.Value.Name)
				}
			}
			for status, r := range op.Responses.Map() {
				media := r.Value.Content.Get("application/problem+json")
				if bad := status >= "400"; bad && media == nil && r.Value.Content.Get("text/plain") == nil || media != nil && media.Schema.Ref != "#/components/schemas/Problem" {
					t.Errorf("%s: %s needs the schema of a problem", name, status)
				}
				if (status == "429" || status == "503") && media != nil && r.Value.Headers["Retry-After"] == nil {
					t.Errorf("%s: %s needs Retry-After", name, status)
				}
			}
		}
	}
	for _, kind := range [][]string{keysOf(doc.Components.Schemas), keysOf(doc.Components.Responses), keysOf(doc.Components.Parameters), keysOf(doc.Components.Headers)} {
		for _, name := range kind {
			if !strings.Contains(openAPI, "/"+name+"'\n") {
				t.Errorf("nothing refers to the component %s", name)
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		for field, property := range schema.Value.Properties {
			if property.Ref == "" && property.Value.Description == "" && len(property.Value.AllOf) == 0 && !obvious[field] {
				t.Errorf("%s.%s: say what it is, in a comment of the field or in the table abouts", name, field)
			}
		}
	}
}

// obvious are fields whose names say it all.
var obvious = map[string]bool{"id": true, "name": true, "items": true, "title": true, "detail": true, "code": true, "status": true, "version": true,
	"direction": true, "opened_at": true, "closed_at": true, "agent": true, "team": true, "inbox": true, "conversation": true, "addresses": true}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

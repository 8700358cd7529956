package httpapi

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
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
		if rt.changes() != (o.body != nil) {
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
	claimed := map[string]bool{"invalid": true, "not_found": true, "idempotency_key_reused": true, "too_many_keys": true, "expired": true, "other_cluster": true}
	for _, o := range operations {
		for _, r := range o.refusals {
			claimed[string(r)] = true
		}
	}
	for reason := range refusals {
		if !claimed[string(reason)] {
			t.Errorf("no operation is documented to refuse with %s: add it to their refusals", reason)
		}
	}
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

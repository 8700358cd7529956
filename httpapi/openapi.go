package httpapi

import (
	_ "embed"
	"net/http"
)

// openAPI describes the API for programs: it is made from the table of routes,
// from the types that requests are decoded into and answers are made of, and from
// what the handlers say when they are asked. A test fails when it is stale:
//
//	go test ./httpapi -run TestOpenAPI -update
//
//go:embed openapi.yaml
var openAPI string

// A document is an answer that is sent as it is.
type document struct{ contentType, text string }

func getOpenAPI(*api, *call) (answer, error) {
	return answer{status: http.StatusOK, body: document{"application/yaml", openAPI}}, nil
}

// OpenAPI returns the document that /openapi.yaml serves.
func OpenAPI() string { return openAPI }

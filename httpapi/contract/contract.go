// Package contract holds calls of the API against its OpenAPI document. Tests use
// it: those of package httpapi for every call of their transcripts, those of
// cmd/rondo for every call to real processes.
//
// It is no part of the server, which is stricter and says more about what is
// wrong. It judges both sides: an answer must be one that the document promises,
// and a request that the server took, or refused for another reason than its form,
// must be one that the document allows. A request that the server refused as
// malformed must be one that the document forbids, as far as such a document can
// know (blind.go).
//
// Read New and Check, then transport.go.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// A Checker knows the document. It may be used from many goroutines.
type Checker struct{ router routers.Router }

// New reads an OpenAPI document, in YAML or JSON.
func New(document string) (*Checker, error) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate the OpenAPI document: %w", err)
	}
	doc.Servers = nil // the calls go to other ports
	closeObjects(doc)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route by the OpenAPI document: %w", err)
	}
	return &Checker{router}, nil
}

// closeObjects forbids what is not documented: clients must put up with new
// fields, and we must not forget to tell of them.
func closeObjects(doc *openapi3.T) {
	for _, s := range doc.Components.Schemas {
		if open := s.Value.AdditionalProperties; s.Value.Properties != nil && open.Has == nil && open.Schema == nil {
			no := false
			s.Value.AdditionalProperties.Has = &no
		}
	}
}

// A Call is a request and its answer. The bodies are read from the slices.
type Call struct {
	Request *http.Request
	Sent    []byte

	Status int
	Header http.Header
	Answer []byte
	Unread bool // Answer is empty, since it is a stream
}

// A Violation is a call that is not as the document says.
type Violation struct {
	Call string // method, path and status
	Err  error
}

func (v *Violation) Error() string { return v.Call + " is not as documented: " + v.Err.Error() }

// Unwrap returns what is wrong.
func (v *Violation) Unwrap() error { return v.Err }

// Check returns a *Violation, or nil.
func (c *Checker) Check(call Call) error {
	if err := c.check(call); err != nil {
		return &Violation{fmt.Sprintf("%s %s -> %d", call.Request.Method, call.Request.URL.RequestURI(), call.Status), err}
	}
	return nil
}

func (c *Checker) check(call Call) error {
	request := call.Request.Clone(context.Background())
	if request.Method == http.MethodHead {
		request.Method = http.MethodGet
	}
	route, variables, err := c.router.FindRoute(request)
	if err != nil {
		return unrouted(call, err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: variables, Route: route,
		Options: &openapi3filter.Options{SkipSettingDefaults: true, IncludeResponseStatus: true, MultiError: true},
	}
	if err := c.checkAnswer(input, call); err != nil {
		return fmt.Errorf("the answer: %w; it was %s", err, call.Answer)
	}
	return c.checkRequest(input, call)
}

// unrouted calls must be refused as such.
func unrouted(call Call, cause error) error {
	var p problem
	if call.Request.Method != http.MethodHead {
		if err := json.Unmarshal(call.Answer, &p); err != nil {
			return fmt.Errorf("there is no such operation (%w), and the answer is no problem: %w", cause, err)
		}
	}
	if call.Status != http.StatusNotFound && call.Status != http.StatusMethodNotAllowed {
		return fmt.Errorf("there is no such operation: %w", cause)
	}
	return nil
}

// problem is what we look at in the body of a no.
type problem struct {
	Code   string  `json:"code"`
	Errors []fault `json:"errors"`
}

// ourHeaders are to be documented wherever they are sent.
var ourHeaders = []string{"Rondo-Index", "Rondo-Outcome", "Idempotency-Replayed", "Retry-After", "Etag"}

func (c *Checker) checkAnswer(input *openapi3filter.RequestValidationInput, call Call) error {
	documented := input.Route.Operation.Responses.Status(call.Status)
	if documented == nil {
		return fmt.Errorf("the status %d is not documented", call.Status)
	}
	if input.Options.ExcludeResponseBody = call.Unread; call.Unread {
		media, _, _ := strings.Cut(call.Header.Get("Content-Type"), ";")
		if documented.Value.Content[media] == nil {
			return fmt.Errorf("a stream of %s is not documented", media)
		}
	}
	if call.Request.Method != http.MethodHead {
		err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: call.Status, Header: call.Header,
			Body: io.NopCloser(bytes.NewReader(call.Answer)), Options: input.Options,
		})
		if err != nil {
			return err
		}
	}
	for _, name := range ourHeaders {
		header := documented.Value.Headers[http.CanonicalHeaderKey(name)]
		if name == "Etag" {
			header = documented.Value.Headers["ETag"]
		}
		// Every answer to a change has an outcome, and no example can show them all.
		if call.Header.Get(name) != "" && header == nil && (call.Status < 400 || name == "Retry-After") {
			return fmt.Errorf("the header %s is not documented", name)
		}
	}
	if documented.Value.Headers["Rondo-Index"] != nil {
		if _, err := strconv.ParseUint(call.Header.Get("Rondo-Index"), 10, 64); err != nil {
			return errors.New("there is no Rondo-Index")
		}
	}
	return checkCode(documented.Value, call)
}

// checkCode looks for the code of a no among those that are documented. What ends
// with a 5xx may have reasons that no document lists.
func checkCode(documented *openapi3.Response, call Call) error {
	codes, listed := documented.Extensions["x-codes"].([]any)
	if !listed || call.Status >= 500 || call.Request.Method == http.MethodHead {
		return nil
	}
	var p problem
	if err := json.Unmarshal(call.Answer, &p); err != nil {
		return fmt.Errorf("decode the problem: %w", err)
	}
	if !slices.Contains(codes, any(p.Code)) {
		return fmt.Errorf("the code %s is not among %v", p.Code, codes)
	}
	return nil
}

func (c *Checker) checkRequest(input *openapi3filter.RequestValidationInput, call Call) error {
	err := allows(input, call)
	switch status := call.Status; {
	case err != nil && (status < 300 || status == 409 || status == 412 || status == 422):
		return fmt.Errorf("the server took a request that is not allowed: %w", err)
	case err == nil && status == http.StatusBadRequest && call.Request.Method != http.MethodHead:
		var p problem
		if err := json.Unmarshal(call.Answer, &p); err != nil {
			return fmt.Errorf("decode the problem: %w", err)
		}
		for _, f := range p.Errors {
			if !f.blind() {
				return fmt.Errorf("the server refused a request that is allowed: %s at %q: %s", f.Code, f.place(), f.Detail)
			}
		}
	}
	return nil
}

// allows says what the document has against a request.
func allows(input *openapi3filter.RequestValidationInput, call Call) error {
	request, operation := input.Request, input.Route.Operation
	request.Body, request.ContentLength = http.NoBody, 0
	if len(call.Sent) > 0 {
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(call.Sent)), int64(len(call.Sent))
		// The server also takes the relatives of JSON, and no declaration at all.
		if media, _, _ := strings.Cut(request.Header.Get("Content-Type"), ";"); media == "" || strings.HasSuffix(media, "+json") {
			request.Header.Set("Content-Type", "application/json")
		}
	}
	_, anything := operation.Extensions["x-other-parameters"]
	for name := range request.URL.Query() {
		if !anything && operation.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("there is no parameter %s", name)
		}
	}
	for _, name := range []string{"Idempotency-Key", "If-Match", "If-None-Match"} {
		if request.Header.Get(name) != "" && operation.Parameters.GetByInAndName("header", name) == nil {
			return fmt.Errorf("there is no header %s", name)
		}
	}
	return openapi3filter.ValidateRequest(context.Background(), input)
}

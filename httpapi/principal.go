package httpapi

import (
	"net/http"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

const actorHeader = "Rondo-Actor"

// A Principal is who asks.
type Principal struct {
	Name string // agent:mallory, system:anonymous, connector:twilio
	Via  string // "asserted": believed, not proven
}

const (
	anonymous = "system:anonymous"
	asserted  = "asserted"
)

// authenticate says who asks. Until tokens exist everybody may do everything,
// and who a request says it acts for is believed and marked so. This is the only
// place that makes principals.
func authenticate(r *http.Request) (Principal, error) {
	values := r.Header[actorHeader]
	if len(values) == 0 {
		return Principal{Name: anonymous}, nil
	}
	const form = "say who acts as agent:ID, system:NAME or connector:NAME, once; letters, digits and . _ : @ + - are allowed"
	kind, name, _ := strings.Cut(values[0], ":")
	known := kind == "agent" || kind == "system" || kind == "connector"
	if len(values) > 1 || !known || !isID(name) {
		return Principal{}, invalid(inHeader(actorHeader, "format", form))
	}
	return Principal{Name: values[0], Via: asserted}, nil
}

// isID says whether s has the form of an id of an agent.
func isID(s string) bool {
	if s == "" || len(s) > fsm.MaxIDBytes {
		return false
	}
	for i := range len(s) {
		b := s[i]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		if !letter && (b < '0' || b > '9') && strings.IndexByte("._:@+-", b) < 0 {
			return false
		}
	}
	return true
}

package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// MaxAnswerBytes bounds the body of an answer.
const MaxAnswerBytes = 64 << 10

// A fault is why a try has failed: a word for the state, and the sentence for the
// log of this node.
type fault struct {
	why fsm.WebhookFailure
	err error
}

func (f *fault) Error() string { return string(f.why) + ": " + f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func failed(why fsm.WebhookFailure, err error) *fault { return &fault{why, err} }

// readAnswer returns what a step wants to save of an answer. A step that saves
// nothing does not look into it.
func readAnswer(response *http.Response, members []string) (map[string]string, error) {
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return nil, failed(fsm.WebhookRedirect, fmt.Errorf("status %d, and redirects are not followed; name the final URL in the rule", status))
	case status < 200 || status >= 400:
		return nil, failed(fsm.WebhookStatus, fmt.Errorf("status %d", status))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(body) > MaxAnswerBytes:
		return nil, failed(fsm.WebhookTooLarge, fmt.Errorf("the answer has more than %d bytes", MaxAnswerBytes))
	case len(body) == 0 || len(members) == 0:
		return nil, nil
	}
	if !isJSON(response.Header.Get("Content-Type")) {
		return nil, failed(fsm.WebhookNotJSON, errors.New("the answer is not of the type application/json"))
	}
	return pickMembers(body, members)
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// pickMembers takes the texts, numbers and yes/no out of an object. What is not
// there, null, a list, an object, or nothing that a field may hold, is passed over: the
// cluster would refuse the whole answer, and the server would be called again.
func pickMembers(body []byte, members []string) (map[string]string, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, failed(fsm.WebhookNotJSON, errors.New("the answer is not a JSON object"))
	}
	values := map[string]string{}
	for _, name := range members {
		if value, ok := scalar(object[name]); ok && fsm.FitsWebhookValue(value) {
			values[name] = value
		}
	}
	return values, nil
}

func scalar(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 {
		return "", false
	}
	switch raw[0] {
	case '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return text, err == nil
	case '{', '[', 'n':
		return "", false
	}
	return string(raw), true // a number as it was written, true or false
}

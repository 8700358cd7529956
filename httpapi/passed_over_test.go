package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// TestPassedOverPages: all are counted, the last twenty shown, and a call that
// goes on counts what is left.
func TestPassedOverPages(t *testing.T) {
	const messages = 45
	h := newHandler(t, newMachine(t))
	for path, body := range map[string]string{"/v1/agents/ann": `{"name":"Ann"}`, "/v1/agents/bea": `{"name":"Bea"}`} {
		do(h, "PUT", path, body)
	}
	do(h, "PUT", "/v1/teams/t", `{"name":"T","members":[{"agent":"ann"},{"agent":"bea"}]}`)
	do(h, "PUT", "/v1/inboxes/sms", `{"name":"SMS","assignment":{"mode":"rotation","team":"t"}}`)
	do(h, "PUT", "/v1/agents/bea/presence", `{"status":"available"}`)
	var ids []string
	for i := range messages {
		got := do(h, "POST", "/v1/inboxes/sms/messages", fmt.Sprintf(`{"id":"M%d","direction":"inbound","from":{"address":"+%d"}}`, i, i))
		var action struct{ Decision struct{ ID string } }
		if err := json.Unmarshal([]byte(got.body), &action); err != nil || got.status != http.StatusCreated {
			t.Fatal(got.status, got.body, err)
		}
		ids = append(ids, action.Decision.ID)
	}
	for from, path := range map[int]string{
		0:  "/v1/agents/ann/passed-over",
		10: "/v1/agents/ann/passed-over?page_token=" + pageToken{passedMark, []string{ids[10]}}.String(),
		40: "/v1/agents/ann/passed-over?page_token=" + pageToken{passedMark, []string{ids[40]}}.String(),
	} {
		got := do(h, "GET", path, "")
		var view struct {
			Total    int
			ByTeam   map[string]int `json:"by_team"`
			Items    []passedDecisionID
			Complete bool
		}
		if err := json.Unmarshal([]byte(got.body), &view); err != nil || got.status != http.StatusOK {
			t.Fatal(got.status, got.body, err)
		}
		rest := messages - from
		if view.Total != rest || view.ByTeam["t"] != rest || len(view.Items) != min(rest, maxPassedItems) || !view.Complete {
			t.Errorf("from %d: %s", from, got.body)
		}
		for i, item := range view.Items {
			if want := ids[messages-1-i]; item.Decision != want {
				t.Errorf("from %d, item %d is %s and not %s", from, i, item.Decision, want)
			}
		}
	}
}

type passedDecisionID struct{ Decision string }

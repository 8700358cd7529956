package httpapi

import (
	"fmt"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	// maxPassedLooks bounds the records that one call looks at; the answer says
	// where the next one goes on.
	maxPassedLooks = 100_000

	// maxPassedItems is how many decisions are shown, the last ones.
	maxPassedItems = 20
)

// A passedOverView is how often an agent was passed over, and why. Decisions name
// the first 32 whom they passed over; those behind are not hers to count.
type passedOverView struct {
	Agent fsm.AgentID `json:"agent"`
	Since moment      `json:"since"`
	Until moment      `json:"until"`
	passedTally
	Items         []passedDecision `json:"items"`
	Complete      bool             `json:"complete"`
	NextPageToken *string          `json:"next_page_token"`
	Truncated     bool             `json:"truncated"`
}

// A passedTally counts.
type passedTally struct {
	Total    int            `json:"total"`
	ByReason map[string]int `json:"by_reason"`
	ByTeam   map[string]int `json:"by_team"`
	First    moment         `json:"first"`
	Last     moment         `json:"last"`
}

// A passedDecision is a decision that passed her over.
type passedDecision struct {
	Decision     string  `json:"decision"`
	At           moment  `json:"at"`
	Reason       string  `json:"reason"`
	Conversation *string `json:"conversation"`
	Team         *string `json:"team"`
	Inbox        *string `json:"inbox"`
	Assignee     *string `json:"assignee"`
}

// getPassedOver tells an agent, or who looks after her, why others were picked.
func getPassedOver(a *api, c *call) (answer, error) {
	search, err := c.passedSearch()
	if err != nil {
		return answer{}, err
	}
	v, row, err := agentOf(a, c)
	if err != nil {
		return answer{}, err
	}
	search.Agent = row.Handle
	view := passedOverView{Agent: row.ID, Since: moment(search.SinceMs), Until: moment(search.UntilMs), Items: []passedDecision{},
		passedTally: passedTally{ByReason: map[string]int{}, ByTeam: map[string]int{}}}
	var last []passedDecision // a ring
	next := search.Each(v, func(rec fsm.Record, p fsm.PassedOver) {
		team := teamName(v, rec.Team)
		view.count(rec, p, team)
		conversation, _ := v.Conversations.Get(rec.Conversation)
		shown := passedDecision{rec.ID.String(), moment(rec.TimeMs), p.Verdict.String(), orNull(conversation.ID), team,
			inboxName(v, rec.Inbox), agentName(v, rec.Decision.Assignee)}
		if at := (view.Total - 1) % maxPassedItems; at < len(last) {
			last[at] = shown
		} else {
			last = append(last, shown)
		}
	})
	for i := range last { // the newest first
		view.Items = append(view.Items, last[(view.Total-1-i)%maxPassedItems])
	}
	if view.Complete = next.IsZero(); !view.Complete {
		token := pageToken{passedMark, []string{next.String()}}.String()
		view.NextPageToken = &token
	}
	view.Truncated = forgotSince(v, search.SinceMs)
	return show(v, view)
}

func (t *passedTally) count(rec fsm.Record, p fsm.PassedOver, team *string) {
	t.Total++
	t.ByReason[p.Verdict.String()]++
	if team != nil {
		t.ByTeam[*team]++
	}
	if t.Last = moment(rec.TimeMs); t.First == 0 {
		t.First = t.Last
	}
}

// passedMark tells these page tokens from others.
const passedMark = "passed"

// passedSearch reads what is asked for.
func (c *call) passedSearch() (fsm.PassedOverSearch, error) {
	search := fsm.PassedOverSearch{Most: maxPassedLooks}
	var err error
	if search.SinceMs, err = c.query.time("since"); err != nil {
		return search, err
	}
	if search.UntilMs, err = c.query.time("until"); err != nil {
		return search, err
	}
	after, err := c.query.after(passedMark, 1)
	if err != nil || after == nil {
		return search, err
	}
	if search.From, err = fsm.ParseRecordID(after[0]); err != nil {
		return search, badToken()
	}
	return search, nil
}

// time returns a parameter as a moment, at least 1, or 0 if it is not there.
func (q query) time(name string) (int64, error) {
	text, given := q[name]
	if !given {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, invalid(inQuery(name, "format", fmt.Sprintf("%q is not a time such as 2026-11-21T09:14:02Z", clip(text))))
	}
	return max(t.UnixMilli(), 1), nil
}

// forgotSince says whether records from then on are no longer kept.
func forgotSince(v *fsm.State, ms int64) bool {
	if v.Forgotten.Segments == 0 {
		return false
	}
	for oldest := range v.Records.From(fsm.RecordID{}) {
		return oldest.TimeMs >= ms
	}
	return true
}

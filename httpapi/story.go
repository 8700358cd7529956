package httpapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/words"
)

// A story is all that has happened to one conversation, in the order in which it did,
// in plain words and with times: what came, which rule answered, whose turn it was,
// who was passed over and why. Sentences may be written better at any time; programs
// read the fields beside them.

// maxMoments bounds a story: of a longer one the newest are told.
const maxMoments = 500

type storyView struct {
	Conversation fsm.ConversationID `json:"conversation"`
	Moments      []momentView       `json:"moments"`             // the oldest first
	Truncated    bool               `json:"truncated,omitempty"` // there was more before: it is not told, or not kept
}

// A momentView is one thing that has happened.
type momentView struct {
	ID       string        `json:"id"` // of the event
	At       moment        `json:"at"`
	Event    string        `json:"event"`
	Actor    string        `json:"actor"`
	Sentence string        `json:"sentence"`
	Rule     *string       `json:"rule"`          // that did it, or whose run it was
	Edition  *uint64       `json:"rule_revision"` // of the rule
	Outcome  *string       `json:"outcome"`       // of rule.ran
	Decision *decisionView `json:"decision"`      // as of GET /v1/decisions/{id}
}

func getStory(a *api, c *call) (answer, error) {
	plain, err := wantsText(c)
	if err != nil {
		return answer{}, err
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	row, ok := visible(c, v, c.path["id"])
	if !ok {
		return answer{}, absent(v, "conversation", c.path["id"])
	}
	story := tellStory(v, row)
	if plain {
		return show(v, story.text())
	}
	return show(v, story)
}

// wantsText says whether a call wants plain words instead of JSON.
func wantsText(c *call) (bool, error) {
	how, given := c.query["text"]
	if given && how != "" && how != "true" {
		return false, invalid(inQuery("text", "unknown_value", fmt.Sprintf("%q is not known: give text without a value, or leave it out", clip(how))))
	}
	return given, nil
}

func tellStory(v *fsm.State, row fsm.Conversation) storyView {
	story := storyView{Conversation: row.ID, Moments: []momentView{}, Truncated: fsm.Truncated(v, row)}
	for rec := range v.History(row) {
		if len(story.Moments) == maxMoments {
			story.Truncated = true
			break
		}
		story.Moments = append(story.Moments, viewMoment(v, rec))
	}
	slices.Reverse(story.Moments)
	return story
}

func viewMoment(v *fsm.State, rec fsm.Record) momentView {
	m := momentView{
		ID: rec.ID.String(), At: moment(rec.TimeMs), Event: rec.Event.String(), Actor: rec.Actor,
		Sentence: words.Moment(v, rec), Outcome: orNull(rec.Outcome),
	}
	if rule, ok := v.Rules.Get(rec.Rule); ok {
		m.Rule, m.Edition = orNull(rule.ID), &rec.Edition
	}
	if rec.Decision != nil {
		decision := viewDecision(v, rec)
		m.Decision = &decision
	}
	return m
}

// text is the story as people read it: a line for each moment.
func (s storyView) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Conversation %s\n", s.Conversation)
	if s.Truncated {
		b.WriteString("There was more before; what follows is the newest.\n")
	}
	for _, m := range s.Moments {
		fmt.Fprintf(&b, "%s  %s\n", words.Time(int64(m.At)), m.Sentence)
	}
	return b.String()
}

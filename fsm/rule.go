package fsm

import (
	"cmp"
	"iter"
	"strings"
)

// RuleID and RuleHandle name a rule; a RunHandle names one run of it.
type (
	RuleID     string
	RuleHandle uint32
	RunHandle  uint64
)

// Limits of rules; each is tested.
const (
	MaxRules = 500 // not removed
)

// A Rule says what is done when something has happened and its conditions hold
// (S2.8, S3.6, S4.5). People change its draft, which has no effect; publishing makes
// the draft what is in force, in one entry (S3.12, K20).
//
// Order of reading: rule.go (the row), rule_body.go (what is written), condition.go,
// rule_match.go (which rule answers to what has happened), run.go (its steps, one
// after another, over any number of entries), then a file for each kind of step.
type Rule struct {
	Handle   RuleHandle `cbor:"1,keyasint"`
	ID       RuleID     `cbor:"2,keyasint"`
	Name     string     `cbor:"3,keyasint"`
	Place    uint32     `cbor:"4,keyasint"` // among all rules: lower ones are asked first
	State    RuleState  `cbor:"5,keyasint,omitempty"`
	Draft    RuleBody   `cbor:"6,keyasint"`
	Edition  uint64     `cbor:"7,keyasint,omitempty"` // of what is in force: Seq of its publishing; 0: never published
	Live     *RuleBody  `cbor:"8,keyasint,omitempty"` // what is in force, unless paused; replaced, never changed
	Revision uint64     `cbor:"9,keyasint"`           // Seq of the last change
	Removed  bool       `cbor:"10,keyasint,omitempty"`
}

// A RuleState says whether a rule has an effect.
type RuleState uint8

const (
	RuleDraft     RuleState = iota // never published
	RulePublished                  // what was published is in force
	RulePaused                     // it begins no more runs; those under way go on
)

var ruleStates = []string{"draft", "published", "paused"}

func (r RuleState) String() string { return nameOf(ruleStates, int(r)) }

// Rules is the table of rules.
type Rules struct {
	Named[RuleID, RuleHandle, Rule]
	order Index[rulePlace, Rule] // all that are not removed
	live  Index[rulePlace, Rule] // those that answer, by trigger
}

type rulePlace struct {
	on     string // of live: the trigger
	place  uint32
	handle RuleHandle
}

func (p rulePlace) compare(other rulePlace) int {
	return cmp.Or(strings.Compare(p.on, other.on), cmp.Compare(p.place, other.place), cmp.Compare(p.handle, other.handle))
}

func newRules() Rules {
	return Rules{
		newNamed(func(r *Rule) (RuleID, RuleHandle) { return r.ID, r.Handle }).unless(func(r *Rule) bool { return r.Removed }),
		newIndex(rulePlace.compare, func(r *Rule) (rulePlace, bool) { return rulePlace{"", r.Place, r.Handle}, !r.Removed }),
		newIndex(rulePlace.compare, func(r *Rule) (rulePlace, bool) {
			if r.Removed || r.State != RulePublished || r.Live == nil {
				return rulePlace{}, false
			}
			return rulePlace{r.Live.On.On, r.Place, r.Handle}, true
		}),
	}
}

func (t Rules) clone() Rules { return Rules{t.Named.clone(), t.order.clone(), t.live.clone()} }

// Put stores row under its handle.
func (t Rules) Put(row Rule) {
	old := t.put(row.Handle, &row)
	t.order.move(old, &row)
	t.live.move(old, &row)
}

// Count returns how many there are.
func (t Rules) Count() int { return t.order.Len() }

// InOrder yields all rules as they are asked.
func (t Rules) InOrder() iter.Seq[Rule] { return t.along(t.order, "") }

// On yields the rules that answer to a trigger, as they are asked.
func (t Rules) On(trigger string) iter.Seq[Rule] { return t.along(t.live, trigger) }

func (t Rules) along(index Index[rulePlace, Rule], on string) iter.Seq[Rule] {
	return func(yield func(Rule) bool) {
		for key := range index.From(rulePlace{on: on}) {
			if key.on != on {
				return
			}
			if row, ok := t.Get(key.handle); ok && !yield(row) {
				return
			}
		}
	}
}

// An Edition is a body that was published, kept as long as it is in force or a run
// that began with it is under way.
type Edition struct {
	Rule    RuleHandle `cbor:"1,keyasint"`
	Edition uint64     `cbor:"2,keyasint"`
	Body    RuleBody   `cbor:"3,keyasint"`
}

type editionKey struct {
	rule    RuleHandle
	edition uint64
}

// Editions is the table of editions.
type Editions struct{ Table[editionKey, Edition] }

func newEditions() Editions {
	return Editions{newTable[editionKey, Edition](func(a, b editionKey) int {
		return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.edition, b.edition))
	})}
}

func (t Editions) clone() Editions { return Editions{t.Table.clone()} }

// Put stores row under its rule and number.
func (t Editions) Put(row Edition) { t.set(editionKey{row.Rule, row.Edition}, &row) }

// Delete forgets an edition.
func (t Editions) Delete(rule RuleHandle, edition uint64) { t.remove(editionKey{rule, edition}) }

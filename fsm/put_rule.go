package fsm

var (
	_ = register[PutRule](170, "rule.put")
	_ = register[DeleteRule](171, "rule.delete")
)

// Limits of a rule; each is tested.
const (
	MaxRulePlace = 1_000_000
	MaxRuleBytes = 32 << 10 // of what is written, as it is packed
)

// PutRule creates a rule as a draft, or replaces the draft of one. What is in force
// stays as it is until it is published (K20). The name and the place are the rule's
// own: they count at once, in force or not.
type PutRule struct {
	ID    RuleID  `json:"id" cbor:"1,keyasint"`
	Name  string  `json:"name" cbor:"2,keyasint"`
	Place *uint32 `json:"place" cbor:"3,keyasint,omitempty"` // nil: where it is; a new one: behind all others

	RuleBody `cbor:"4,keyasint"`
}

// Check implements Command.
func (c PutRule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	if c.Place != nil && (*c.Place < 1 || *c.Place > MaxRulePlace) {
		check.add("/place", "out_of_range", "%d, it must be from 1 to %d; rules with lower places are asked first", *c.Place, MaxRulePlace)
	}
	c.RuleBody.check(&check, "")
	if n := len(encode(c.RuleBody)); n > MaxRuleBytes {
		check.add("/steps", "too_large", "the rule takes %d bytes, at most %d are allowed; let it trigger another rule that does the rest", n, MaxRuleBytes)
	}
	return check.err()
}

func (c PutRule) target(s *State) Target { return ruleTarget(s, c.ID, true) }

func ruleTarget(s *State, id RuleID, creates bool) Target {
	row, ok := s.Rules.ByID(id)
	return Target{NounRule.String(), string(id), ok, row.Revision, creates}
}

// Rules are written by supervisors, who answer for how work flows.
func (PutRule) allowed(_ *Tx, by Agent) bool    { return by.Role == RoleSupervisor }
func (DeleteRule) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c PutRule) apply(tx *Tx) (Result, error) {
	old, known := tx.Rules.ByID(c.ID)
	if !known && tx.Rules.Count() >= MaxRules {
		return Result{}, reject(TooManyRules, "there are %d rules, the most there may be; delete one first", MaxRules)
	}
	row := old
	if !known {
		gone, _ := tx.Rules.everByID(c.ID)
		row = Rule{Handle: gone.Handle, ID: c.ID, Place: lastPlace(tx.State)}
	}
	if row.Handle == 0 {
		row.Handle = RuleHandle(tx.mintSmall())
	}
	row.Name, row.Draft = c.Name, c.RuleBody
	if c.Place != nil {
		row.Place = *c.Place
	}
	if !known || !same(row, old) {
		keepRule(tx, row, RuleChanged)
	}
	return Result{Created: !known, Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

// lastPlace is behind all rules that there are.
func lastPlace(s *State) uint32 {
	for row := range s.Rules.order.Back(rulePlace{place: MaxRulePlace, handle: ^RuleHandle(0)}) {
		return min(row.place+1, MaxRulePlace)
	}
	return 1
}

// keepRule stores a rule that was changed, and tells it.
func keepRule(tx *Tx, row Rule, event Event) {
	row.Revision = tx.Seq
	old, _ := tx.Rules.Get(row.Handle)
	tx.Rules.Put(row)
	patienceFires(tx, row, old)
	tx.emit(Record{Event: event, Telling: Telling{Ruling: Ruling{Rule: row.Handle, Edition: row.Edition}}}, nil)
}

// DeleteRule removes a rule, in force or not. Its runs do nothing any more: each ends
// where it is, in this entry or, if there are many, in the next ones. Rules
// that trigger it pass over that step from now on, and tell it.
type DeleteRule struct {
	ID RuleID `json:"id" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteRule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c DeleteRule) target(s *State) Target { return ruleTarget(s, c.ID, false) }

func (c DeleteRule) apply(tx *Tx) (Result, error) {
	row, ok := tx.Rules.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no rule %q", c.ID)
	}
	row.Removed = true
	keepRule(tx, row, RuleRemoved)
	disown(tx, row)
	return Result{Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

package fsm

import "slices"

var (
	_ = register[PublishRule](172, "rule.publish")
	_ = register[PauseRule](173, "rule.pause")
	_ = register[RollBackRule](174, "rule.rollback")
	_ = register[ResumeRule](182, "rule.resume")
)

// PublishRule puts the draft of a rule in force, in one entry: what happens from
// now on is answered by it. A rule that is paused goes on with it.
type PublishRule struct {
	ID RuleID `json:"id" cbor:"1,keyasint"`
}

// PauseRule takes a rule out of force. It begins no more runs; those under way go
// on to their end.
type PauseRule struct {
	ID RuleID `json:"id" cbor:"1,keyasint"`
}

// ResumeRule puts in force again what was when the rule was paused, whatever its
// draft has become since.
type ResumeRule struct {
	ID RuleID `json:"id" cbor:"1,keyasint"`
}

// RollBackRule makes what a rule said at a revision its draft, and puts it in
// force, in one entry. The name and the place stay as they are.
type RollBackRule struct {
	ID       RuleID `json:"id" cbor:"1,keyasint"`
	Revision uint64 `json:"revision" cbor:"2,keyasint"` // one that is kept
}

func checkRuleID(id RuleID) error {
	var check checker
	check.id("/id", string(id))
	return check.err()
}

// Check implements Command.
func (c PublishRule) Check() error { return checkRuleID(c.ID) }

// Check implements Command.
func (c PauseRule) Check() error { return checkRuleID(c.ID) }

// Check implements Command.
func (c ResumeRule) Check() error { return checkRuleID(c.ID) }

// Check implements Command.
func (c RollBackRule) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	if c.Revision == 0 {
		check.add("/revision", "required", "say which revision; GET /v1/rules/%s/revisions lists them", clip(string(c.ID)))
	}
	return check.err()
}

func (c PublishRule) target(s *State) Target  { return ruleTarget(s, c.ID, false) }
func (c PauseRule) target(s *State) Target    { return ruleTarget(s, c.ID, false) }
func (c ResumeRule) target(s *State) Target   { return ruleTarget(s, c.ID, false) }
func (c RollBackRule) target(s *State) Target { return ruleTarget(s, c.ID, false) }

func (PublishRule) allowed(_ *Tx, by Agent) bool  { return by.Role == RoleSupervisor }
func (PauseRule) allowed(_ *Tx, by Agent) bool    { return by.Role == RoleSupervisor }
func (ResumeRule) allowed(_ *Tx, by Agent) bool   { return by.Role == RoleSupervisor }
func (RollBackRule) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c PublishRule) apply(tx *Tx) (Result, error) {
	row, ok := tx.Rules.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no rule %q", c.ID)
	}
	if err := putInForce(tx, row, row.Draft); err != nil {
		return Result{}, err
	}
	return Result{Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

func (c PauseRule) apply(tx *Tx) (Result, error) {
	row, err := everPublished(tx, c.ID)
	if err != nil {
		return Result{}, err
	}
	if row.State == RulePublished {
		row.State = RulePaused
		keepRule(tx, row, RuleIsPaused)
	}
	return Result{Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

func (c ResumeRule) apply(tx *Tx) (Result, error) {
	row, err := everPublished(tx, c.ID)
	if err != nil {
		return Result{}, err
	}
	if err := putInForce(tx, row, *row.Live); err != nil {
		return Result{}, err
	}
	return Result{Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

func (c RollBackRule) apply(tx *Tx) (Result, error) {
	row, ok := tx.Rules.ByID(c.ID)
	if !ok {
		return Result{}, reject(NotFound, "there is no rule %q", c.ID)
	}
	kept := slices.Collect(tx.Revisions.Of(Subject{NounRule, uint64(row.Handle)}))
	at := slices.IndexFunc(kept, func(r Revision) bool { return r.Revision == c.Revision })
	if at < 0 {
		return Result{}, reject(UnknownRevision, "rule %q has no revision %d; kept are %d, from %d to %d",
			c.ID, c.Revision, len(kept), kept[0].Revision, kept[len(kept)-1].Revision)
	}
	then, err := RowOf[Rule](kept[at])
	if err != nil {
		return Result{}, err
	}
	row.Draft = then.Draft
	if err := putInForce(tx, row, then.Draft); err != nil {
		return Result{}, err
	}
	return Result{Subject: Subject{NounRule, uint64(row.Handle)}}, nil
}

// everPublished refuses a rule of which nothing was ever in force.
func everPublished(tx *Tx, id RuleID) (Rule, error) {
	row, ok := tx.Rules.ByID(id)
	if !ok {
		return row, reject(NotFound, "there is no rule %q", id)
	}
	if row.Live == nil {
		return row, reject(NotPublished, "rule %q is a draft: nothing of it was ever in force; publish it first", id)
	}
	return row, nil
}

// putInForce makes body what a rule does. What says the same as before stays the
// same edition. It refuses what names something that is not there.
func putInForce(tx *Tx, row Rule, body RuleBody) error {
	if err := body.refuseUnknown(tx.State); err != nil {
		return err
	}
	before := row.Edition
	if row.Live == nil || !same(*row.Live, body) {
		row.Live, row.Edition = &body, tx.Seq
		tx.Editions.Put(Edition{row.Handle, row.Edition, body})
	}
	row.State = RulePublished
	if old, _ := tx.Rules.Get(row.Handle); same(row, old) {
		return nil
	}
	keepRule(tx, row, RuleIsPublished)
	dropEdition(tx, row.Handle, before)
	return nil
}

package fsm

import "fmt"

var _ = register[OrderRules](175, "rules.order")

// OrderRules puts rules first, in this order. The others come behind them, in the
// order they have among themselves. It counts at once.
type OrderRules struct {
	Rules []RuleID `json:"rules" cbor:"1,keyasint"`
}

// Check implements Command.
func (c OrderRules) Check() error {
	var check checker
	switch {
	case len(c.Rules) == 0:
		check.add("/rules", "required", "name the rules in the order in which they are to be asked")
	case len(c.Rules) > MaxRules:
		check.add("/rules", "too_many", "%d rules, at most %d are allowed", len(c.Rules), MaxRules)
		return check.err()
	}
	seen := map[RuleID]int{}
	for i, id := range c.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		check.id(at, string(id))
		if before, twice := seen[id]; twice {
			check.add(at, "duplicate", "%q stands at %d already", clip(string(id)), before)
		}
		seen[id] = i
	}
	return check.err()
}

func (OrderRules) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

func (c OrderRules) apply(tx *Tx) (Result, error) {
	var check checker
	var order []Rule
	named := map[RuleHandle]bool{}
	for i, id := range c.Rules {
		row, ok := tx.Rules.ByID(id)
		if !ok {
			check.add(fmt.Sprintf("/rules/%d", i), "unknown_rule", "there is no rule %q", id)
		}
		named[row.Handle] = true
		order = append(order, row)
	}
	if err := check.as(UnknownReference); err != nil {
		return Result{}, err
	}
	for row := range tx.Rules.InOrder() {
		if !named[row.Handle] {
			order = append(order, row)
		}
	}
	moved := false
	for i, row := range order {
		if place := uint32(i + 1); row.Place != place {
			row.Place, row.Revision, moved = place, tx.Seq, true
			tx.Rules.Put(row)
			tx.revise(Subject{NounRule, uint64(row.Handle)})
		}
	}
	if moved {
		tx.emit(Record{Event: RulesOrdered}, nil)
	}
	return Result{}, nil
}

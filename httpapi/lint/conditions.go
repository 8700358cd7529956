package lint

import (
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// conditions finds what can never hold: of the whole rule it is an error, of a branch
// or of one of several choices a warning.
func conditions(j *judge) {
	given := triggerFacts(j.body.On)
	if j.body.When != nil {
		if pointer, never := impossible(j.body.When, "/when", given); never {
			j.err(NeverHolds, pointer, "this never holds together with what stands before it, so the rule never does anything: take one of them out, or make them choices with any")
		} else {
			choices(j, j.body.When, "/when", given)
		}
	}
	j.steps(func(s fsm.Step, at place) {
		if s.Branch == nil || s.Branch.If == nil {
			return
		}
		if pointer, never := impossible(s.Branch.If, at.pointer+"/branch/if", nil); never {
			j.warn(NeverHolds, pointer, "this never holds together with what stands before it, so the branch always goes the other way: take one of them out")
		} else {
			choices(j, s.Branch.If, at.pointer+"/branch/if", nil)
		}
	})
}

// A part is a condition among several that must all hold.
type part struct {
	*fsm.Condition
	pointer string
}

func partsOf(c *fsm.Condition, pointer string) (list []part) {
	if len(c.All) == 0 {
		return []part{{c, pointer}}
	}
	for i := range c.All {
		list = append(list, partsOf(&c.All[i], pointer+"/all/"+strconv.Itoa(i))...)
	}
	return list
}

// impossible says whether a condition never holds where what is given does, and the
// node with which it fails.
func impossible(c *fsm.Condition, pointer string, given []fsm.Condition) (at string, never bool) {
	parts := partsOf(c, pointer)
	for i, p := range parts {
		for k := range given {
			if contradict(&given[k], p.Condition) {
				return p.pointer, true
			}
		}
		for _, before := range parts[:i] {
			if contradict(before.Condition, p.Condition) {
				return p.pointer, true
			}
		}
	}
	for i, p := range parts {
		if len(p.Any) == 0 {
			continue
		}
		possible := false
		for k := range p.Any {
			_, never := impossible(&p.Any[k], p.pointer, beside(parts, i, given))
			possible = possible || !never
		}
		if !possible {
			return p.pointer, true
		}
	}
	return "", false
}

// beside returns what must hold besides part i.
func beside(parts []part, i int, given []fsm.Condition) []fsm.Condition {
	list := append([]fsm.Condition{}, given...)
	for k, p := range parts {
		if k != i {
			list = append(list, *p.Condition)
		}
	}
	return list
}

// choices finds choices that never hold in a condition that may.
func choices(j *judge, c *fsm.Condition, pointer string, given []fsm.Condition) {
	parts := partsOf(c, pointer)
	for i, p := range parts {
		for k := range p.Any {
			at := p.pointer + "/any/" + strconv.Itoa(k)
			if where, never := impossible(&p.Any[k], at, beside(parts, i, given)); never {
				j.warn(ChoiceNeverHolds, where, "this choice never holds together with the rest of the condition: take it out, or change it")
			} else {
				choices(j, &p.Any[k], at, beside(parts, i, given))
			}
		}
	}
}

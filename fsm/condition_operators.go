package fsm

import (
	"slices"
	"strconv"
	"strings"
)

// The operators. What one means never changes: another meaning is another name.
// Letters count as they are written: "US" is not "us".
const (
	opIs         = "is"
	opIsNot      = "is_not"
	opIn         = "in"
	opNotIn      = "not_in"
	opStartsWith = "starts_with"
	opContains   = "contains"
	opSet        = "set"     // it is there, and not empty
	opNotSet     = "not_set" //
	opHas        = "has"
	opHasNot     = "has_not"
	opHasAny     = "has_any"
	opHasAll     = "has_all"
	opAtLeast    = "at_least"
	opAtMost     = "at_most"
	opMoreThan   = "more_than"
	opLessThan   = "less_than"
)

var operatorsOf = map[FieldType][]string{
	FieldText:   {opIs, opIsNot, opIn, opNotIn, opStartsWith, opContains, opSet, opNotSet},
	FieldSet:    {opHas, opHasNot, opHasAny, opHasAll, opSet, opNotSet},
	FieldNumber: {opIs, opAtLeast, opAtMost, opMoreThan, opLessThan},
	FieldYesNo:  {opIs},
}

// takes says how many values an operator is compared with: none, one or a list.
type takes uint8

const (
	takesOne takes = iota
	takesNone
	takesList
)

func operatorTakes(op string) takes {
	switch op {
	case opSet, opNotSet:
		return takesNone
	case opIn, opNotIn, opHasAny, opHasAll:
		return takesList
	default:
		return takesOne
	}
}

// A fact is the value of a field now: the member that the field's type says.
type fact struct {
	there  bool // the thing that the field is of is at hand
	yes    bool
	number uint64
	text   string // "": it is not set
	set    []string
}

// accepts compares a fact with what the node asks.
func (c *Condition) accepts(is FieldType, found *fact) bool {
	switch is {
	case FieldText:
		return acceptsText(c, found.text)
	case FieldSet:
		return acceptsSet(c, found.set)
	case FieldNumber:
		wanted, err := strconv.ParseUint(c.Value, 10, 64)
		return err == nil && acceptsNumber(c, found.number, wanted)
	case FieldYesNo:
		return c.Op == opIs && c.Value == yesOrNo(found.yes)
	default:
		return false
	}
}

func yesOrNo(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func acceptsText(c *Condition, text string) bool {
	switch c.Op {
	case opIs:
		return text == c.Value
	case opIsNot:
		return text != c.Value
	case opIn:
		return slices.Contains(c.Values, text)
	case opNotIn:
		return !slices.Contains(c.Values, text)
	case opStartsWith:
		return strings.HasPrefix(text, c.Value)
	case opContains:
		return strings.Contains(text, c.Value)
	case opSet:
		return text != ""
	case opNotSet:
		return text == ""
	default:
		return false
	}
}

func acceptsSet(c *Condition, set []string) bool {
	switch c.Op {
	case opHas:
		return slices.Contains(set, c.Value)
	case opHasNot:
		return !slices.Contains(set, c.Value)
	case opHasAny:
		for _, value := range c.Values {
			if slices.Contains(set, value) {
				return true
			}
		}
		return false
	case opHasAll:
		for _, value := range c.Values {
			if !slices.Contains(set, value) {
				return false
			}
		}
		return true
	case opSet:
		return len(set) > 0
	case opNotSet:
		return len(set) == 0
	default:
		return false
	}
}

func acceptsNumber(c *Condition, number, wanted uint64) bool {
	switch c.Op {
	case opIs:
		return number == wanted
	case opAtLeast:
		return number >= wanted
	case opAtMost:
		return number <= wanted
	case opMoreThan:
		return number > wanted
	case opLessThan:
		return number < wanted
	default:
		return false
	}
}

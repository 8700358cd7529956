package fsm

import (
	"slices"
	"strconv"
	"strings"
)

// The operators. What one means never changes: another meaning is another name.
// Letters count as they are written: "US" is not "us".
const (
	OpIs         = "is"
	OpIsNot      = "is_not"
	OpIn         = "in"
	OpNotIn      = "not_in"
	OpStartsWith = "starts_with"
	OpContains   = "contains"
	OpSet        = "set"     // it is there, and not empty
	OpNotSet     = "not_set" //
	OpHas        = "has"
	OpHasNot     = "has_not"
	OpHasAny     = "has_any"
	OpHasAll     = "has_all"
	OpAtLeast    = "at_least"
	OpAtMost     = "at_most"
	OpMoreThan   = "more_than"
	OpLessThan   = "less_than"
)

var operatorsOf = map[FieldType][]string{
	FieldText:   {OpIs, OpIsNot, OpIn, OpNotIn, OpStartsWith, OpContains, OpSet, OpNotSet},
	FieldSet:    {OpHas, OpHasNot, OpHasAny, OpHasAll, OpSet, OpNotSet},
	FieldNumber: {OpIs, OpAtLeast, OpAtMost, OpMoreThan, OpLessThan},
	FieldYesNo:  {OpIs},
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
	case OpSet, OpNotSet:
		return takesNone
	case OpIn, OpNotIn, OpHasAny, OpHasAll:
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
		return c.Op == OpIs && c.Value == yesOrNo(found.yes)
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
	case OpIs:
		return text == c.Value
	case OpIsNot:
		return text != c.Value
	case OpIn:
		return slices.Contains(c.Values, text)
	case OpNotIn:
		return !slices.Contains(c.Values, text)
	case OpStartsWith:
		return strings.HasPrefix(text, c.Value)
	case OpContains:
		return strings.Contains(text, c.Value)
	case OpSet:
		return text != ""
	case OpNotSet:
		return text == ""
	default:
		return false
	}
}

func acceptsSet(c *Condition, set []string) bool {
	switch c.Op {
	case OpHas:
		return slices.Contains(set, c.Value)
	case OpHasNot:
		return !slices.Contains(set, c.Value)
	case OpHasAny:
		for _, value := range c.Values {
			if slices.Contains(set, value) {
				return true
			}
		}
		return false
	case OpHasAll:
		for _, value := range c.Values {
			if !slices.Contains(set, value) {
				return false
			}
		}
		return true
	case OpSet:
		return len(set) > 0
	case OpNotSet:
		return len(set) == 0
	default:
		return false
	}
}

func acceptsNumber(c *Condition, number, wanted uint64) bool {
	switch c.Op {
	case OpIs:
		return number == wanted
	case OpAtLeast:
		return number >= wanted
	case OpAtMost:
		return number <= wanted
	case OpMoreThan:
		return number > wanted
	case OpLessThan:
		return number < wanted
	default:
		return false
	}
}

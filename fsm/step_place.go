package fsm

import "strconv"

// StepPlace says where a step of an edition of a rule stands, as people count: "2.1"
// is the first of those below the second. n is its index, as runs and events have it:
// from 0, in the order in which steps are written, nested ones too. It is "" behind
// the last step. kept says whether the edition is still known.
func StepPlace(s *State, rule RuleHandle, edition uint64, n uint16) (place string, kept bool) {
	row, kept := s.Editions.Get(editionKey{rule, edition})
	if !kept {
		return "", false
	}
	return placeOf(row.Body.Steps, int(n), "", 1), true
}

// placeOf is the place of the n-th of some steps, of which the first has a number below
// above.
func placeOf(steps []Step, n int, above string, first int) string {
	for i := range steps {
		size, number := steps[i].size(), above+strconv.Itoa(first+i)
		switch then, otherwise := steps[i].nested(); {
		case n == 0:
			return number
		case n >= size:
			n -= size
		case n <= sizeOf(then):
			return placeOf(then, n-1, number+".", 1)
		default:
			return placeOf(otherwise, n-1-sizeOf(then), number+".", 1+len(then))
		}
	}
	return ""
}

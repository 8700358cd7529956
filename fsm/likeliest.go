package fsm

import (
	"fmt"
	"strings"
)

// likeliest returns the one of some names that name may be a slip for, or "".
func likeliest(name string, names []string) string {
	const tooLong = 64 // to be compared letter by letter
	if len(name) > tooLong {
		return ""
	}
	best, bestDistance := "", max(2, len(name)/4)+1
	for _, known := range names {
		if d := LettersApart(strings.ToLower(name), known); d < bestDistance && d < len(known) {
			best, bestDistance = known, d
		}
	}
	return best
}

// LettersApart is how many letters must be put in, left out or changed to make b of
// a: what a slip is judged by. It is pure, and takes time in proportion to both.
func LettersApart(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// meant completes a refusal of name: by what it may be a slip for, or by all there
// is.
func meant(name string, names []string) string {
	if near := likeliest(name, names); near != "" {
		return `did you mean "` + near + `"?`
	}
	return "known are " + strings.Join(names, ", ")
}

// noneOf says that a name is not one of some, and which may have been meant.
func noneOf(name string, names []string) string {
	says := fmt.Sprintf("%q is not one of %s", clip(name), strings.Join(names, ", "))
	if near := likeliest(name, names); near != "" {
		says = `did you mean "` + near + `"? ` + says
	}
	return says
}

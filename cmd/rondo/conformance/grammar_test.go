package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// wanted are the cases that must have steps by now.
const wanted = `K1 K2 K3 K4 K5 K6 K7 K8 K9 K10 K11 K12 K13 K14 K15 K16 K17 K18 K19 K20 K21 K22 K23 K25 K26 K27 K28 K29 K30 K31 K32
	K33 K35 K36 K37 K38 K39 K40 K42 K47 K48 K49 K50 K51 K52 K53 K54 K55 K56 K57 K59 K60 K61 K62 K63 K64 K65 K66 K67 K68 K69
	K70 K71 K72 K73 K74 K75 K76 K77 K78 K79 K81 K82 K83 K84 K85 K86 K87 K88 K89 K90 K91 K92 K94 K95 K97 K99 K100 K102 K103 K104 K105
	K106 K107 K108 K109 K110 K111 S1.10 S1.15 S2.6 S2.7 S2.8 S2.12 S2.14 S2.17 S3.2 S3.3 S3.11 S3.21 S3.25 S3.26 S3.29 S4.3
	S4.13 S4.20 S4.22 S4.24 S5.6 S5.14`

const catalogueSize = 111

// The catalogue has every case once: with steps, or with the reason why not.
func TestCatalogue(t *testing.T) {
	list, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for i, c := range list {
		if want := fmt.Sprint("K", i+1); c.ID != want && i < catalogueSize {
			t.Fatalf("%s stands where %s should", c.ID, want)
		}
		if c.Runs() {
			runs = append(runs, c.ID)
		} else if c.Reason == "" {
			t.Errorf("%s has no steps and no reason", c.ID)
		}
	}
	if len(list) < catalogueSize {
		t.Errorf("%d cases, want %d and more", len(list), catalogueSize)
	}
	if want := strings.Fields(wanted); !slices.Equal(runs, want) {
		t.Errorf("cases with steps are %v, want %v", runs, want)
	}
}

// A kind of line that no case uses is not a part of the language.
func TestEveryRuleIsUsed(t *testing.T) {
	list, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range list {
		for _, s := range c.steps {
			used[s.rule.pattern] = true
		}
	}
	for _, r := range rules {
		if !used[r.pattern] {
			t.Errorf("no case has a line like %q", r.pattern)
		}
	}
}

// What is not understood is an error with its line, never a step that is left out.
func TestWrongFiles(t *testing.T) {
	const head = "K7  A title\n"
	for _, c := range []struct{ name, text, want string }{
		{"no title", "K7 A title\n", "cases/K7.txt:1: the first line"},
		{"other name", "K8  A title\n", "cases/K7.txt:1: the file of K8"},
		{"unknown step", head + "given agent A available\nthen it goes to A\nand all is well\n", `cases/K7.txt:4: no step is written "all is well"`},
		{"no word", head + "agent A available\n", "cases/K7.txt:2: a step begins with"},
		{"and first", head + "and agent A available\n", "cases/K7.txt:2: a step begins with"},
		{"looking too early", head + "when it goes to A\n", `cases/K7.txt:2: "it goes to A" does not go with "when"`},
		{"changing too late", head + "then A becomes away\n", `cases/K7.txt:2: "A becomes away" does not go with "then"`},
		{"waiting for a change", head + "then within 3 seconds A becomes away\n", `cases/K7.txt:2: "within 3 seconds" goes with what looks only`},
		{"no end", head + "given agent A available\n", "cases/K7.txt:1: a case must have steps, and end by looking"},
		{"empty", head, "cases/K7.txt:1: a case must have steps"},
		{"verdict", head + "verdict good\n", `cases/K7.txt:2: the verdict "good" is not known`},
		{"no reason", head + "verdict differs\n", "cases/K7.txt:2: the verdict \"differs\" needs its reason"},
		{"late verdict", head + "then it goes to A\nverdict as is\n", "cases/K7.txt:3: the verdict stands above"},
	} {
		_, err := parseCase("cases/K7.txt", c.text)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"no title", "# why\n\nK24 x | later: y\n", "f:3: a line must be"},
		{"no verdict", "K24  x\n", "f:1: write the title"},
		{"runs", "K24  x | as is\n", `f:1: a case that is "as is" has steps`},
	} {
		if _, err := parseNotRun("f", c.text); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string][]string{
		"A":                        {"A"},
		"Ann and Bob":              {"Ann", "Bob"},
		"Chris B, Mallory P and C": {"Chris B", "Mallory P", "C"},
		"A, B, and C":              {"A", "B", "C"},
		"nobody":                   nil,
		"nothing":                  nil,
		"Sandy":                    {"Sandy"},
	} {
		if got := names(text); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

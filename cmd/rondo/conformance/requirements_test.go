package conformance

import (
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

//go:embed requirements.txt
var requirementsText string

// requirementRows are the rows that speak of rules and settings of the engine: of
// S1, S2, S4 and S5 those of kind E, C or I, and of S3 those of kind E or C.
const requirementRows = `
	S1.1 S1.2 S1.3 S1.4 S1.5 S1.6 S1.7 S1.8 S1.9 S1.10 S1.11 S1.12 S1.13 S1.14 S1.15 S1.16 S1.18
	S2.1 S2.2 S2.3 S2.4 S2.5 S2.6 S2.7 S2.8 S2.9 S2.10 S2.11 S2.12 S2.13 S2.14 S2.15 S2.16 S2.17 S2.18 S2.19 S2.20 S2.21
	S3.1 S3.2 S3.3 S3.4 S3.5 S3.6 S3.7 S3.8 S3.9 S3.10 S3.12 S3.13 S3.14 S3.15 S3.17 S3.19 S3.22 S3.23 S3.24 S3.25 S3.26 S3.27 S3.30
	S4.3 S4.5 S4.10 S4.12 S4.13 S4.14 S4.15 S4.16 S4.17 S4.18 S4.19 S4.20 S4.21 S4.22 S4.24 S4.29 S4.30
	S5.1 S5.2 S5.3 S5.4 S5.5 S5.6 S5.7 S5.8 S5.9 S5.10 S5.11 S5.12 S5.13 S5.14 S5.15 S5.16 S5.17 S5.18 S5.19 S5.20 S5.21`

// laterSubjects are what a row may wait for.
var laterSubjects = []string{"rules", "capacity", "reports", "console"}

// root is where paths of the table begin.
const root = "../../.."

var (
	requirementLine = regexp.MustCompile(`^(S\d\.\d+) +(\S.*?) {2,}(\S.*)$`)
	caseName        = regexp.MustCompile(`^(K\d+|S\d\.\d+)$`)
	testName        = regexp.MustCompile(`^([a-z/]+):(Test\w+)$`)
)

// proof says what is wrong with one entry of the table; "" is nothing.
func proof(t *testing.T, cases map[string]*Case, entry string) string {
	t.Helper()
	if subject, later := strings.CutPrefix(entry, "later: "); later {
		if !slices.Contains(laterSubjects, subject) {
			return "waits for " + subject + ", which is none of " + strings.Join(laterSubjects, ", ")
		}
		return ""
	}
	if caseName.MatchString(entry) {
		if c := cases[entry]; c == nil || !c.Runs() {
			return "there is no case " + entry + " that runs"
		}
		return ""
	}
	if m := testName.FindStringSubmatch(entry); m != nil {
		files, err := filepath.Glob(filepath.Join(root, m[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "\nfunc "+m[2]+"(t *testing.T)") {
				return ""
			}
		}
		return "package " + m[1] + " has no test " + m[2]
	}
	if info, err := os.Stat(filepath.Join(root, entry)); err != nil || info.IsDir() {
		return "there is no file " + entry
	}
	return ""
}

// Each row is shown by something that exists, or waits for a subject by name.
func TestRequirements(t *testing.T) {
	list, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]*Case{}
	for _, c := range list {
		cases[c.ID] = c
	}
	var rows []string
	for line := range strings.SplitSeq(requirementsText, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := requirementLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not a row: %q", line)
			continue
		}
		rows = append(rows, m[1])
		for entry := range strings.SplitSeq(m[2], ", ") {
			if wrong := proof(t, cases, entry); wrong != "" {
				t.Errorf("%s: %s", m[1], wrong)
			}
		}
	}
	if want := strings.Fields(requirementRows); !slices.Equal(rows, want) {
		t.Errorf("the table has rows %v\nwant        %v", rows, want)
	}
}

// The table must not shrink to what happens to be shown, so what a wrong entry
// looks like is tried, too.
func TestProofBreaks(t *testing.T) {
	cases := map[string]*Case{"K7": {ID: "K7", steps: []step{{}}}, "K24": {ID: "K24"}}
	for entry, want := range map[string]string{
		"K7":                       "",
		"later: rules":             "",
		"rotation:TestJudge":       "",
		"fsm/testdata/claim.txt":   "",
		"K8":                       "there is no case K8 that runs",
		"K24":                      "there is no case K24 that runs",
		"S9.9":                     "there is no case S9.9 that runs",
		"later: some day":          "waits for some day, which is none of",
		"rotation:TestNothing":     "package rotation has no test TestNothing",
		"nowhere:TestJudge":        "package nowhere has no test TestJudge",
		"fsm/testdata/nothing.txt": "there is no file fsm/testdata/nothing.txt",
		"fsm/testdata":             "there is no file fsm/testdata",
	} {
		if got := proof(t, cases, entry); got != want && (want == "" || !strings.HasPrefix(got, want)) {
			t.Errorf("%q: %q, want %q", entry, got, want)
		}
	}
}

// requirementsFile is the text that the rows come from, beside the checkout.
const requirementsFile = root + "/../shared/requirements.md"

// The list above is that of the text.
func TestRequirementRows(t *testing.T) {
	text, err := os.ReadFile(requirementsFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT CHECKED against the text: there is no %s", requirementsFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| (S(\d)\.\d+) \| ([A-Z/]+) \|`)
	var want []string
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		kinds := "ECI"
		if m[2] == "3" {
			kinds = "EC"
		}
		if strings.ContainsAny(m[3], kinds) {
			want = append(want, m[1])
		}
	}
	if got := strings.Fields(requirementRows); !slices.Equal(got, want) {
		t.Errorf("listed are %v\nthe text has %v", got, want)
	}
}

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// The events are those of a real go test, run on small modules that pass, fail
// and break in every way a package can.
func TestReportOfRealRuns(t *testing.T) {
	for _, c := range []struct {
		name    string
		source  string
		args    []string // of testreport
		ok      bool
		closing string
		want    []string
		not     []string
	}{
		{
			name: "pass", source: `func TestA(t *testing.T) { t.Log("quiet"); t.Run("sub", func(t *testing.T) {}) }`,
			ok: true, closing: "2 passed, 0 failed, 0 skipped", want: []string{"ok   example/a "}, not: []string{"quiet"},
		},
		{
			name: "fail", source: `func TestA(t *testing.T) { t.Run("sub", func(t *testing.T) { t.Error("the cause") }) }; func TestB(t *testing.T) { t.Log("quiet") }`,
			closing: "1 passed, 2 failed, 0 skipped", want: []string{"FAIL example/a ", "the cause", "--- FAIL: TestA/sub"}, not: []string{"quiet"},
		},
		{
			name: "skip", source: `func TestA(t *testing.T) { t.Skip("no disk") }`,
			ok: true, closing: "0 passed, 0 failed, 1 skipped", want: []string{"example/a TestA: ", "no disk"},
		},
		{
			name: "skip in strict mode", source: `func TestA(t *testing.T) { t.Skip("no disk") }`, args: []string{"-strict"},
			closing: "0 passed, 0 failed, 1 skipped", want: []string{"no disk", "strict:"},
		},
		{
			name: "part left out", source: `func TestA(t *testing.T) { fmt.Println("SKIPPED: no log file") }`,
			ok: true, closing: "1 passed, 0 failed, 1 skipped", want: []string{"TestA: no log file"},
		},
		{
			name: "all left out", source: `func TestMain(m *testing.M) { fmt.Println("SKIPPED: no network") }`, args: []string{"-strict"},
			closing: "0 passed, 0 failed, 1 skipped", want: []string{"example/a: no network"},
		},
		{
			name: "does not build", source: `func TestA(t *testing.T) { nothing() }`,
			closing: "0 passed, 1 failed, 0 skipped", want: []string{"undefined: nothing"},
		},
		{
			name: "panic", source: `func TestA(t *testing.T) { panic("the cause") }`,
			closing: "0 passed, 1 failed, 0 skipped", want: []string{"the cause"},
		},
		{
			name: "exit", source: `func TestA(t *testing.T) { fmt.Println("the cause"); os.Exit(3) }`,
			closing: "0 passed, 1 failed, 0 skipped", want: []string{"the cause"},
		},
		{
			name: "steps", source: `func TestA(t *testing.T) {}`, args: []string{"-passed", "gofmt", "-failed", "vet", "-skipped", "race: no compiler"},
			closing: "2 passed, 1 failed, 1 skipped", want: []string{"FAIL vet", "race: no compiler"},
		},
		{
			name: "no tests", source: ``, ok: true, closing: "0 passed, 0 failed, 0 skipped", want: []string{"(no tests)"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			ok, err := run(c.args, strings.NewReader(eventsOf(t, c.source)), &out)
			if err != nil {
				t.Fatal(err)
			}
			text := out.String()
			if ok != c.ok {
				t.Errorf("ok = %v in\n%s", ok, text)
			}
			if !strings.HasSuffix(text, "\n"+c.closing+"\n") {
				t.Errorf("the closing line is not %q in\n%s", c.closing, text)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			for _, not := range c.not {
				if strings.Contains(text, not) {
					t.Errorf("%q in\n%s", not, text)
				}
			}
		})
	}
}

// eventsOf runs go test -json on a package of this body.
func eventsOf(t *testing.T, body string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example/a\n\ngo 1.26\n")
	write("a.go", "package a\n")
	if body != "" {
		write("a_test.go", "package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"testing\"\n)\n\nvar _, _ = fmt.Println, os.Exit\n\n"+body+"\n")
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-json", "-vet=off", "-count=1", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

func TestReportOfBrokenRuns(t *testing.T) {
	for _, c := range []struct{ name, events, closing, want string }{
		{"nothing", "", "0 passed, 1 failed, 0 skipped", "no package"},
		{"go's own words", "go: no such module\n", "0 passed, 1 failed, 0 skipped", "go: no such module"},
		{"cut off", `{"Action":"run","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestA"}`,
			"1 passed, 1 failed, 0 skipped", "ended before the package did"},
		{"a test cut off", `{"Action":"run","Package":"p","Test":"TestA"}` + "\n", "0 passed, 1 failed, 0 skipped", "did not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			ok, err := run(nil, strings.NewReader(c.events), &out)
			if err != nil || ok {
				t.Errorf("ok %v, error %v", ok, err)
			}
			if !strings.HasSuffix(out.String(), "\n"+c.closing+"\n") || !strings.Contains(out.String(), c.want) {
				t.Errorf("want %q and %q in\n%s", c.want, c.closing, out.String())
			}
		})
	}
}

// A package that the race detector's own assertion has ended counts as it runs
// again, and has failed if it does not, or if a test had failed before.
func TestReportOfADeadDetector(t *testing.T) {
	const (
		started = `{"Action":"run","Package":"p","Test":"TestA"}` + "\n"
		died    = started + `{"Action":"output","Package":"p","Test":"TestA","Output":"ThreadSanitizer: CHECK failed: tsan_rtl.cpp:346\n"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n"
		passed  = started + `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}` + "\n"
		wrong   = `{"Action":"run","Package":"p","Test":"TestB"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestB"}` + "\n"
	)
	for _, c := range []struct {
		name, events, closing string
		ok                    bool
	}{
		{"once", died + passed, "1 passed, 0 failed, 0 skipped", true},
		{"twice", died + died, "0 passed, 1 failed, 0 skipped", false},
		{"not run again", died, "0 passed, 1 failed, 0 skipped", false},
		{"behind a failure", wrong + died + passed, "1 passed, 2 failed, 0 skipped", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			ok, err := run(nil, strings.NewReader(c.events), &out)
			if err != nil || ok != c.ok || !strings.HasSuffix(out.String(), "\n"+c.closing+"\n") {
				t.Errorf("ok %v, error %v, want %q in\n%s", ok, err, c.closing, out.String())
			}
		})
	}
}

func TestReportOfBrokenInput(t *testing.T) {
	cause := errors.New("the cause")
	if _, err := run(nil, iotest.ErrReader(cause), &strings.Builder{}); !errors.Is(err, cause) {
		t.Errorf("error %v, want %v", err, cause)
	}
	if _, err := run([]string{"more"}, strings.NewReader(""), &strings.Builder{}); err == nil {
		t.Error("an argument was accepted")
	}
}

package preset

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

var wanted = []string{"chatwoot", "crm", "intercom", "respond-io", "saleshiker", "salesmsg"}

var (
	caseID   = regexp.MustCompile(`^K[1-9][0-9]{0,2}$`)
	sourceID = regexp.MustCompile(`^S[1-5]\.[1-9][0-9]?$`)
)

// Every preset has settings without slips once its names are filled in, says what it
// is, and names requirements and cases.
func TestPresetsAreRight(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
		files, err := p.Fill(Names{Team: "t", Inboxes: []string{"i", "j"}, Members: "a, group:g", Admin: "boss"})
		if err != nil || len(files.Things) != 3 {
			t.Fatalf("%s: %v, %d things", p.Name, err, len(files.Things))
		}
		for _, thing := range files.Things {
			for _, slip := range thing.Noun.Check(thing.Doc) {
				t.Errorf("%s: %s %s: %v", p.Name, thing.Noun.Name, thing.ID, slip)
			}
			raw, _ := json.Marshal(thing.Doc)
			for _, word := range []string{teamWord, inboxWord, membersWord, adminWord} {
				if strings.Contains(string(raw), `"`+word+`"`) {
					t.Errorf("%s: %s is left in %s", p.Name, word, raw)
				}
			}
		}
		if p.Title == "" || p.Description == "" || len(p.Sources) == 0 || len(p.Cases) == 0 {
			t.Errorf("%s does not say what it is: %+v", p.Name, p)
		}
		for _, id := range p.Sources {
			if !sourceID.MatchString(id) {
				t.Errorf("%s: %q is no requirement", p.Name, id)
			}
		}
		for id, says := range p.Cases {
			if !caseID.MatchString(id) || says == "" {
				t.Errorf("%s: %q is no case, or is not told", p.Name, id)
			}
			if _, err := os.Stat("../conformance/cases/" + id + ".txt"); err != nil {
				t.Errorf("%s names case %s: %v", p.Name, id, err)
			}
		}
	}
	if !slices.Equal(names, wanted) {
		t.Errorf("there are %v", names)
	}
}

// All presets speak of the same settings, so that nothing of one stays behind when
// another is applied over it.
func TestPresetsSpeakOfTheSame(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, p := range all {
		files, err := p.Fill(Names{Team: "t", Inboxes: []string{"i"}, Members: "a", Admin: "boss"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, thing := range files.Things {
			for field, value := range thing.Doc {
				got = append(got, thing.Noun.Name+" "+field)
				if settings, ok := value.(cli.Doc); ok {
					for setting := range settings {
						got = append(got, thing.Noun.Name+" "+field+"."+setting)
					}
				}
			}
		}
		slices.Sort(got)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) < 10 {
			t.Errorf("%s speaks of other settings than %s: %s", p.Name, all[0].Name, diff)
		}
	}
}

// Without --members a team keeps those it has: nothing is said of them.
func TestMembersAreLeftOut(t *testing.T) {
	p, err := Named("saleshiker")
	if err != nil {
		t.Fatal(err)
	}
	files, err := p.Fill(Names{Team: "t", Admin: "boss"})
	if err != nil {
		t.Fatal(err)
	}
	want := cli.Doc{"when_away": "keep", "rotation": cli.Doc{"strategy": "round_robin", "order": "list", "per": "inbox", "assign_to": "available",
		"on_return": "wait_turn", "fallback": cli.Doc{"to": "agent", "agent": "boss"}}}
	if diff := cmp.Diff(want, files.Things[0].Doc); diff != "" || len(files.Things) != 1 {
		t.Errorf("%d things, %s", len(files.Things), diff)
	}
}

// run runs `rondo preset` on a cluster that has nothing and keeps what is put.
func run(t *testing.T, args ...string) (string, []string, error) {
	t.Helper()
	t.Setenv(cli.ServersEnv, "")
	var puts []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":"not_found"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		puts = append(puts, r.Method+" "+r.URL.Path+" "+string(body))
		_, _ = io.WriteString(w, `{}`)
	}))
	defer s.Close()
	root := &cobra.Command{Use: "rondo", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(Command([]string{s.URL}))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"preset"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), puts, err
}

func TestApplySendsTheSettings(t *testing.T) {
	out, puts, err := run(t, "apply", "saleshiker", "--team", "sales", "--inbox", "wa1", "--inbox", "wa2", "--members", "ana,group:night", "--admin", "boss")
	inbox := `{"assignment":{"mode":"rotation","team":"sales","when_owner_absent":"keep"},"name":"wa`
	want := []string{
		`PUT /v1/teams/sales {"members":[{"agent":"ana"},{"group":"night"}],"name":"sales","rotation":{"fallback":{"agent":"boss","to":"agent"},"order":"list","per":"inbox"}}`,
		"PUT /v1/inboxes/wa1 " + inbox + `1"}`, "PUT /v1/inboxes/wa2 " + inbox + `2"}`,
	}
	if err != nil || !slices.Equal(puts, want) {
		t.Errorf("%v\n%s\nwant\n%s\n%s", err, strings.Join(puts, "\n"), strings.Join(want, "\n"), out)
	}
}

func TestApplyRefusesWhatIsMissing(t *testing.T) {
	for args, says := range map[string]string{
		"apply nobody --team t":               `there is no preset "nobody"; there are chatwoot, crm`,
		"apply crm":                           "name the team with --team",
		"apply saleshiker --team t":           "name one with --admin",
		"apply crm --team t --admin a":        "leave --admin out",
		"show crmm":                           "there is no preset",
		"list -o xml":                         "--output is",
		"apply crm --team t --dry-run --bare": "unknown flag: --bare",
	} {
		_, puts, err := run(t, strings.Fields(args)...)
		if code, _ := cli.ExitCode(err); err == nil || code != cli.ExitUsage || len(puts) != 0 || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: code %d, %v, want %q", args, code, err, says)
		}
	}
}

func TestShowAndList(t *testing.T) {
	out, _, err := run(t, "show", "saleshiker")
	if err != nil || !strings.Contains(out, "        fallback: {to: agent, agent: ADMIN}\n") || !strings.Contains(out, "  K10   with nobody Available the Admin gets it") ||
		!strings.Contains(out, "--case K7,K8,K9,K10,K11,K12,K103)") {
		t.Errorf("%v\n%s", err, out)
	}
	out, _, err = run(t, "show", "crm", "-o", "json")
	var shown struct {
		Name  string
		Cases map[string]string
		Teams map[string]any
	}
	if err != nil || json.Unmarshal([]byte(out), &shown) != nil || shown.Name != "crm" || shown.Cases["K18"] == "" || shown.Teams["TEAM"] == nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, _, err := run(t, "list", "-o", "name"); err != nil || out != strings.Join(wanted, "\n")+"\n" {
		t.Errorf("%v %q", err, out)
	}
}

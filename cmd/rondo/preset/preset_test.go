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
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

var wanted = []string{"chatwoot", "crm", "intercom", "respond-io", "saleshiker", "salesmsg"}

var (
	caseID   = regexp.MustCompile(`^(K[1-9][0-9]{0,2}|S[1-5]\.[1-9][0-9]?)$`)
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
		files, err := p.Fill(Names{Team: "t", Inboxes: []string{"i", "j"}, Members: "a, group:g", Admin: "boss", Set: chosen[p.Name]})
		things := slices.DeleteFunc(files.Things, func(thing manifest.Thing) bool { return thing.IfThere })
		if err != nil || len(things) != 3+rulesOf(p, 2) {
			t.Fatalf("%s: %v, %d things", p.Name, err, len(things))
		}
		for _, thing := range things {
			for _, slip := range thing.Noun.Check(thing.Doc) {
				t.Errorf("%s: %s %s: %v", p.Name, thing.Noun.Name, thing.ID, slip)
			}
			raw, _ := json.Marshal(thing.Doc)
			for _, word := range []string{teamWord, inboxWord, membersWord, adminWord} {
				if strings.Contains(string(raw), `"`+word+`"`) || strings.Contains(string(raw), `"$`) {
					t.Errorf("%s: %s is left in %s", p.Name, word, raw)
				}
			}
		}
		for _, parameter := range p.Parameters {
			if parameter.About == "" || !strings.Contains(p.text, "$"+parameter.Name) {
				t.Errorf("%s: parameter %+v is not told, or not used", p.Name, parameter)
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

// chosen is what stands for the parameters that have no default.
var chosen = map[string]map[string]string{
	"chatwoot":   {"max_open": "5"},
	"intercom":   {"max_open": "20", "strategy": "least_open"},
	"respond-io": {"transfer_seconds": "600", "fewer_than": "5", "message": "{{agent.name}} is with you", "schedule": "office"},
	"crm": {"field": "manager", "agent": "ann", "sources": "ads=t", "regions": "US-TX=t,US-NY=t", "schedule": "office",
		"tag": "hot", "form": "landing"},
}

// rulesOf counts the rules of a preset with so many inboxes.
func rulesOf(p Preset, inboxes int) (n int) {
	for _, ruling := range p.Rules {
		if n++; strings.HasPrefix(ruling.ID, inboxWord) {
			n += inboxes - 1
		}
	}
	return n
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
			if thing.Noun == noun.Rule {
				continue // others are paused
			}
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
	want := cli.Doc{"when_away": "keep", "unassign_on_close": false, "assignment_message": nil, "escalations": []any{}, "capacity": cli.Doc{"open": nil}, "rate": cli.Doc{"limit": nil, "window_seconds": nil},
		"rotation": cli.Doc{"strategy": "round_robin", "least_open_by": "overall", "order": "list", "per": "inbox", "assign_to": "available",
			"on_return": "wait_turn", "offer_seconds": json.Number("0"), "offer_pause_seconds": json.Number("60"), "fallback": cli.Doc{"to": "agent", "agent": "boss"}}}
	if diff := cmp.Diff(want, files.Things[0].Doc); diff != "" || files.Things[1].Noun != noun.Rule {
		t.Errorf("%+v, %s", files.Things, diff)
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
		"apply nobody --team t":        `there is no preset "nobody"; there are chatwoot, crm`,
		"apply crm":                    "name the team with --team",
		"apply saleshiker --team t":    "name one with --admin",
		"apply crm --team t --admin a": "leave --admin out",
		"apply saleshiker --team t --admin a --set max_open=3":                                `preset saleshiker has no parameter "max_open"; it has assign_to`,
		"apply salesmsg --team t --set max_open=3":                                            "preset salesmsg has no parameters",
		"apply chatwoot --team t --set max_open=few --inbox i":                                `--set max_open is "few": use a whole number`,
		"apply chatwoot --team t --set strategy=fast":                                         "rotation.strategy of the team: is fast: use round_robin",
		"apply crm --team t --set tag":                                                        "write it as max_open=5",
		"apply crm --team t --set tag=a --set tag=b":                                          `gives "tag" twice`,
		"apply crm --team t --inbox i --set sources=ads":                                      "--set sources, for the template by-source: ",
		"apply respond-io --team t --set transfer_seconds=soon":                               `--set transfer_seconds is "no_reply soon next first": write "WHEN SECONDS DO"`,
		"apply respond-io --team t --set assignment=vip2":                                     "there is no such template",
		"apply respond-io --team t --inbox i --set assignment=round-robin --set fewer_than=3": "template round-robin has no such parameter",
		"apply intercom --team " + strings.Repeat("t", 60):                                    "use shorter ids",
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
		!strings.Contains(out, "(rondo conformance --preset saleshiker)") {
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

package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// A fake keeps things as a cluster would: GET gives back what was PUT, with a
// revision, and If-Match is obeyed. It knows no defaults and judges nothing, unless
// refuse says so.
type fake struct {
	things map[string]cli.Doc // by path
	seq    int
	writes []string
	refuse map[string]string // code by path
	url    string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if r.Method == http.MethodPost {
		f.act(w, r)
		return
	}
	doc, there := f.things[path]
	say := func(status int, body any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	if r.Method != http.MethodGet {
		f.writes = append(f.writes, r.Method+" "+r.URL.RequestURI())
		match := r.Header.Get("If-Match")
		switch {
		case f.refuse[path] != "":
			say(http.StatusConflict, cli.Doc{"code": f.refuse[path], "title": "Refused", "detail": "so it is"})
			return
		case there && match != fmt.Sprintf(`"%v"`, doc["revision"]), !there && r.Header.Get("If-None-Match") != "*":
			say(http.StatusPreconditionFailed, cli.Doc{"code": "revision_mismatch", "title": "It is not what you have seen"})
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && strings.Count(path, "/") == 2:
		items := []cli.Doc{}
		for _, p := range f.paths() {
			if strings.HasPrefix(p, path+"/") {
				items = append(items, f.things[p])
			}
		}
		say(200, cli.Doc{"items": items, "next_page_token": nil})
	case r.Method == http.MethodGet && !there:
		say(404, cli.Doc{"code": "not_found", "title": "Not found"})
	case r.Method == http.MethodGet:
		say(200, doc)
	case r.Method == http.MethodDelete:
		delete(f.things, path)
		w.WriteHeader(http.StatusNoContent)
	default:
		var body cli.Doc
		_ = json.NewDecoder(r.Body).Decode(&body)
		f.seq++
		withNulls(body["members"])
		body["id"], body["revision"] = path[strings.LastIndex(path, "/")+1:], f.seq
		ruled(path, doc, body)
		f.things[path] = body
		say(200, body)
	}
}

// withNulls shows both fields of each member, as a cluster does.
func withNulls(members any) {
	list, _ := members.([]any)
	for _, item := range list {
		for _, name := range []string{"agent", "group"} {
			if entry := item.(cli.Doc); entry[name] == nil {
				entry[name] = nil
			}
		}
	}
}

func (f *fake) paths() []string {
	var paths []string
	for p := range f.things {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// start returns a fake and how to run a command line on it.
func start(t *testing.T) (*fake, func(stdin string, args ...string) (string, error)) {
	t.Helper()
	t.Setenv(cli.ServersEnv, "")
	f := &fake{things: map[string]cli.Doc{}, refuse: map[string]string{}}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f, func(stdin string, args ...string) (string, error) {
		root := &cobra.Command{Use: "rondo", SilenceUsage: true, SilenceErrors: true}
		root.AddCommand(Commands([]string{s.URL})...)
		var out bytes.Buffer
		root.SetIn(io.Reader(strings.NewReader(stdin)))
		root.SetOut(&out)
		root.SetErr(&out)
		root.SetArgs(args)
		f.writes = nil
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
}

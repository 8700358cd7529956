package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/client run client commands against one real cluster of
// three nodes, whose addresses are in $RONDO_SERVERS. They share it and run at once,
// so each uses names of its own. Beyond the commands of TestScript they have
//
//	grab NAME               puts what the last command has said into $NAME
func TestClientScripts(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	var addresses []string
	for _, n := range c.nodes {
		addresses = append(addresses, n.url)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/client",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(rondo)+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv("RONDO_SERVERS", strings.Join(addresses, ","))
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "grab": grab},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// grab puts what the last command has said into a variable: an id, say.
func grab(ts *testscript.TestScript, neg bool, args []string) {
	said := strings.TrimSpace(ts.ReadFile("stdout"))
	if neg || len(args) != 1 || said == "" || strings.ContainsAny(said, " \n") {
		ts.Fatalf("usage: grab NAME, behind a command that says one word; it said %q", said)
	}
	ts.Setenv(args[0], said)
}

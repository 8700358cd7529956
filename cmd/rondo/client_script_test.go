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
// so each uses names of its own.
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
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

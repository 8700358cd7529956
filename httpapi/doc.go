// Package httpapi is the HTTP API of a node: routes in, commands to the cluster,
// JSON views of the state out.
//
// It decides nothing. Package fsm judges every command and says who gets what;
// the cluster, behind the small interface declared here, puts commands in order
// and says how new a view is. It knows no Raft, stores nothing, and has no state
// but its limits. Listening, TLS and timeouts of connections belong to cmd.
//
// Read api.go first (what it needs and what it gives), then routes.go (the one
// table of routes), serve.go (what happens to every request), write.go and
// read.go (what the two kinds of routes share), wait.go (reads that wait), etag.go
// (changes that depend on what was seen), patch.go (changes of single fields),
// operation.go (what became of a call),
// events.go (what happens, while it happens), operate.go, cluster_members.go and
// snapshot.go (for operators), presence.go, heartbeat.go, renewer.go, summary.go and
// passed_over.go (who is there, what she missed, and why others were picked), lanes.go and spare.go (how much at once), decode.go, scan.go and lex.go
// (strict JSON), key.go (at most once), list.go (pages), problem.go and
// refusals.go (every answer that is a no), warnings.go, explain.go (the same in plain
// words), preview.go (what would be), offers.go (what somebody is asked to take), lint_rule.go and rule_templates.go (rules before they
// are in force), revisions.go (what was), and the render_*.go files (what things
// look like outside). The transcripts in testdata are the API by example, and
// openapi.yaml is the API for programs: openapi.go says what it is made from, and
// openapi_operations_test.go is the table to which a new route is added.
package httpapi

// Package cli is what the client commands of rondo have in common: which nodes
// they speak to and in whose name, how an answer is shown (a table for people,
// JSON, YAML or names for programs), which exit code an error has, and where the
// shell gets its completions from.
//
// It knows no nouns and no commands; packages nouncmd, manifest and preset bring
// those. It does not end the process: package main does, with ExitCode.
//
// Read options.go first, then exit.go, document.go (answers that keep their order),
// printer.go and table.go, wait.go, complete.go.
package cli

// Package manifest is `rondo apply` and `rondo export`: the configuration of a
// cluster as YAML files, which people can review, keep and bring back.
//
// A file names things by noun and id, in the shapes of PUT. What a file does not
// name stays as it is. The package compares, shows the differences and sends only
// those, each over the revision that was seen; it judges names and limits no more
// than package noun does, and it is no transaction: a failure in the middle leaves
// done what was done, and says so.
//
// Read parse.go first (files), then plan.go (what differs), carry.go (doing it),
// show.go, command.go, export.go.
package manifest

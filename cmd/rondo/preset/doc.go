// Package preset is `rondo preset`: what five products and one open source peer let
// their users do, as settings of a team and its inboxes. A preset is data, a file in
// presets/ in the shapes of rondo apply, with placeholders for names, and says which
// conformance cases its settings pass. Its rules are templates, filled in.
//
// It is applied by package manifest, like any file: settings that a preset does not
// name stay as they are, and nothing remembers that a preset was used.
//
// Read preset.go first (what stands in files), then fill.go and rules.go
// (what becomes of it), command.go and tell.go.
package preset

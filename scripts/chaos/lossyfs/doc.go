// Package lossyfs is a disk that loses what was not synced: a loopback file
// system (FUSE) over a backing directory, with the bytes and the names as they
// were before each change, until fsync says that the change must last.
//
// When the power is cut, everything that was not synced is rolled back: written
// bytes until the file is synced; created, renamed, removed and made names until
// their directory is synced. A cut may also be torn: then a random part of the
// sectors that were not synced did reach the disk, and a random first part of the
// names. The layer can also be slow, full, or hang.
//
// It does not model a disk that lies (a sync always lasts) or decays, and knows
// no links, devices or extended attributes. It must run in a process of its own:
// a database that maps a file into its memory and serves the pages itself, too,
// stops for ever.
//
// Read journal.go first (what is undone), then names.go and fs.go (which calls
// come in), faults.go, server.go and client.go (how a test says what happens).
package lossyfs

// Package archive is a snapshot of the state as a stream of bytes: in a file of
// Raft's, on its way to another node, or saved by an operator.
//
// A stream is a header that can be read without the rest (format, cluster,
// index, time), the state compressed, and a SHA-256 over all of it; inside the
// compression stands the state's own SHA-256. Whoever copies a stream checks the
// outer sum without unpacking; whoever restores it checks both.
//
// It does NOT know where streams are kept, and decides nothing about them.
//
// Read header.go first, then write.go and read.go (the way in and out) and
// chunks.go (how the end of a stream is told from the loss of its rest).
package archive

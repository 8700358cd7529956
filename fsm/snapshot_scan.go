package fsm

import (
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// A TableSize says how much of a snapshot one table takes.
type TableSize struct {
	Name  string
	Rows  uint64
	Bytes uint64 // of its rows, before compression
}

// lastTable ends a snapshot; see WriteSnapshot.
const lastTable = "records"

// ScanSnapshot reads a snapshot to its end and verifies its checksum, without
// building the state: it holds one row at a time. It says what is in it, table by
// table, in their order. Errors are those of ReadSnapshot.
func ScanSnapshot(r io.Reader) (Meta, []TableSize, error) {
	in := newSnapshotReader(r)
	header, err := in.header()
	if err != nil {
		return Meta{}, nil, err
	}
	var sizes []TableSize
	for done := false; !done; {
		var t snapshotTable
		in.get(&t)
		before := in.hashed
		for range t.Rows {
			var row cbor.RawMessage
			if in.get(&row); in.err != nil {
				break
			}
		}
		if in.err != nil {
			return header.Meta, sizes, in.failed(t.Name)
		}
		sizes = append(sizes, TableSize{t.Name, t.Rows, uint64(in.hashed - before)})
		done = t.Name == lastTable
	}
	if err := in.verify(); err != nil {
		return header.Meta, sizes, fmt.Errorf("scan snapshot: %w", err)
	}
	return header.Meta, sizes, nil
}

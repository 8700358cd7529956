package snapshot

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/fsm"
)

type inspectOptions struct {
	verify bool
	form   string // text or json
}

// A description is `inspect -o json`. Its names are part of the product.
type description struct {
	File      string             `json:"file"`
	Bytes     int64              `json:"bytes"`
	Format    uint32             `json:"format"` // 0: from before snapshots had a header
	ClusterID string             `json:"cluster_id"`
	Semantics uint32             `json:"semantics"`
	Chain     string             `json:"chain"`
	Tables    []tableDescription `json:"tables"`
	Restored  bool               `json:"restored"` // --verify: it was, in memory

	position
}

// A position is the moment that a snapshot shows.
type position struct {
	Index uint64 `json:"index"`
	Term  uint64 `json:"term"`
	Seq   uint64 `json:"seq"`
	Time  string `json:"time"`
}

type tableDescription struct {
	Name  string `json:"name"`
	Rows  uint64 `json:"rows"`
	Bytes uint64 `json:"bytes"`
}

func inspect(path string, o inspectOptions, out io.Writer) error {
	if o.form != "text" && o.form != "json" {
		return fmt.Errorf("--output is %q: use text or json", o.form)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open snapshot: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open snapshot: %w", err)
	}
	h, sizes, err := archive.Check(f)
	if err != nil {
		return fmt.Errorf("%s: %w; take another copy of it, or an older snapshot", path, err)
	}
	if o.verify {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read snapshot again: %w", err)
		}
		if _, err := archive.Read(f); err != nil {
			return fmt.Errorf("%s: its checksums are right, and it cannot be restored: %w", path, err)
		}
	}
	if o.form == "json" {
		return writeJSON(out, path, info.Size(), h, sizes, o.verify)
	}
	describe(out, h, sizes, info.Size())
	verified := "checksums are right"
	if o.verify {
		verified += ", and everything could be restored"
	}
	_, err = fmt.Fprintf(out, "verified       %s\n", verified)
	return err
}

func writeJSON(out io.Writer, path string, bytes int64, h archive.Header, sizes []fsm.TableSize, restored bool) error {
	d := description{
		File: path, Bytes: bytes, Format: h.Format, ClusterID: h.ClusterID, Semantics: h.Semantics,
		Chain: h.ChainText(), Tables: []tableDescription{}, Restored: restored,
		position: position{h.Index, h.Term, h.Seq, timeOf(h)},
	}
	for _, s := range sizes {
		d.Tables = append(d.Tables, tableDescription(s))
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

func timeOf(h archive.Header) string {
	return time.UnixMilli(h.TimeMs).UTC().Format("2006-01-02T15:04:05.000Z")
}

// describe writes a header for people.
func describe(out io.Writer, h archive.Header, sizes []fsm.TableSize, bytes int64) {
	format := fmt.Sprint(h.Format)
	if h.Format == 0 {
		format = "0 (from before snapshots had a header)"
	}
	fmt.Fprintf(out, "format         %s\ncluster        %s\nindex          %d\nterm           %d\ntime           %s\nsemantics      %d\nchain          %s\nsize           %s (%d bytes)\n",
		format, h.ClusterID, h.Index, h.Term, timeOf(h), h.Semantics, h.ChainText(), size(bytes), bytes)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "table\trows\tunpacked\t")
	for _, s := range sizes {
		fmt.Fprintf(w, "%s\t%d\t%s\t\n", s.Name, s.Rows, size(int64(s.Bytes)))
	}
	_ = w.Flush() // to a terminal or a buffer
}

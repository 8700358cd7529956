package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// The files of a run's directory.
const (
	configFile = "run.json"
	endFile    = "end.json"
	opsFile    = "ops.ndjson"
	faultsFile = "faults.ndjson"
	exitsFile  = "exits.ndjson"
	termsFile  = "terms.ndjson"
	watchFiles = "watch-*.ndjson"
	dumpDir    = "nodes"
)

// A Writer writes a run down while it goes on. Its methods may be called from any
// goroutine; the first error is kept and returned by Close.
type Writer struct {
	dir   string
	mu    sync.Mutex
	files map[string]*lines
	err   error
}

type lines struct {
	file   *os.File
	buffer *bufio.Writer
}

// NewWriter begins a run in a directory that exists.
func NewWriter(dir string) *Writer { return &Writer{dir: dir, files: map[string]*lines{}} }

// Config writes what was asked for. It may be called again.
func (w *Writer) Config(c Config) { w.whole(configFile, c) }

// End writes how it ended.
func (w *Writer) End(e End) { w.whole(endFile, e) }

// Op adds an operation that has ended.
func (w *Writer) Op(o Op) { w.line(opsFile, o) }

// Fault adds a fault that has been healed.
func (w *Writer) Fault(f Fault) { w.line(faultsFile, f) }

// Exit adds a server that ended by itself.
func (w *Writer) Exit(e Exit) { w.line(exitsFile, e) }

// Term adds a term that was seen for the first time.
func (w *Writer) Term(t Term) { w.line(termsFile, t) }

// Event adds what the watcher of a node saw.
func (w *Writer) Event(node string, e Event) { w.line(strings.Replace(watchFiles, "*", node, 1), e) }

// Dump writes what a node had at the end.
func (w *Writer) Dump(node string, d Dump) {
	dir := filepath.Join(w.dir, dumpDir, node)
	err := os.MkdirAll(dir, 0o755)
	for name, part := range d.parts() {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), append(bytes.Join(*part, []byte("\n")), '\n'), 0o644)
		}
	}
	w.keep(err)
}

func (d *Dump) parts() map[string]*[][]byte {
	return map[string]*[][]byte{
		"decisions.ndjson": &d.Decisions, "conversations.ndjson": &d.Conversations, "agents.ndjson": &d.Agents,
		"rotations.ndjson": &d.Teams, "events.ndjson": &d.Events,
	}
}

func (w *Writer) whole(name string, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, name), append(data, '\n'), 0o644)
	}
	w.keep(err)
}

func (w *Writer) line(name string, v any) {
	data, err := json.Marshal(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	to := w.files[name]
	if to == nil && err == nil {
		var file *os.File
		if file, err = os.Create(filepath.Join(w.dir, name)); err == nil {
			to = &lines{file, bufio.NewWriter(file)}
			w.files[name] = to
		}
	}
	if err == nil {
		_, err = to.buffer.Write(append(data, '\n'))
	}
	w.err = errors.Join(w.err, err)
}

func (w *Writer) keep(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = errors.Join(w.err, err)
}

// Close ends the files and returns what went wrong with any of them.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, to := range w.files {
		w.err = errors.Join(w.err, to.buffer.Flush(), to.file.Close())
	}
	w.files = map[string]*lines{}
	if w.err != nil {
		return fmt.Errorf("write the history: %w", w.err)
	}
	return nil
}

// Load reads a run from its directory.
func Load(dir string) (*Run, error) {
	run := &Run{Watches: map[string][]Event{}, Nodes: map[string]Dump{}}
	err := errors.Join(readWhole(dir, configFile, &run.Config), readWhole(dir, endFile, &run.End),
		readLines(filepath.Join(dir, opsFile), &run.Ops), readLines(filepath.Join(dir, faultsFile), &run.Faults),
		readLines(filepath.Join(dir, exitsFile), &run.Exits), readLines(filepath.Join(dir, termsFile), &run.Terms))
	watches, _ := filepath.Glob(filepath.Join(dir, watchFiles))
	for _, path := range watches {
		node := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "watch-"), ".ndjson")
		var events []Event
		err = errors.Join(err, readLines(path, &events))
		run.Watches[node] = events
	}
	nodes, _ := filepath.Glob(filepath.Join(dir, dumpDir, "*"))
	for _, path := range nodes {
		var d Dump
		for name, part := range d.parts() {
			data, e := os.ReadFile(filepath.Join(path, name))
			err = errors.Join(err, e)
			if data = bytes.TrimSpace(data); len(data) > 0 {
				*part = bytes.Split(data, []byte("\n"))
			}
		}
		run.Nodes[filepath.Base(path)] = d
	}
	if err != nil {
		return nil, fmt.Errorf("read the history in %s: %w", dir, err)
	}
	return run, nil
}

func readWhole(dir, name string, into any) error {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// readLines reads a file of lines; there is none if there was nothing to write.
func readLines[T any](path string, into *[]T) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	for in := json.NewDecoder(bufio.NewReader(file)); in.More(); {
		var v T
		if err := in.Decode(&v); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		*into = append(*into, v)
	}
	return nil
}

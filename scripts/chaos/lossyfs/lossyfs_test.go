package lossyfs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/rondohq/rondo/cluster/storage"
)

// The test binary is also the process that serves a disk, and the programs that
// work on it: all three must be apart.
func TestMain(m *testing.M) {
	role, dir := os.Getenv("LOSSYFS_ROLE"), os.Getenv("LOSSYFS_DIR")
	var err error
	switch role {
	case "":
		os.Exit(m.Run())
	case "disk":
		err = Serve(pathsIn(dir), os.Stdin, os.Stdout)
	default:
		err = programs[role](filepath.Join(dir, "mount"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func pathsIn(dir string) Paths {
	return Paths{filepath.Join(dir, "backing"), filepath.Join(dir, "limbo"), filepath.Join(dir, "mount"), filepath.Join(dir, "control")}
}

func command(role, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOSSYFS_ROLE="+role, "LOSSYFS_DIR="+dir)
	return cmd
}

// serve runs a disk until the returned function or the test ends.
func serve(t *testing.T, dir string) (*Client, func()) {
	t.Helper()
	if os.Getuid() != 0 {
		skip(t, "root is needed to mount a disk")
	}
	if _, err := os.Stat("/dev/fuse"); err != nil {
		skip(t, "/dev/fuse is needed: "+err.Error())
	}
	cmd := command("disk", dir)
	cmd.Stderr = os.Stderr
	alive, err := cmd.StdinPipe()
	must(t, err)
	said, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	ended := false
	end := func() {
		if !ended {
			ended = true
			_ = alive.Close()
			if err := cmd.Wait(); err != nil {
				t.Errorf("the disk: %v", err)
			}
		}
	}
	t.Cleanup(end)
	if line, err := bufio.NewReader(said).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the disk said %q: %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	c, err := Dial(pathsIn(dir).Control)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c, end
}

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("RONDO_TEST_STRICT") == "1" {
		t.Fatal("not skipped under RONDO_TEST_STRICT=1: " + why)
	}
	t.Skip(why)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, role, dir string) {
	t.Helper()
	if out, err := command(role, dir).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", role, err, out)
	}
}

// programs work on a disk, in processes of their own.
var programs = map[string]func(mount string) error{
	"synced":   func(mount string) error { return writeFile(mount, true) },
	"unsynced": func(mount string) error { return writeFile(mount, false) },
	"overwrite": func(mount string) error {
		f, err := os.OpenFile(filepath.Join(mount, "file"), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if _, err := f.WriteAt(bytes.Repeat([]byte("b"), 10*sectorBytes), 0); err != nil {
			return err
		}
		return f.Truncate(3)
	},
	"names": func(mount string) error {
		return errors.Join(
			os.Rename(filepath.Join(mount, "file"), filepath.Join(mount, "renamed")),
			os.WriteFile(filepath.Join(mount, "renamed.2"), []byte("x"), 0o600),
			os.Rename(filepath.Join(mount, "renamed.2"), filepath.Join(mount, "renamed")),
			os.Remove(filepath.Join(mount, "renamed")),
			os.MkdirAll(filepath.Join(mount, "a", "b"), 0o700),
			os.WriteFile(filepath.Join(mount, "a", "b", "c"), []byte("x"), 0o600))
	},
	"bolt":        func(mount string) error { return commit(mount, false) },
	"bolt-nosync": func(mount string) error { return commit(mount, true) },
	"bolt-check": func(mount string) error {
		db, err := bbolt.Open(filepath.Join(mount, "db"), 0o600, nil)
		if err != nil {
			return err
		}
		return db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				return err
			}
			if b := tx.Bucket([]byte("b")); b == nil || b.Stats().KeyN != commits {
				return errors.New("commits are missing")
			}
			return nil
		})
	},
	"node": func(mount string) error {
		_, err := storage.Open(filepath.Join(mount, "var", "rondo"), storage.Options{NodeID: "n1"})
		return err // never closed, as by kill -9
	},
	"small": func(mount string) error {
		f, err := os.Create(filepath.Join(mount, "small"))
		if err != nil {
			return err
		}
		_, err = f.WriteString("x")
		return errors.Join(err, f.Sync(), f.Close())
	},
}

const commits = 50

func writeFile(mount string, sync bool) error {
	f, err := os.Create(filepath.Join(mount, "file"))
	if err != nil {
		return err
	}
	if _, err := f.Write(bytes.Repeat([]byte("a"), 10*sectorBytes)); err != nil || !sync {
		return err
	}
	return errors.Join(f.Sync(), syncDir(mount))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func commit(mount string, noSync bool) error {
	db, err := bbolt.Open(filepath.Join(mount, "db"), 0o600, &bbolt.Options{NoSync: noSync})
	if err != nil {
		return err
	}
	if err := syncDir(mount); err != nil {
		return err
	}
	for i := range commits {
		if err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			if err != nil {
				return err
			}
			return b.Put(fmt.Appendf(nil, "%d", i), bytes.Repeat([]byte("v"), 100))
		}); err != nil {
			return err
		}
	}
	return nil // and never closed, as by kill -9
}

// TestSyncDecides: a program without fsync loses its data, one with fsync does
// not; nothing is lost without a cut.
func TestSyncDecides(t *testing.T) {
	for _, test := range []struct {
		program   string
		cut, left bool
	}{{"synced", true, true}, {"unsynced", true, false}, {"unsynced", false, true}} {
		t.Run(fmt.Sprintf("%s, cut %v", test.program, test.cut), func(t *testing.T) {
			dir := t.TempDir()
			disk, end := serve(t, dir)
			run(t, test.program, dir)
			if test.cut {
				_, err := disk.Cut(1, false)
				must(t, err)
			}
			end()
			data, err := os.ReadFile(filepath.Join(dir, "backing", "file"))
			if left := err == nil && len(data) == 10*sectorBytes; left != test.left {
				t.Errorf("left %v (%d bytes, %v), want %v", left, len(data), err, test.left)
			}
		})
	}
}

// TestOverwritten: what an unsynced write or truncation covered comes back, and a
// torn cut leaves a mixture of whole sectors.
func TestOverwritten(t *testing.T) {
	for _, torn := range []bool{false, true} {
		dir := t.TempDir()
		disk, end := serve(t, dir)
		run(t, "synced", dir)
		run(t, "overwrite", dir)
		counts, err := disk.Cut(7, torn)
		must(t, err)
		end()
		if counts.Dropped == 0 || counts.Syncs == 0 {
			t.Errorf("counted %+v", counts)
		}
		data, err := os.ReadFile(filepath.Join(dir, "backing", "file"))
		must(t, err)
		if len(data) != 10*sectorBytes {
			t.Fatalf("%d bytes are left", len(data))
		}
		if text := strings.Count(string(data), "a"); text != len(data) && !torn {
			t.Errorf("%d of %d bytes are as they were", text, len(data))
		}
	}
}

// TestNames: names that were not synced are as they were.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	disk, end := serve(t, dir)
	run(t, "synced", dir)
	run(t, "names", dir)
	if left := list(t, filepath.Join(dir, "backing")); left != "a a/b a/b/c" {
		t.Fatalf("before the cut: %q", left)
	}
	_, err := disk.Cut(1, false)
	must(t, err)
	end()
	if left := list(t, filepath.Join(dir, "backing")); left != "file" {
		t.Errorf("after the cut: %q", left)
	}
	data, err := os.ReadFile(filepath.Join(dir, "backing", "file"))
	if must(t, err); len(data) != 10*sectorBytes || data[0] != 'a' {
		t.Errorf("the file came back with %d bytes of something else", len(data))
	}
}

func list(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
		if path != "." {
			names = append(names, path)
		}
		return err
	}))
	return strings.Join(names, " ")
}

// TestBolt: a database that syncs survives torn cuts, one that does not is lost.
func TestBolt(t *testing.T) {
	for _, program := range []string{"bolt", "bolt-nosync"} {
		for seed := range uint64(3) {
			dir := t.TempDir()
			disk, end := serve(t, dir)
			run(t, program, dir)
			_, err := disk.Cut(seed, true)
			must(t, err)
			end()
			_, end = serve(t, dir)
			out, err := command("bolt-check", dir).CombinedOutput()
			end()
			if survived := err == nil; survived != (program == "bolt") {
				t.Errorf("%s, seed %d: survived %v: %s", program, seed, survived, out)
			}
		}
	}
}

// TestDataDirectory: a node that has opened its data directory still has it after
// a power loss, the directories above it that it made included. (Without them it
// comes back as a new node, and when all lose power, as a new cluster.)
func TestDataDirectory(t *testing.T) {
	dir := t.TempDir()
	disk, end := serve(t, dir)
	run(t, "node", dir)
	_, err := disk.Cut(1, false)
	must(t, err)
	end()
	left := " " + list(t, filepath.Join(dir, "backing")) + " "
	for _, name := range []string{"var/rondo/node-id", "var/rondo/groups/0/raft.db", "var/rondo/groups/0/snapshots"} {
		if !strings.Contains(left, " "+name+" ") {
			t.Errorf("%s is gone; left is %s", name, left)
		}
	}
}

// TestFaults: a full disk refuses writes, one that hangs answers when it is
// healed.
func TestFaults(t *testing.T) {
	dir := t.TempDir()
	disk, _ := serve(t, dir)
	must(t, disk.Set(Faults{Full: true}))
	if out, err := command("small", dir).CombinedOutput(); err == nil || !strings.Contains(string(out), "no space left") {
		t.Errorf("a full disk: %v, %s", err, out)
	}
	must(t, disk.Set(Faults{Hang: true}))
	cmd := command("small", dir)
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	must(t, disk.Set(Faults{Hang: true, DelayMs: 1}))
	select {
	case err := <-ended:
		t.Errorf("a hanging disk answered: %v", err)
	default:
	}
	must(t, disk.Set(Faults{}))
	must(t, <-ended)
}

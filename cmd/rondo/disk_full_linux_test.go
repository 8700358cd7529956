package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallVolume mounts a volume of so many megabytes in a directory of its own.
func smallVolume(t *testing.T, mebibytes int) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mebibytes))
	if errors.Is(err, syscall.EPERM) && os.Getenv("RONDO_TEST_STRICT") != "1" {
		t.Skip("SKIPPED: only root may mount a small volume, so nothing is known about full disks; run it as root")
	}
	if err != nil {
		t.Fatalf("mount a small volume: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill leaves so many bytes free on the volume of dir, and returns what to delete.
func fill(t *testing.T, dir string, leave uint64) string {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	piece := make([]byte, 64<<10)
	for {
		var s syscall.Statfs_t
		if err := syscall.Statfs(dir, &s); err != nil {
			t.Fatal(err)
		}
		free := s.Bavail * uint64(s.Bsize)
		if free <= leave {
			return path
		}
		if _, err := f.Write(piece[:min(uint64(len(piece)), free-leave)]); err != nil {
			if errors.Is(err, syscall.ENOSPC) {
				return path
			}
			t.Fatal(err)
		}
	}
}

// post makes a call once, whatever the answer.
func (n node) post(t *testing.T, method, path, body string) (answer, error) {
	t.Helper()
	request, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	return n.once(request)
}

// TestDiskFull: below the soft limit new work is refused while presence, closing
// and reads go on; with room work goes on. A disk that is really full ends the node
// with a message, and nothing that was acknowledged is lost.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	volume := smallVolume(t, 96)
	s := alone(t, "n1")
	flags := []string{"--data-dir", filepath.Join(volume, "data"), "--disk-soft-free-mib", "16", "--disk-soft-free-percent", "50", "--disk-reserve-mib", "8"}
	s.start(t, flags...)
	s.awaitReady(t)
	reserve := filepath.Join(volume, "data", "reserve")
	eventually(t, "the reserve is held", func() error { _, err := os.Stat(reserve); return err })
	w := startWriter(t, []node{s.node}, "w.", writerPause)
	w.awaitMore(t, 20)
	acks := w.finish(t)

	ballast := fill(t, volume, 8<<20)
	open := func(id string) (answer, error) {
		return s.post(t, "POST", "/v1/conversations", `{"id":"`+id+`","inbox":"w.inbox","contact":"w.contact"}`)
	}
	eventually(t, "new work is refused", func() error {
		got, err := open("too-late")
		if err == nil && (got.status != http.StatusServiceUnavailable || !strings.Contains(string(got.raw), `"disk_full"`)) {
			err = fmt.Errorf("%d: %s", got.status, got.raw)
		}
		if err == nil && (got.header.Get("Rondo-Outcome") != "rejected" || got.header.Get("Retry-After") == "") {
			t.Errorf("refused with %v", got.header)
		}
		return err
	})
	if _, err := os.Stat(reserve); err == nil {
		t.Error("the reserve was not given back")
	}
	s.do(t, "PUT", "/v1/agents/w.a/presence", `{"status":"away"}`).want(t, http.StatusOK, `{}`)
	s.do(t, "PUT", "/v1/agents/w.a/presence", `{"status":"available"}`).want(t, http.StatusOK, `{}`)
	s.do(t, "POST", "/v1/conversations/"+acks[0].conversation+"/close", "").want(t, http.StatusOK, `{}`)
	s.get(t, "/v1/conversations/"+acks[1].conversation)
	if got, err := s.ask("/readyz?verbose"); err != nil || !strings.Contains(string(got.raw), "[-]disk") {
		t.Errorf("readyz says %s (%v)", got.raw, err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s.do(t, "POST", "/v1/conversations", `{"id":"room-again","inbox":"w.inbox","contact":"w.contact"}`).want(t, http.StatusCreated, `{}`)
	eventually(t, "the reserve is held again", func() error { _, err := os.Stat(reserve); return err })

	ballast = fill(t, volume, 0)
	eventually(t, "the reserve is given back", func() error {
		if _, err := os.Stat(reserve); err == nil {
			return errors.New("it is there")
		}
		return nil
	})
	more := fillMore(t, volume)
	for i := 0; !hasEnded(s.running); i++ {
		// Its answers do not matter: it is to run out of room.
		_, _ = s.post(t, "PUT", "/v1/agents/w.a/presence", fmt.Sprintf(`{"status":%q,"reason":%q}`, []string{"away", "available"}[i%2], strings.Repeat("r", 150)))
	}
	s.gone(t, 3)
	if !strings.Contains(s.log(), "no space left on device") {
		t.Error("it does not say that there is no space left")
	}
	for _, path := range []string{ballast, more} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	s.start(t, flags...)
	s.awaitReady(t)
	w.wantOnce(t, s.node, append(acks, ack{conversation: "room-again"}), true)
	s.stop(t)
}

// fillMore takes what the reserve has given back.
func fillMore(t *testing.T, volume string) string {
	t.Helper()
	dir := filepath.Join(volume, "more")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return fill(t, dir, 0)
}

package main

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestEnvironmentsAgree: three nodes of different time zones, languages and zone
// files (of one, Berlin is where Tokyo is) have the same state, byte for byte,
// whichever of them took a schedule; and so they have when each of them reads its
// disk again in the environment of another one.
func TestEnvironmentsAgree(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	wrong, none := zonesOf(t, "Asia/Tokyo"), filepath.Join(t.TempDir(), "none")
	environments := [][]string{
		{"TZ=Pacific/Kiritimati", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "ZONEINFO=" + wrong},
		{"TZ=America/St_Johns", "LANG=C", "LC_ALL=C", "ZONEINFO=" + none},
		{"TZ=Europe/Berlin", "LANG=de_DE.ISO-8859-1", "LC_ALL=de_DE.ISO-8859-1"},
	}
	all := servers(t, len(environments))
	for k, s := range all {
		s.env = environments[k]
	}
	startAll(t, all, 0, 1, 2)
	all[0].do(t, "PUT", "/v1/agents/ann", `{"name":"Ilgın Öz"}`).want(t, http.StatusCreated, `{"id":"ann"}`)
	for k, s := range all {
		body := `{"name":"Office","zone":"Europe/Berlin","weekly":[{"days":["sun"],"from":"01:30","to":"02:30"},{"days":["mon"],"from":"09:00","to":"17:30"}],
			"exceptions":[{"date":"2030-12-24","closed":true}],"shifts":[{"name":"night","days":["sat"],"from":"22:00","to":"02:30","agents":[{"agent":"ann"}]}]}`
		s.do(t, "PUT", fmt.Sprintf("/v1/schedules/s%d", k), body).want(t, http.StatusCreated, `{"zone":"Europe/Berlin"}`)
	}
	// Both days of a year on which clocks change, asked of each about what each took.
	for _, at := range []struct{ moment, next string }{
		{"2030-03-31T00:00:00Z", "2030-03-31T00:30:00.000Z"}, {"2030-03-31T00:45:00Z", "2030-03-31T01:00:00.000Z"},
		{"2030-10-26T23:00:00Z", "2030-10-26T23:30:00.000Z"}, {"2030-10-26T23:45:00Z", "2030-10-27T00:30:00.000Z"},
	} {
		for _, s := range all {
			for k := range all {
				s.get(t, fmt.Sprintf("/v1/schedules/s%d/state?at=%s", k, at.moment)).want(t, http.StatusOK, `{"next_change":"`+at.next+`"}`)
			}
		}
	}
	sameStates(t, all)

	stopAll(t, all)
	for k, s := range all {
		s.env = environments[(k+1)%len(environments)]
	}
	startAll(t, all, 2, 1, 0)
	all[1].do(t, "PUT", "/v1/schedules/later", `{"name":"Later","zone":"Australia/Lord_Howe","weekly":[{"days":["mon","tue"],"from":"09:00","to":"17:30"}]}`).want(t, http.StatusCreated, `{"id":"later"}`)
	sameStates(t, all)
	stopAll(t, all)
}

// sameStates waits until all nodes have the same index, and compares what they would
// save, byte for byte. While nothing is asked of the cluster its index rests.
func sameStates(t *testing.T, all []*host) {
	t.Helper()
	eventually(t, "all nodes have the same index", func() error {
		var sums, indexes []string
		for _, s := range all {
			file := filepath.Join(t.TempDir(), s.id+".snapshot")
			mustRun(t, "snapshot", "save", file, "--stale", "--server", s.url)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			described, err := decodeJSON([]byte(mustRun(t, "snapshot", "inspect", file, "-o", "json")))
			if err != nil {
				t.Fatal(err)
			}
			index, ok := follow(described, "index")
			if !ok {
				t.Fatalf("a snapshot has no index: %v", described)
			}
			indexes, sums = append(indexes, fmt.Sprint(index)), append(sums, fmt.Sprintf("%x", sha256.Sum256(data)))
		}
		for i := range all {
			switch {
			case indexes[i] != indexes[0]:
				return fmt.Errorf("they are at %v", indexes)
			case sums[i] != sums[0]:
				t.Fatalf("%s and %s differ at index %s", all[0].id, all[i].id, indexes[0])
			}
		}
		return nil
	})
}

// zonesOf makes zone files in which Europe/Berlin is another zone.
func zonesOf(t *testing.T, other string) (dir string) {
	t.Helper()
	files, err := zip.OpenReader(filepath.Join("..", "..", "httpapi", "hours", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	f, err := files.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	dir = t.TempDir()
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, "Europe"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "Europe", "Berlin"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

package hours

import (
	"archive/zip"
	"bytes"
	_ "embed" // the zones
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Version is the version of the zones in this binary: of the IANA time zone
// database. Versions are compared as text.
const Version = "2025c"

// The zones as Go delivers them (lib/time/zoneinfo.zip), and no others: those of
// the machine differ from node to node, and may be missing. When a newer file is
// put here, Version goes with it; a test compares the two.
//
//go:embed zoneinfo.zip
var zoneFile []byte

var zones = sync.OnceValues(func() (*zip.Reader, error) {
	return zip.NewReader(bytes.NewReader(zoneFile), int64(len(zoneFile)))
})

var loaded sync.Map // name to *time.Location; there are some 600

// An UnknownZoneError says that there is no zone of a name, and which may have been
// meant.
type UnknownZoneError struct {
	Name  string
	Maybe []string // the likeliest first, three at most
}

// Error implements error. It ends without a full stop.
func (e *UnknownZoneError) Error() string {
	hint := "use a name such as Europe/Berlin or America/New_York"
	if len(e.Maybe) > 0 {
		hint = "did you mean " + strings.Join(e.Maybe, " or ") + "?"
	}
	return fmt.Sprintf("there is no time zone %q (zones of %s); %s", e.Name, Version, hint)
}

// Load returns the zone of a name, written as in the IANA database. Any goroutine
// may call it. Its error is an *UnknownZoneError, unless this binary is damaged.
func Load(name string) (*time.Location, error) {
	if zone, ok := loaded.Load(name); ok {
		return zone.(*time.Location), nil //nolint:forcetypeassert // nothing else is stored
	}
	files, err := zones()
	if err != nil {
		return nil, fmt.Errorf("open the time zones: %w", err)
	}
	for _, f := range files.File {
		if f.Name == name && !f.FileInfo().IsDir() {
			return load(f)
		}
	}
	return nil, &UnknownZoneError{clip(name), suggest(files, name)}
}

func load(f *zip.File) (*time.Location, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open time zone %s: %w", f.Name, err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read time zone %s: %w", f.Name, err)
	}
	zone, err := time.LoadLocationFromTZData(f.Name, data)
	if err != nil {
		return nil, fmt.Errorf("read time zone %s: %w", f.Name, err)
	}
	loaded.Store(f.Name, zone)
	return zone, nil
}

const maxZoneBytes = 64

func clip(name string) string {
	if len(name) > maxZoneBytes {
		return strings.ToValidUTF8(name[:maxZoneBytes], "") + "..."
	}
	return name
}

// suggest returns the zones whose names are nearest: by the city first, since that
// is what people know.
func suggest(files *zip.Reader, name string) []string {
	const most = 3
	type guess struct {
		name string
		off  int
	}
	asked := plain(name[strings.LastIndexByte(name, '/')+1:])
	if asked == "" || len(name) > maxZoneBytes {
		return nil
	}
	var list []guess
	for _, f := range files.File {
		if f.FileInfo().IsDir() {
			continue
		}
		city := plain(f.Name[strings.LastIndexByte(f.Name, '/')+1:])
		off := fsm.LettersApart(asked, city)
		if len(asked) >= 4 && strings.Contains(city, asked) {
			off = min(off, 1)
		}
		if off*3 <= len(asked) { // a slip in every third letter is no slip any more
			if strings.EqualFold(f.Name, name) {
				off = -1
			}
			list = append(list, guess{f.Name, off})
		}
	}
	slices.SortStableFunc(list, func(a, b guess) int { return a.off - b.off })
	var names []string
	for _, g := range list[:min(most, len(list))] {
		names = append(names, g.name)
	}
	return names
}

func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	maxBodyBytes = 128 << 10
	maxFaults    = 50 // named in one answer
)

// readBody reads the body into buffer, within the limits of size and time. A
// body that is not there is as good as {}: the command says what it misses.
func readBody(w http.ResponseWriter, r *http.Request, buffer *bytes.Buffer, until time.Time) ([]byte, error) {
	tooLarge := newProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is too large",
		fmt.Sprintf("a body may have %d bytes", maxBodyBytes))
	if r.ContentLength > maxBodyBytes {
		w.Header().Set("Connection", "close") // nobody is going to read it
		return nil, tooLarge
	}
	// A body that trickles in must not hold its place for ever. Connections
	// that know no deadlines, as in tests, are watched by nobody.
	deadlines := http.NewResponseController(w)
	watched := deadlines.SetReadDeadline(until) == nil
	_, err := buffer.ReadFrom(io.LimitReader(r.Body, maxBodyBytes+1))
	if err != nil || buffer.Len() > maxBodyBytes {
		w.Header().Set("Connection", "close") // or the server would wait for the rest
	} else if watched {
		_ = deadlines.SetReadDeadline(time.Time{})
	}
	switch {
	case err != nil:
		return nil, newProblem(http.StatusRequestTimeout, "body_incomplete", "The body did not arrive",
			"the request ended, or its time, before its body was complete; send it again")
	case buffer.Len() > maxBodyBytes:
		return nil, tooLarge
	case len(bytes.TrimSpace(buffer.Bytes())) == 0:
		return []byte("{}"), nil
	case !isJSON(r.Header.Get("Content-Type")):
		return nil, newProblem(http.StatusUnsupportedMediaType, "content_type", "Not JSON",
			fmt.Sprintf("the body is declared as %q; send JSON in UTF-8, with the header Content-Type: application/json", clip(r.Header.Get("Content-Type"))))
	}
	return buffer.Bytes(), nil
}

// isJSON accepts application/json, its relatives, and no declaration at all.
func isJSON(contentType string) bool {
	if contentType == "" || contentType == "application/json" {
		return true
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// decode returns the command in the body of c, completed by fill and judged by
// itself. Its error names everything that is wrong with the command at once.
func decode[C fsm.Command](c *call, s *shape, fill func(*C)) (C, error) {
	var command C
	c.faults = nil
	readable := scan(c.body, s, &c.faults)
	if readable {
		err := json.Unmarshal(c.body, &command)
		if err != nil && len(c.faults) == 0 {
			c.faults = append(c.faults, inBody("", "malformed", clip(err.Error())))
		}
		fill(&command)
		var r *fsm.Rejection
		if err := command.Check(); errors.As(err, &r) {
			for _, f := range r.Fields {
				c.add(f)
			}
		} else if err != nil {
			return command, fmt.Errorf("check a command: %w", err)
		}
	}
	if len(c.faults) > 0 {
		return command, invalid(c.faults[:min(len(c.faults), maxFaults)]...)
	}
	return command, nil
}

// add adds a fault of the command, unless one is known at its place or around
// it: a field of the wrong type is not missing, too.
func (c *call) add(f fsm.FieldError) {
	for _, known := range c.faults {
		if f.Pointer == *known.Pointer || strings.HasPrefix(f.Pointer, *known.Pointer+"/") {
			return
		}
	}
	c.faults = append(c.faults, inBody(f.Pointer, f.Code, f.Detail))
}

// fromPath sets a field that the path gives. The body may repeat it.
func fromPath[T ~string](c *call, field *T, variable, pointer string) {
	id := T(c.path[variable])
	if *field != "" && *field != id {
		c.faults = append(c.faults, inBody(pointer, "differs", fmt.Sprintf("it is %q here and %q in the path; leave it out", clip(string(*field)), clip(string(id)))))
	}
	*field = id
}

package httpapi

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
)

// downloadStall is how long a client may take for some kilobytes of a snapshot
// before the node gives up on it. The whole may take as long as it takes.
const downloadStall = 30 * time.Second

// An exporter lets one snapshot at a time out of this node: each takes a
// processor and keeps a view alive.
type exporter struct {
	write func(io.Writer, *fsm.State) error
	slot  chan struct{}
}

func newExporter(write func(io.Writer, *fsm.State) error) *exporter {
	return &exporter{write, make(chan struct{}, 1)}
}

// A download is the body of an answer that is too long to be held.
type download struct {
	name  string
	state *fsm.State
	from  *exporter
}

// getSnapshot answers with a snapshot of all that was acknowledged before the call,
// from any node. With consistency=stale it is what this node has, which is all
// there is when no majority is left. The stream has its own checksums; see
// cluster/archive.
func getSnapshot(a *api, c *call) (answer, error) {
	if a.exports == nil {
		return answer{}, newProblem(http.StatusNotFound, "no_snapshots", "No snapshots", "this node was started without snapshots")
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	select {
	case a.exports.slot <- struct{}{}:
	default:
		p := newProblem(http.StatusTooManyRequests, codeTooBusy, unavailableTitle(codeTooBusy),
			"a snapshot is being downloaded from this node already; try again when it is done, or ask another node")
		p.retryAfter = 5 * time.Second
		return answer{}, p
	}
	name := fmt.Sprintf("rondo-%d.snapshot", v.Index)
	return answer{status: http.StatusOK, index: v.Index, body: &download{name, v, a.exports}}, nil
}

// send streams a download. What goes wrong on the way cannot be answered any more:
// the client sees a stream without its end.
func (d *download) send(w http.ResponseWriter, got answer, log hclog.Logger) int {
	defer func() { <-d.from.slot }()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Rondo-Index", strconv.FormatUint(got.index, 10))
	w.WriteHeader(got.status)
	out := &patient{w, http.NewResponseController(w)}
	if err := d.from.write(out, d.state); err != nil {
		log.Warn("a snapshot was not downloaded to its end", "index", got.index, "error", err)
	}
	return got.status
}

// patient gives a client time for each piece rather than for the whole.
type patient struct {
	http.ResponseWriter
	deadlines *http.ResponseController
}

// Write implements io.Writer. Writers that know no deadlines, as in tests, are
// watched by nobody.
func (p *patient) Write(piece []byte) (int, error) {
	_ = p.deadlines.SetWriteDeadline(time.Now().Add(downloadStall))
	return p.ResponseWriter.Write(piece)
}

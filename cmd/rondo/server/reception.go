package server

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/httpapi"
)

// A reception answers from the first moment on: whoever watches the node must see
// that it is alive while it loads its state, which may take minutes.
type reception struct {
	starting http.Handler
	inside   atomic.Pointer[http.Handler] // nil while the node starts
}

func newReception(progress *storage.Progress, metrics http.Handler) *reception {
	checks := func() []httpapi.Check {
		text, _ := progress.Now()
		if text == "" {
			text = "opening the node"
		}
		return []httpapi.Check{{Name: "start", Detail: text}}
	}
	return &reception{starting: httpapi.Starting(checks, metrics)}
}

// ServeHTTP implements http.Handler.
func (d *reception) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := d.inside.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	d.starting.ServeHTTP(w, r)
}

// let has requests answered by the node from now on.
func (d *reception) let(inside http.Handler) { d.inside.Store(&inside) }

// openNode opens a node, unless ctx or the supervisor ends first: then it returns
// nil at once, and the process is to end. What is left behind only reads, or is
// what a power cut would interrupt.
func openNode(ctx context.Context, o cluster.NodeOptions, supervisor <-chan struct{}) (*cluster.Node, error) {
	type opened struct {
		node *cluster.Node
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		node, err := cluster.OpenNode(o)
		done <- opened{node, err}
	}()
	select {
	case o := <-done:
		return o.node, o.err
	case <-ctx.Done():
		o.Logger.Info("stopped while the node was still starting")
	case <-supervisor:
		o.Logger.Info("the supervisor is gone, and the node was still starting")
	}
	return nil, nil
}

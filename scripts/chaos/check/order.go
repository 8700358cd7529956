package check

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// inTime calls finished for every operation that had ended before begun is called
// for another: what a client could know by then.
func inTime(ops []history.Op, finished, begun func(*history.Op)) {
	byBegin, byEnd := make([]*history.Op, len(ops)), make([]*history.Op, len(ops))
	for i := range ops {
		byBegin[i], byEnd[i] = &ops[i], &ops[i]
	}
	slices.SortFunc(byBegin, func(a, b *history.Op) int { return cmp.Compare(a.BeginUs, b.BeginUs) })
	slices.SortFunc(byEnd, func(a, b *history.Op) int { return cmp.Compare(a.EndUs, b.EndUs) })
	next := 0
	for _, op := range byBegin {
		for next < len(byEnd) && byEnd[next].EndUs < op.BeginUs {
			finished(byEnd[next])
			next++
		}
		begun(op)
	}
}

// checkReordered: what began after another had been acknowledged stands behind it
// in the order of the cluster. With the model of checkRing, which goes through
// that order, this is what linearizable means for writes.
func checkReordered(e *evidence) *Check {
	check := &Check{Name: "reordered"}
	by := map[string]string{} // decision: who caused it; another may be told of it
	for i := range e.records {
		by[e.records[i].ID] = e.records[i].Actor
	}
	var newest place
	var newestOp *history.Op
	compared := 0
	of := func(op *history.Op) (place, bool) {
		if op.Outcome != history.OK || op.Tries.Again != 0 || by[op.Answer.Decision] != op.Actor {
			return place{}, false
		}
		return parsePlace(op.Answer.Decision)
	}
	inTime(e.Ops, func(op *history.Op) {
		if p, ok := of(op); ok && newest.before(p) {
			newest, newestOp = p, op
		}
	}, func(op *history.Op) {
		p, ok := of(op)
		if !ok {
			return
		}
		compared++
		if newestOp != nil && !newest.before(p) {
			check.violate("%s %s was decided at %s, although %s had been acknowledged at %s before it began", op.Kind, op.Actor, op.Answer.Decision, newestOp.Actor, newestOp.Answer.Decision)
		}
	})
	check.Examined = fmt.Sprintf("%d decisions in real time", compared)
	return check
}

// checkStale: a linearizable read shows at least what had been acknowledged before
// it began, and one revision has one content, whoever shows it.
func checkStale(e *evidence) *Check {
	check := &Check{Name: "stale"}
	newest := uint64(0) // index that was acknowledged
	revisions := map[string]uint64{}
	reads := 0
	inTime(e.Ops, func(op *history.Op) {
		if op.Outcome != history.OK {
			return
		}
		if p, ok := parsePlace(op.Answer.Decision); ok {
			newest = max(newest, p.index)
		}
		if id := op.Answer.Conversation; id != "" {
			revisions[id] = max(revisions[id], op.Answer.Revision)
		}
	}, func(op *history.Op) {
		if op.Kind != history.Read {
			return
		}
		id := op.Subject.Conversation
		switch {
		case op.Outcome == history.Refused && op.Answer.Status == http.StatusNotFound && revisions[id] > 0:
			check.violate("read %s on %s did not find %s, which had been acknowledged", op.Actor, op.Answer.Node, id)
		case op.Outcome != history.OK:
		case op.Answer.Index < newest:
			check.violate("read %s on %s shows index %d, and %d had been acknowledged", op.Actor, op.Answer.Node, op.Answer.Index, newest)
		case op.Answer.Revision < revisions[id]:
			check.violate("read %s on %s shows revision %d of %s, and %d had been acknowledged", op.Actor, op.Answer.Node, op.Answer.Revision, id, revisions[id])
		}
		reads++
	})
	sameContent(e, check)
	check.Examined = fmt.Sprintf("%d linearizable reads", reads)
	return check
}

func sameContent(e *evidence, check *Check) {
	type version struct {
		id       string
		revision uint64
	}
	seen := map[version]*history.Op{}
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Outcome != history.OK || op.Answer.Conversation == "" {
			continue
		}
		v := version{op.Answer.Conversation, op.Answer.Revision}
		was := seen[v]
		if was == nil {
			seen[v] = op
			continue
		}
		if was.Answer.Assignee != op.Answer.Assignee || was.Answer.State != op.Answer.State {
			check.violate("revision %d of %s is %s of %q for %s and %s of %q for %s", v.revision, v.id,
				was.Answer.State, was.Answer.Assignee, was.Actor, op.Answer.State, op.Answer.Assignee, op.Actor)
		}
	}
}

// checkTime: the cluster's time and order never go back.
func checkTime(e *evidence) *Check {
	check := &Check{Name: "time", Examined: fmt.Sprintf("%d records", len(e.records))}
	for i := 1; i < len(e.records); i++ {
		last, r := &e.records[i-1], &e.records[i]
		before, _ := parsePlace(last.ID)
		here, _ := parsePlace(r.ID)
		if !before.before(here) {
			check.violate("%s is listed after %s", r.ID, last.ID)
		}
		if r.AtMs < last.AtMs {
			check.violate("%s was at %d ms, and %s before it at %d ms", r.ID, r.AtMs, last.ID, last.AtMs)
		}
	}
	return check
}

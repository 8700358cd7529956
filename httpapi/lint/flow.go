package lint

import (
	"slices"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// A node is a step in the graph of what may come after what.
type node struct {
	step    fsm.Step
	pointer string
	within  *node   // the step whose list it stands in; nil: the rule's own
	before  *node   // the one before it in that list
	out     []*node // what may come next; nil among them: the end
	reached bool
}

// pauses says whether time always passes at a step.
func (n *node) pauses() bool { return n.step.Wait != nil || n.step.Webhook != nil }

type graph struct {
	all    []*node // in the order in which they are written
	labels map[string]*node
}

func graphOf(steps []fsm.Step) (g graph, first *node) {
	g.labels = map[string]*node{}
	first = g.list(steps, "/steps", nil, nil)
	for _, n := range g.all {
		if n.step.Jump != nil {
			n.out = []*node{g.labels[n.step.Jump.To]}
		}
	}
	return g, first
}

// list adds a list of steps, behind which comes after, and returns the first of them,
// or after, if there is none.
func (g *graph) list(steps []fsm.Step, pointer string, within, after *node) *node {
	nodes := make([]*node, len(steps)+1)
	nodes[len(steps)] = after
	for i, s := range steps {
		nodes[i] = &node{step: s, pointer: pointer + "/" + strconv.Itoa(i), within: within}
		if i > 0 {
			nodes[i].before = nodes[i-1]
		}
	}
	for i, n := range nodes[:len(steps)] {
		g.all = append(g.all, n)
		if n.step.Label != "" {
			g.labels[n.step.Label] = n
		}
		for _, below := range lists(n.step) {
			if n.step.Branch != nil || len(below.steps) > 0 {
				n.out = append(n.out, g.list(below.steps, n.pointer+below.pointer, n, nodes[i+1]))
			}
		}
		if n.step.Branch == nil {
			n.out = append(n.out, nodes[i+1])
		}
	}
	return nodes[0]
}

// reach returns what may come after a step, without passing a step at which stop
// says so. It includes the step itself if it comes round.
func reach(from []*node, stop func(*node) bool) map[*node]bool {
	seen := map[*node]bool{}
	for queue := slices.Clone(from); len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if n == nil || seen[n] {
			continue
		}
		seen[n] = true
		if !stop(n) {
			queue = append(queue, n.out...)
		}
	}
	return seen
}

// flow finds jumps that go round within one moment, and steps that nothing leads to.
func flow(j *judge) {
	g, first := graphOf(j.body.Steps)
	for n := range reach([]*node{first}, func(*node) bool { return false }) {
		n.reached = true
	}
	for _, n := range g.all {
		switch {
		case n.reached && n.step.Jump != nil:
			round(j, g, n)
		case !n.reached && (n.within == nil || n.within.reached) && (n.before == nil || n.before.reached):
			j.warn(StepNeverReached, n.pointer, "nothing leads to this step, since what comes before it jumps elsewhere: give it a label that something jumps to, or take it out")
		}
	}
}

// round judges a jump: whether it comes back to itself without a wait.
func round(j *judge, g graph, jump *node) {
	ahead := reach(jump.out, (*node).pauses)
	if !ahead[jump] {
		return
	}
	for _, n := range g.all[:slices.Index(g.all, jump)] {
		if n.step.Jump != nil && ahead[n] && reach(n.out, (*node).pauses)[jump] {
			return // it was told of the first jump of this circle
		}
	}
	label := jump.step.Jump.To
	for _, n := range g.all {
		if n != jump && mayLeave(n, ahead, jump) {
			j.warn(LoopWithoutWait, jump.pointer+"/jump/to", "the jump to %q may come round again within one moment, and is ended after 100 steps: put a wait between", label)
			return
		}
	}
	j.err(LoopWithoutWait, jump.pointer+"/jump/to", "the jump to %q goes round for ever without a wait: put a wait between, or a branch that leaves the circle", label)
}

// mayLeave says whether the circle of a jump may be left at a step of it.
func mayLeave(n *node, ahead map[*node]bool, jump *node) bool {
	onCircle := func(n *node) bool { return n != nil && !n.pauses() && reach([]*node{n}, (*node).pauses)[jump] }
	if !ahead[n] || !onCircle(n) {
		return false
	}
	if n.step.Assign != nil && n.step.Assign.WithinSeconds > 0 {
		return true // it may have to wait
	}
	return slices.ContainsFunc(n.out, func(next *node) bool { return !onCircle(next) })
}

package fsm

// A program is a rule's steps laid out in the order in which they are written, nested
// ones behind the step that holds them. The number of a step is its place in it; that
// is what a Run goes on with, so it must never depend on anything but the body.
type program []instruction

// An instruction is a step, and where it goes on from there. One behind the last is
// the end.
type instruction struct {
	step      *Step
	number    int
	next      int // behind the step and all that it holds
	then      int // of a branch; no such steps: next
	otherwise int // of a branch, an assignment, a webhook; no such steps: next
}

// newProgram lays out the steps of a body, which was checked: its depth is bounded.
func newProgram(steps []Step) program {
	p := make(program, sizeOf(steps))
	p.lay(steps, 0, len(p))
	return p
}

// lay puts steps at a place. What comes behind the last of them goes on at after.
func (p program) lay(steps []Step, at, after int) {
	for i := range steps {
		s := &steps[i]
		next := at + s.size()
		if i == len(steps)-1 {
			next = after
		}
		then, otherwise := s.nested()
		in := instruction{step: s, number: at, next: next, then: next, otherwise: next}
		if len(then) > 0 {
			in.then = at + 1
			p.lay(then, in.then, next)
		}
		if len(otherwise) > 0 {
			in.otherwise = at + 1 + sizeOf(then)
			p.lay(otherwise, in.otherwise, next)
		}
		p[at] = in
		at += s.size()
	}
}

// labelled returns the step that a jump names.
func (p program) labelled(label string) (int, bool) {
	for i, in := range p {
		if in.step.Label == label && label != "" {
			return i, true
		}
	}
	return 0, false
}

// nested returns the steps that a step holds, in the order in which they are written.
func (s *Step) nested() (then, otherwise []Step) {
	switch {
	case s.Branch != nil:
		return s.Branch.Then, s.Branch.Else
	case s.Assign != nil:
		return nil, s.Assign.Otherwise
	case s.Webhook != nil:
		return nil, s.Webhook.Otherwise
	default:
		return nil, nil
	}
}

func (s *Step) size() int {
	then, otherwise := s.nested()
	return 1 + sizeOf(then) + sizeOf(otherwise)
}

func sizeOf(steps []Step) (n int) {
	for i := range steps {
		n += steps[i].size()
	}
	return n
}

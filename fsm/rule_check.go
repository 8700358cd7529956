package fsm

import (
	"slices"
	"strconv"
	"strings"
)

// Limits of what a rule does; each is tested.
const (
	MaxSteps             = 50 // a rule, with those inside of others
	MaxStepDepth         = 5  // steps inside of steps; one at the top is 1 deep
	MaxFewerThan         = 10_000
	MaxWebhookURLBytes   = 2000
	MaxWebhookSaved      = 32  // values of an answer that are kept
	MaxAnswerMemberBytes = 128 // the name of one
)

// check judges the form of a rule, by itself: each fault at the pointer of its node,
// with the fix. Whether what it names is there, resolve says. A rule without steps
// keeps the rules behind it from answering, and does nothing else.
func (b RuleBody) check(check *checker, pointer string) {
	b.On.check(check, pointer+"/on")
	b.When.check(check, pointer+"/when")
	walk := stepWalk{check: check, root: pointer + "/steps", labels: map[string]string{}}
	walk.steps(b.Steps, walk.root, 1)
	walk.checkJumps()
}

// A stepWalk is one way through steps that may be of any number and depth.
type stepWalk struct {
	check  *checker
	root   string
	count  int
	full   bool              // it has said that there are too many
	labels map[string]string // where each is
	jumps  []jumpAt
}

type jumpAt struct{ pointer, to string }

func (w *stepWalk) steps(steps []Step, pointer string, depth int) {
	if depth > MaxStepDepth && len(steps) > 0 {
		w.check.add(pointer, "too_deep", "steps are nested more than %d deep; go on at a label by a jump, or in a rule of its own by trigger_rule", MaxStepDepth)
		return
	}
	for i := range steps {
		if w.count++; w.count > MaxSteps {
			if !w.full {
				w.check.add(w.root, "too_many", "more than %d steps; put some into a rule of their own and have it run by trigger_rule", MaxSteps)
			}
			w.full = true
			return
		}
		w.step(&steps[i], pointer+"/"+strconv.Itoa(i), depth)
	}
}

func (w *stepWalk) step(s *Step, pointer string, depth int) {
	if s.Label != "" {
		w.check.id(pointer+"/label", s.Label)
		if other, taken := w.labels[s.Label]; taken {
			w.check.add(pointer+"/label", "duplicate", "the step at %s has the label %q already; each may be there once", other, clip(s.Label))
		} else {
			w.labels[s.Label] = pointer
		}
	}
	kinds := s.kinds()
	switch len(kinds) {
	case 0:
		w.check.add(pointer, "required", "say what is done: one of %s", strings.Join(stepNames(), ", "))
	case 1:
		kinds[0].check(w, pointer+"/"+kinds[0].name, depth)
	default:
		w.check.add(pointer+"/"+kinds[1].name, "ambiguous", "a step does one thing, and this does %s and %s; make two steps of it", kinds[0].name, kinds[1].name)
	}
}

// checkJumps refuses jumps to nowhere, once all labels are known.
func (w *stepWalk) checkJumps() {
	if w.full {
		return // the label may be among what was not read
	}
	names := make([]string, 0, len(w.labels))
	for name := range w.labels { //tidy:ordered sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	for _, jump := range w.jumps {
		switch _, there := w.labels[jump.to]; {
		case there:
		case len(names) == 0:
			w.check.add(jump.pointer, "unknown_label", "no step has a label; give the one to go on at \"label\":%q", clip(jump.to))
		default:
			w.check.add(jump.pointer, "unknown_label", "no step has the label %q; %s", clip(jump.to), meant(jump.to, names))
		}
	}
}

// A stepKind is something that a step may do.
type stepKind struct {
	name  string
	check func(w *stepWalk, pointer string, depth int)
}

// kinds returns what a step does: one thing, if it is right.
func (s *Step) kinds() (set []stepKind) {
	for _, kind := range stepKinds {
		if check := kind.of(s); check != nil {
			set = append(set, stepKind{kind.name, check})
		}
	}
	return set
}

func stepNames() []string {
	names := make([]string, 0, len(stepKinds))
	for _, kind := range stepKinds {
		names = append(names, kind.name)
	}
	return names
}

// A checkedStep is what a step may be about.
type checkedStep interface {
	checkStep(w *stepWalk, pointer string, depth int)
}

// stepIs returns how the member of a step is checked, or nil if it is not set.
func stepIs[T any, P interface {
	*T
	checkedStep
}](member func(*Step) *T) func(*Step) func(*stepWalk, string, int) {
	return func(s *Step) func(*stepWalk, string, int) {
		if m := member(s); m != nil {
			return P(m).checkStep
		}
		return nil
	}
}

// stepKinds are all members of a step but its label, in the order of their numbers.
var stepKinds = []struct {
	name string
	of   func(*Step) func(*stepWalk, string, int)
}{
	{"assign", stepIs(func(s *Step) *AssignStep { return s.Assign })},
	{"add_tag", stepIs(func(s *Step) *TagStep { return s.AddTag })},
	{"remove_tag", stepIs(func(s *Step) *TagStep { return s.RemoveTag })},
	{"set_field", stepIs(func(s *Step) *FieldStep { return s.SetField })},
	{"set_priority", stepIs(func(s *Step) *PriorityStep { return s.SetPriority })},
	{"move", stepIs(func(s *Step) *MoveStep { return s.Move })},
	{"send_assignment_message", stepIs(func(s *Step) *MessageStep { return s.SendMessage })},
	{"add_comment", stepIs(func(s *Step) *CommentStep { return s.AddComment })},
	{"notify", stepIs(func(s *Step) *NotifyStep { return s.Notify })},
	{"follow", stepIs(func(s *Step) *FollowStep { return s.Follow })},
	{"close", stepIs(func(s *Step) *PlainStep { return s.Close })},
	{"reopen", stepIs(func(s *Step) *PlainStep { return s.Reopen })},
	{"snooze", stepIs(func(s *Step) *SnoozeStep { return s.Snooze })},
	{"branch", stepIs(func(s *Step) *BranchStep { return s.Branch })},
	{"wait", stepIs(func(s *Step) *WaitStep { return s.Wait })},
	{"jump", stepIs(func(s *Step) *JumpStep { return s.Jump })},
	{"trigger_rule", stepIs(func(s *Step) *RuleStep { return s.TriggerRule })},
	{"webhook", stepIs(func(s *Step) *WebhookStep { return s.Webhook })},
	{"requeue", stepIs(func(s *Step) *PlainStep { return s.Requeue })},
}

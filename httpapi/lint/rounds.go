package lint

import "github.com/rondohq/rondo/fsm"

// rounds finds what brings a rule back to itself by what becomes of the conversation:
// it puts aside what has just come back, or closes what it opens. Rules that go round
// are ended, and told.
func rounds(j *judge) {
	if j.body.On.On != fsm.OnReopened && j.body.On.On != fsm.OnClosed {
		return
	}
	var closes, reopens string
	j.steps(func(s fsm.Step, at place) {
		switch {
		case s.Snooze != nil && s.Snooze.Seconds > 0 && j.body.On.On == fsm.OnReopened:
			j.warn(GoesRound, at.pointer+"/snooze", "the end of the snooze is what the rule answers to, so it puts the conversation aside again, up to %d times, and then ends with %s: add a condition that does not hold any more by then, or another trigger", fsm.MaxRounds, fsm.OutcomeTooManyRounds)
		case s.Close != nil:
			closes = at.pointer + "/close"
		case s.Reopen != nil:
			reopens = at.pointer + "/reopen"
		}
	})
	again, other := closes, reopens
	if j.body.On.On == fsm.OnReopened {
		again, other = reopens, closes
	}
	if again != "" && other != "" {
		j.warn(GoesRound, again, "this is what the rule answers to, so it sets itself off again, until it is ended with %s: take out one of its steps that close and reopen", fsm.OutcomeTooDeep)
	}
}

package lint

import (
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// snoozes finds waits behind a snooze that is over before them.
func snoozes(j *judge) { snoozed(j, j.body.Steps, "/steps") }

func snoozed(j *judge, steps []fsm.Step, pointer string) {
	left := uint32(0) // of the last snooze; 0: none
	for i, s := range steps {
		at := pointer + "/" + strconv.Itoa(i)
		switch {
		case s.Snooze != nil:
			left = s.Snooze.Seconds
		case s.Reopen != nil, s.Close != nil, s.Jump != nil, s.Label != "" && s.Wait == nil:
			left = 0
		case s.Wait != nil && left > 0 && s.Wait.Seconds > left:
			j.warn(WaitPastSnooze, at+"/wait/seconds", "the rule goes on after %d s, and the conversation is back after %d s, before that: wait no longer than it is snoozed, or snooze it longer", s.Wait.Seconds, left)
			left = 0
		case s.Wait != nil && left > 0:
			left -= s.Wait.Seconds
		}
		for _, below := range lists(s) {
			snoozed(j, below.steps, at+below.pointer)
		}
	}
}

// webhooks finds calls that this node would not make.
func webhooks(j *judge) {
	j.steps(func(s fsm.Step, at place) {
		if s.Webhook == nil || j.world.WebhookAllowed != nil && j.world.WebhookAllowed(s.Webhook.URL) {
			return
		}
		j.warn(WebhookNotAllowed, at.pointer+"/webhook/url", "the host of %s is not on the list webhook_hosts of this server, so the step fails: have an operator add it there", s.Webhook.URL)
	})
}

// owned finds even_if_owned where it says nothing.
func owned(j *judge) {
	if !j.body.EvenIfOwned {
		return
	}
	assigns := false
	j.steps(func(s fsm.Step, _ place) { assigns = assigns || s.Assign != nil })
	if !assigns {
		j.warn(NoAssignStep, "/even_if_owned", "even_if_owned is about the first step that assigns, and there is none: add one, or take it out")
	}
}

package lint

import "testing"

func TestRounds(t *testing.T) {
	l := newLab(t)
	on := func(trigger, steps string) string { return `{"on":{"on":"` + trigger + `"},"steps":[` + steps + `]}` }
	const snooze, shut, open = `{"snooze":{"seconds":60}}`, `{"close":{}}`, `{"reopen":{}}`
	l.judge(on("conversation_reopened", snooze), "warning goes_round /steps/0/snooze")
	l.judge(on("conversation_reopened", `{"branch":{"if":{"field":"contact.vip","op":"is","value":"true"},"else":[`+snooze+`]}}`), "warning goes_round /steps/0/branch/else/0/snooze")
	l.judge(on("conversation_opened", snooze))
	l.judge(on("conversation_closed", open+`,`+snooze)) // its end reopens, and that is another trigger
	l.judge(on("conversation_reopened", `{"snooze":{}}`))
	l.judge(on("conversation_reopened", shut))
	l.judge(on("conversation_reopened", shut+`,`+open), "warning goes_round /steps/1/reopen")
	l.judge(on("conversation_closed", open+`,`+shut), "warning goes_round /steps/1/close")
	l.judge(on("conversation_closed", open))
	l.judge(on("conversation_opened", open+`,`+shut))
}

package fsm

import (
	"slices"
	"strconv"
	"strings"
)

// oneOfMembers refuses a step of which not exactly one of some members is given.
func (w *stepWalk) oneOfMembers(pointer string, members ...string) {
	given := slices.DeleteFunc(slices.Clone(members), func(m string) bool { return strings.HasPrefix(m, "-") })
	names := make([]string, 0, len(members))
	for _, m := range members {
		names = append(names, strings.TrimPrefix(m, "-"))
	}
	switch len(given) {
	case 1:
	case 0:
		w.check.add(pointer, "required", "give one of %s", strings.Join(names, ", "))
	default:
		w.check.add(pointer+"/"+given[1], "ambiguous", "give one of %s, not both %s and %s", strings.Join(names, ", "), given[0], given[1])
	}
}

// memberGiven marks a member as given or not, for oneOfMembers.
func memberGiven(name string, is bool) string {
	if is {
		return name
	}
	return "-" + name
}

// only refuses a member that has no meaning without another one.
func (w *stepWalk) only(is, set bool, pointer, says string) {
	if set && !is {
		w.check.add(pointer, "unexpected", "only %s has it; leave it out", says)
	}
}

func (w *stepWalk) optionalID(pointer, id string) {
	if id != "" {
		w.check.id(pointer, id)
	}
}

// seconds judges a time that a step needs.
func (w *stepWalk) seconds(pointer string, seconds uint32, least uint32, most uint32) {
	switch {
	case seconds == 0 && least > 0:
		w.check.add(pointer, "required", "say how many seconds, from %d to %d", least, most)
	case seconds > most:
		w.check.add(pointer, "out_of_range", "%d, it must be from %d to %d", seconds, least, most)
	}
}

func (a *AssignStep) checkStep(w *stepWalk, at string, depth int) {
	w.oneOfMembers(at, memberGiven("agent", a.Agent != ""), memberGiven("team", a.Team != ""), memberGiven("owner", a.Owner),
		memberGiven("field", a.Field != ""), memberGiven("nobody", a.Nobody))
	w.optionalID(at+"/agent", string(a.Agent))
	w.optionalID(at+"/team", string(a.Team))
	w.optionalID(at+"/field", a.Field)
	isTeam, isAgent := a.Team != "", a.Agent != "" || a.Owner || a.Field != ""
	a.AssignTeam.checkStep(w, at, isTeam)
	w.only(isTeam || isAgent, a.OnlyAvailable, at+"/only_available", "an assignment to somebody")
	w.only(isTeam || isAgent, a.FewerThan > 0, at+"/fewer_than", "an assignment to somebody")
	if a.FewerThan > MaxFewerThan {
		w.check.add(at+"/fewer_than", "out_of_range", "%d, it must be from 1 to %d", a.FewerThan, MaxFewerThan)
	}
	w.only(isTeam, a.WithinSeconds > 0, at+"/within_seconds", "an assignment to a team, where it may have to wait,")
	w.seconds(at+"/within_seconds", a.WithinSeconds, 0, MaxSeconds)
	w.only(isTeam || isAgent, len(a.Otherwise) > 0, at+"/otherwise", "an assignment to somebody")
	w.steps(a.Otherwise, at+"/otherwise", depth+1)
}

var assignTos = []string{"available", "not_away", "anyone"}

// stepStrategies are those that an assignment may ask for.
var stepStrategies = []string{"round_robin", "least_open", "weighted"}

// checkStep judges how a team's rotation is to pick.
func (a *AssignTeam) checkStep(w *stepWalk, at string, isTeam bool) {
	const team = "an assignment to a team"
	w.only(isTeam, a.Strategy != "", at+"/strategy", team)
	w.only(isTeam, a.AssignTo != "", at+"/assign_to", team)
	w.only(isTeam, a.Requires != nil, at+"/requires", team)
	w.only(isTeam, len(a.Match) > 0, at+"/match", team)
	w.only(isTeam, a.IgnoreLimit, at+"/ignore_limits", team)
	w.only(isTeam, a.Schedule != "", at+"/on_shift", team)
	w.check.oneOf(at+"/strategy", a.Strategy, stepStrategies...)
	w.check.oneOf(at+"/assign_to", a.AssignTo, assignTos...)
	w.optionalID(at+"/on_shift", string(a.Schedule))
	for _, ask := range a.Requires.value().asks() {
		w.check.id(at+"/requires/"+ask.name, ask.value)
	}
	if len(a.Match) > 2 {
		w.check.add(at+"/match", "too_many", "%d, and there are two: language and region", len(a.Match))
		return
	}
	for i, name := range a.Match {
		pointer := at + "/match/" + strconv.Itoa(i)
		switch {
		case name != "language" && name != "region":
			w.check.add(pointer, "unknown_value", "%q is not one of language, region", clip(name))
		case slices.Contains(a.Match[:i], name):
			w.check.add(pointer, "duplicate", "%q is listed twice", name)
		case name == "language" && a.Requires.value().Language != "", name == "region" && a.Requires.value().Region != "":
			w.check.add(pointer, "ambiguous", "requires names the %s already; leave one of the two out", name)
		}
	}
}

func (t *TagStep) checkStep(w *stepWalk, at string, _ int) {
	w.check.id(at+"/tag", t.Tag)
	w.check.oneOf(at+"/of", t.Of, ofTheConversation, ofTheContact)
}

func (f *FieldStep) checkStep(w *stepWalk, at string, _ int) {
	w.check.id(at+"/field", f.Field)
	w.check.text(at+"/value", f.Value, MaxAttributeRunes)
}

func (p *PriorityStep) checkStep(w *stepWalk, at string, _ int) {
	if p.Priority > MaxPriority {
		w.check.add(at+"/priority", "out_of_range", "%d, it must be from 0 (normal) to %d", p.Priority, MaxPriority)
	}
}

func (m *MoveStep) checkStep(w *stepWalk, at string, _ int) {
	w.oneOfMembers(at, memberGiven("inbox", m.Inbox != ""), memberGiven("team", m.Team != ""))
	w.optionalID(at+"/inbox", string(m.Inbox))
	w.optionalID(at+"/team", string(m.Team))
}

func (m *MessageStep) checkStep(w *stepWalk, at string, _ int) {
	checkGreeting(w.check, at+"/template", m.Template)
}

func (c *CommentStep) checkStep(w *stepWalk, at string, _ int) {
	w.check.idUpTo(at+"/note", c.Note, MaxLongIDBytes)
}

func (n *NotifyStep) checkStep(w *stepWalk, at string, _ int) {
	w.oneOfMembers(at, memberGiven("agent", n.Agent != ""), memberGiven("assignee", n.Assignee), memberGiven("supervisors", n.Supervisors != ""))
	w.optionalID(at+"/agent", string(n.Agent))
	w.optionalID(at+"/supervisors", string(n.Supervisors))
}

func (f *FollowStep) checkStep(w *stepWalk, at string, _ int) {
	w.check.id(at+"/agent", string(f.Agent))
}

func (*PlainStep) checkStep(*stepWalk, string, int) {}

func (s *SnoozeStep) checkStep(w *stepWalk, at string, _ int) {
	w.seconds(at+"/seconds", s.Seconds, 1, MaxSeconds)
}

func (b *BranchStep) checkStep(w *stepWalk, at string, depth int) {
	if b.If == nil {
		w.check.add(at+"/if", "required", "say on what it depends")
	}
	b.If.check(w.check, at+"/if")
	if len(b.Then)+len(b.Else) == 0 {
		w.check.add(at, "required", `both ways are empty; give steps for "then" or "else"`)
	}
	w.steps(b.Then, at+"/then", depth+1)
	w.steps(b.Else, at+"/else", depth+1)
}

func (s *WaitStep) checkStep(w *stepWalk, at string, _ int) {
	w.oneOfMembers(at, memberGiven("seconds", s.Seconds != 0), memberGiven("schedule", s.Schedule != ""))
	w.seconds(at+"/seconds", s.Seconds, 0, MaxSeconds)
	w.optionalID(at+"/schedule", string(s.Schedule))
	w.only(s.Schedule != "", s.Until != "", at+"/until", "waiting for a schedule")
	w.check.oneOf(at+"/until", s.Until, "opened", "closed")
}

func (j *JumpStep) checkStep(w *stepWalk, at string, _ int) {
	if j.To == "" {
		w.check.add(at+"/to", "required", "give the label of a step")
		return
	}
	w.jumps = append(w.jumps, jumpAt{at + "/to", j.To})
}

func (r *RuleStep) checkStep(w *stepWalk, at string, _ int) { w.check.id(at+"/rule", string(r.Rule)) }

func (h *WebhookStep) checkStep(w *stepWalk, at string, depth int) {
	checkWebhookURL(w.check, at+"/url", h.URL)
	if h.TimeoutSeconds > MaxWebhookSeconds {
		w.check.add(at+"/timeout_seconds", "out_of_range", "%d, it must be from 1 to %d", h.TimeoutSeconds, MaxWebhookSeconds)
	}
	if h.Retries > MaxWebhookRetries {
		w.check.add(at+"/retries", "out_of_range", "%d, it must be from 0 to %d", h.Retries, MaxWebhookRetries)
	}
	if len(h.Save) > MaxWebhookSaved {
		w.check.add(at+"/save", "too_many", "%d, at most %d are allowed", len(h.Save), MaxWebhookSaved)
	} else {
		for _, saved := range sortedAttributes(h.Save) {
			pointer := fieldPointer(at+"/save", saved.Name)
			w.check.id(pointer, saved.Name)
			if saved.Value == "" {
				w.check.add(pointer, "required", "name the member of the answer that becomes the field")
			}
			w.check.text(pointer, saved.Value, MaxAnswerMemberBytes)
		}
	}
	w.steps(h.Otherwise, at+"/otherwise", depth+1)
}

// checkWebhookURL judges the form by rules of its own: what net/url takes for a URL
// may change with the version of Go, and nodes of two versions must agree.
func checkWebhookURL(check *checker, pointer, url string) {
	rest, secure := strings.CutPrefix(url, "https://")
	plain := false
	if !secure {
		rest, plain = strings.CutPrefix(url, "http://")
	}
	host := rest
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		host = rest[:end]
	}
	name := host
	if before, port, found := strings.Cut(host, ":"); found {
		name = before
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			name = ""
		}
	}
	switch {
	case url == "":
		check.add(pointer, "required", "say what is called, such as https://example.com/score")
	case len(url) > MaxWebhookURLBytes:
		check.add(pointer, "too_long", "%d bytes, at most %d are allowed", len(url), MaxWebhookURLBytes)
	case strings.IndexFunc(url, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"#<>\\^`{|}", r) }) >= 0:
		check.add(pointer, "characters", "a URL has no spaces, no quotes, no # and nothing but ASCII; write other characters as %%XX")
	case !secure && !plain:
		check.add(pointer, "url", "it must begin with https:// or http://")
	case strings.Contains(host, "@"):
		check.add(pointer, "url", "a URL carries no user and no password; the call is signed")
	case name == "" || strings.IndexFunc(name, func(r rune) bool { return !hostRune(r) }) >= 0:
		check.add(pointer, "url", "it needs the name of a host, and perhaps a port: https://example.com:8443/score")
	}
}

func hostRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-'
}

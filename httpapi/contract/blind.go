package contract

import "regexp"

// A fault is one thing that the server found wrong with a request.
type fault struct {
	Pointer   *string `json:"pointer"`
	Parameter string  `json:"parameter"`
	Header    string  `json:"header"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

func (f fault) place() string {
	if f.Pointer != nil {
		return *f.Pointer
	}
	return f.Parameter + f.Header
}

// A blindness is what the server sees and the document cannot say, or not in a
// way that generators of clients make something good of.
type blindness struct{ place, code, why string }

var blindnesses = []blindness{
	{`.*`, `duplicate_field|trailing|encoding`, "a schema is about values, and these are about texts"},
	{`.*`, `differs`, "what the path says and what the body says are judged apart"},
	{`^/contact$`, `required|unexpected`, "one of contact and from; either way of saying so makes unions of clients' types"},
	{`^/assignment/team$`, `required`, "depends on the mode"},
	{`^/rotation/fallback/agent$`, `required|unexpected`, "depends on what the fallback is"},
	{`^/channel/kind$`, `required`, "depends on the address"},
	{`^/attributes/`, `required|characters|too_long`, "OpenAPI 3.0 knows no rules for names"},
	{`address`, `too_long`, "addresses are counted in bytes"},
	{`^$`, `syntax`, "the query as a whole"},
	{`^page_token$`, `format`, "tokens are opaque"},
	{`^sort$`, `unexpected`, "depends on the filters"},
	{`^(assignee|owner|follower|team)$`, `unexpected`, "depends on who acts"},
	{`^(assignee|follower|owner|team|inbox|contact|source|tag|ids)$`, `too_many|out_of_range`, "how many values stand between commas"},
	{`^opened_(after|before)$`, `format|too_many`, "times are texts"},
	{`^/id$`, `reserved`, "some views are built in"},
	{`^/zone$`, `unknown_zone`, "the list of zones changes with the world"},
	{`^/ics$`, `malformed`, "what a calendar file is"},
	{`^/exceptions/\d+`, `required|ambiguous|date`, "closed, or from and to; and which dates there are"},
	{`^/(weekly|exceptions|shifts)$`, `too_many`, "how often it turns, all together"},
	{`^at$`, `format`, "times are texts"},
	{`^/filter$`, `.*`, "filters are texts"},
	{`^(Idempotency-Key|Rondo-Actor)$`, `format`, "a key of the server's own, or a header given twice"},
	{`^(wait|max_stale)$`, `out_of_range|unexpected|incomplete`, "times are texts, and depend on other parameters"},
	{`^/(from|until)$`, `past|too_far|order|unexpected|format`, "depends on what time it is, and on the other fields"},
	{`^(since|until)$`, `format`, "times are texts"},
	{`^/agents$`, `required|too_many`, "how many agents a call may speak for"},
	{`^If-Match$`, `unsupported`, "there is nothing to match"},
	{`^If-None-Match$`, `unexpected`, "not together with If-Match"},
	{`^/(on|when|steps|qualified)(/|$)`, `.*`, "the members of a trigger, a condition and a step depend on each other"},
	{`.*`, `duplicate`, "a parameter given twice"},
	{`^/escalations/\d+/(do|team|agent|priority|only_first)$`, `required|unexpected|same|out_of_range`, "depends on what a step waits for and does"},
	{`^/rotation/order$`, `ambiguous`, "weighted goes with no order by time"},
}

// blind says whether the document cannot know of the fault.
func (f fault) blind() bool {
	for _, b := range blindnesses {
		if regexp.MustCompile(b.place).MatchString(f.place()) && regexp.MustCompile(`^(?:`+b.code+`)$`).MatchString(f.Code) {
			return true
		}
	}
	return false
}

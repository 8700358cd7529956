package fsm

import (
	"fmt"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func rotationLimits() []limit {
	tags := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint("tag", i))
		}
		return list
	}
	chain := func(n int) *FallbackSettings {
		f := &FallbackSettings{To: "team_inbox"}
		for range n - 1 {
			f = &FallbackSettings{To: "wait", AfterSeconds: number(1), Then: f}
		}
		return f
	}
	beyond := "/rotation/fallback"
	for range MaxFallbackSteps {
		beyond += "/then"
	}
	return []limit{
		sized("tags", MaxTags, func(n int) Command {
			return OpenConversation{ID: "c-tags", Inbox: "i", Contact: "p", Tags: tags(n)}
		}, "/tags", "too_many"),
		sized("message tags", MaxTags, func(n int) Command {
			return ReceiveMessage{Inbox: "i", ID: "m-tags", From: Sender{Address: "+7"}, MintedContact: "p-7", MintedID: "m7", Tags: tags(n)}
		}, "/tags", "too_many"),
		sized("excluded tags", MaxTags, func(n int) Command {
			return PutTeam{ID: "t-tags", Name: "T", Rotation: &RotationSettings{ExcludeTags: tags(n)}}
		}, "/rotation/exclude_tags", "too_many"),
		sized("fallback steps", MaxFallbackSteps, func(n int) Command {
			return PutTeam{ID: "t-steps", Name: "T", Rotation: &RotationSettings{Fallback: chain(n)}}
		}, beyond, "too_many"),
	}
}

// TestTagsOneByOne: the limit holds for tags that are put one by one, and a message
// with more than there is room for is taken with as many as fit.
func TestTagsOneByOne(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	from := Sender{Address: "+1"}
	l.accept(ReceiveMessage{Inbox: "i", ID: "m1", From: from, MintedContact: "q", MintedID: "c"})
	for i := range MaxTags - 1 {
		l.accept(PutTag{"c", fmt.Sprint("tag", i)})
	}
	l.accept(ReceiveMessage{Inbox: "i", ID: "m2", From: from, MintedContact: "q2", MintedID: "c2", Tags: []string{"x", "tag3", "y"}})
	if tags := l.conversation("c").Tags; len(tags) != MaxTags || tags[MaxTags-1] != "x" {
		t.Errorf("it has %d tags: %v", len(tags), tags)
	}
	if r := l.refuse(PutTag{"c", "z"}); r.Reason != TooManyTags {
		t.Errorf("refused for %s", r.Reason)
	}
	l.accept(PutTag{"c", "tag3"}) // it has that
	l.accept(DeleteTag{"c", "x"}, PutTag{"c", "z"})
}

// TestRestrictionsOfARing: of more than there may be, the one that was used least
// recently loses its cursor; neither another one nor the unrestricted one does, and
// other rings are not counted.
func TestRestrictionsOfARing(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	var languages, regions []string
	for n := range 9 {
		languages, regions = append(languages, fmt.Sprint("l", n)), append(regions, fmt.Sprint("r", n))
	}
	l.accept(PutAgent{ID: agentID(0), Name: "A", SortKey: cbor.ByteString("a"), Languages: languages, Regions: regions}, available(0), openIt("free"))
	use := func(n int) {
		l.accept(OpenConversation{ID: ConversationID(fmt.Sprint("c", l.minted)), Inbox: "i", Contact: "p",
			Requires: &Requirement{Language: languages[n/9], Region: regions[n%9]}})
	}
	kept := func() map[string]bool {
		team, _ := l.state.Teams.ByID("t")
		known := map[string]bool{}
		for cursor := range l.state.Cursors.OfTeam(team.Handle) {
			known[cursor.Restriction] = true
		}
		return known
	}
	for n := range MaxRestrictions {
		use(n)
	}
	if known := kept(); len(known) != MaxRestrictions+1 {
		t.Fatalf("%d cursors, want one each and the unrestricted one", len(known))
	}
	use(0) // now number 1 was used least recently
	use(MaxRestrictions)
	known := kept()
	if len(known) != MaxRestrictions+1 || !known[""] || !known["language=l0;region=r0"] || known["language=l0;region=r1"] || !known["language=l7;region=r1"] {
		t.Errorf("%d cursors: %v", len(known), known)
	}
}

// TestRefundsToCome: a team owes a bounded number of turns; once one is taken there
// is room for another.
func TestRefundsToCome(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(available(0))
	var batch []Command
	for n := range MaxRefunds + MaxMembers + 1 {
		batch = append(batch, openIt(fmt.Sprint("c", n)))
	}
	l.acceptAll(batch)
	batch = batch[:0]
	for rec := range l.state.Records.From(RecordID{}) {
		if rec.Decision != nil {
			batch = append(batch, RefundDecision{Decision: rec.ID.String(), Reason: runes(MaxReasonRunes)})
		}
	}
	last := batch[len(batch)-1]
	l.acceptAll(batch[:len(batch)-1])
	if r := l.refuse(last); r.Reason != TooManyRefunds {
		t.Errorf("refused for %s", r.Reason)
	}
	if r := l.refuse(RefundDecision{Decision: "1.0", Reason: runes(MaxReasonRunes + 1)}); len(r.Fields) != 1 || r.Fields[0].Pointer != "/reason" {
		t.Errorf("a long reason is refused for %s %+v", r.Reason, r.Fields)
	}
	l.accept(openIt("takes-one"))
	l.accept(last)
}

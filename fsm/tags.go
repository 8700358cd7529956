package fsm

import (
	"fmt"
	"slices"
)

var (
	_ = register[PutTag](72, "conversation.tag_put")
	_ = register[DeleteTag](73, "conversation.tag_delete")
)

// MaxTags bounds the tags of a conversation, and those that a rotation excludes.
const MaxTags = 32

// PutTag tags a conversation. One that waits and is tagged with what its team's
// rotation excludes leaves the queue: a person must claim it.
type PutTag struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Tag          string         `json:"tag" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutTag) Check() error { return checkTag(c.Conversation, c.Tag) }

func checkTag(conversation ConversationID, tag string) error {
	var check checker
	check.idUpTo("/conversation", string(conversation), MaxLongIDBytes)
	check.id("/tag", tag)
	return check.err()
}

func (c PutTag) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	if slices.Contains(row.Tags, c.Tag) {
		return tx.accept(false), nil
	}
	if len(row.Tags) >= MaxTags {
		return Result{}, reject(TooManyTags, "conversation %q has %d tags, the most it may have; take one away first", row.ID, len(row.Tags))
	}
	tag(tx, &row, []string{c.Tag})
	return tx.accept(true), nil
}

// tag adds tags to a conversation that is stored.
func tag(tx *Tx, c *Conversation, tags []string) {
	added := slices.DeleteFunc(sortedTags(tags), func(tag string) bool { return slices.Contains(c.Tags, tag) })
	c.Tags = sortedTags(append(slices.Clone(c.Tags), tags...))
	c.Revision = tx.Seq
	tx.emit(Record{Event: ConversationTagged, Telling: Telling{Tags: added}}, c)
	tx.Conversations.Put(*c)
	team, _ := tx.Teams.Get(c.Assignment.Team)
	if c.Assignment.queued() && team.Rotation.excludes(*c) {
		leave(tx, c, team)
		exclude(tx, c, ConversationTagged, ConversationTagged, nil)
	}
}

// DeleteTag takes a tag away. If it was the last that kept the conversation out of
// the rotation, it enters the queue with the age it has.
type DeleteTag struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Tag          string         `json:"tag" cbor:"2,keyasint"`
}

// Check implements Command.
func (c DeleteTag) Check() error { return checkTag(c.Conversation, c.Tag) }

func (c DeleteTag) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	at := slices.Index(row.Tags, c.Tag)
	if at < 0 {
		return Result{}, reject(NotFound, "conversation %q has no tag %q", row.ID, c.Tag)
	}
	tx.subject = row.Handle
	tx.decided = tx.lastDecision(row)
	row.Tags = slices.Delete(slices.Clone(row.Tags), at, at+1)
	if len(row.Tags) == 0 {
		row.Tags = nil
	}
	row.Revision = tx.Seq
	tx.emit(Record{Event: ConversationUntagged, Telling: Telling{Tags: []string{c.Tag}}}, &row)
	tx.Conversations.Put(row)
	team, _ := tx.Teams.Get(row.Assignment.Team)
	switch was := row.Assignment; {
	case row.Status != StatusOpen, was.Cause != CauseExcluded || team.Rotation.excludes(row) && !team.Removed:
	case team.Removed:
		sendBack(tx, &row, ConversationUntagged)
	default:
		arrive(tx, &row, Assignment{SinceMs: was.SinceMs, Team: was.Team, QueueSeq: was.QueueSeq,
			Progress: Progress{Chain: was.Team, StepMs: tx.NowMs}}, ConversationUntagged)
	}
	return tx.accept(false), nil
}

// excludes says whether a rotation leaves c alone because of its tags.
func (r Rotation) excludes(c Conversation) bool {
	return slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(r.ExcludeTags, tag) })
}

// exclude keeps c, which waits nowhere, for a person to claim. It keeps its age.
func exclude(tx *Tx, c *Conversation, trigger, event Event, step *uint8) {
	at := c.Assignment
	give(tx, c, Assignment{State: StateManual, Cause: CauseExcluded, SinceMs: at.SinceMs, Team: at.Team, QueueSeq: at.QueueSeq},
		Decision{Kind: DecidedWaiting, Trigger: trigger, Before: at.Assignee, Cause: CauseExcluded, FallbackStep: step}, event)
}

func checkTags(check *checker, pointer string, tags []string) {
	if len(tags) > MaxTags {
		check.add(pointer, "too_many", "%d, at most %d are allowed", len(tags), MaxTags)
		return
	}
	for i, tag := range tags {
		check.id(fmt.Sprintf("%s/%d", pointer, i), tag)
	}
}

// sortedTags returns each tag once, sorted; nil for none.
func sortedTags(tags []string) []string {
	if len(tags) == 0 {
		return nil
	}
	list := slices.Clone(tags)
	slices.Sort(list)
	return slices.Compact(list)
}

// withTags returns the tags of c and those that a message brings, as far as there
// is room: a message is never refused for its tags.
func withTags(c Conversation, tags []string) []string {
	list := c.Tags
	for _, tag := range sortedTags(tags) {
		if len(list) < MaxTags {
			list = sortedTags(append(slices.Clone(list), tag))
		}
	}
	return list
}

func (c PutTag) target(s *State) Target    { return conversationTarget(s, c.Conversation) }
func (c DeleteTag) target(s *State) Target { return conversationTarget(s, c.Conversation) }

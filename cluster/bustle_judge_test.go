package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// A seenCounts counts what was seen, by name.
type seenCounts map[string]int

func (t seenCounts) add(more seenCounts) {
	for name, n := range more {
		t[name] += n
	}
}

// bustleFloors are how many of each all stories together must have seen, for one
// change of leader. They are far below what is usual;
// of what is rare, the short run need not have seen any.
var bustleFloors = map[string]float64{
	"bursts": 0.1, "bursts across a change of leader": 0.02, "messages that were sent twice": 0.1,
	"contests won by a person": 0.01, "contests won by automation": 0.01, "automation told that a person decided": 0.02,
	"merges": 0.005, "erasures": 0.005, "erased texts": 0.01, "texts that stay": 0.1, "reopenings": 0.01, "woken by time": 0.005,
	"handed off": 0.005, "undone": 0.003, "notices": 0.5, "notices to followers": 0.003, "alerts of what is held": 0.005,
}

// A judged collects what is wrong and what was counted.
type judged struct {
	counts seenCounts
	wrong  []string
}

func (j *judged) accuse(format string, args ...any) {
	j.wrong = append(j.wrong, fmt.Sprintf(format, args...))
}

// A carriedOut item is one that the log has carriedOut out or refused for the first time.
type carriedOut struct {
	fsm.Outcome
	key       string
	principal string
	term      uint64
	nowMs     int64
	command   fsm.Command
}

// A course is what the log came to, applied once more with nothing but package fsm.
type course struct {
	state   *fsm.State
	records []fsm.Record
	items   []carriedOut
	erased  []string // texts that told who somebody was
	broken  bool     // it cannot be applied to its end
	entries []courseEntry
}

// A courseEntry is an entry, whether it has records or not, and the time behind it.
type courseEntry struct {
	index uint64
	nowMs int64
}

func courseOf(entries []logged) course {
	c := course{state: fsm.NewState()}
	gone := map[fsm.ContactHandle][]string{}
	for _, e := range entries {
		entry, err := fsm.DecodeEntry(e.Data)
		if err != nil {
			c.broken = true
			return c
		}
		commands := make([]fsm.Command, len(entry.Items))
		for i, item := range entry.Items {
			commands[i], _ = fsm.DecodeItem(item)
			switch command := commands[i].(type) {
			case fsm.EraseContact:
				contact, _ := c.state.Contacts.ByID(command.Contact)
				c.erased = slices.Concat(c.erased, gone[contact.Handle], textsOf(c.state, contact))
			case fsm.MergeContacts:
				from, _ := c.state.Contacts.ByID(command.From)
				into, _ := c.state.Contacts.ByID(command.Contact)
				gone[into.Handle] = slices.Concat(gone[into.Handle], gone[from.Handle], textsOf(c.state, from))
			}
		}
		outcomes, err := c.state.Apply(e.Index, entry)
		if err != nil {
			c.broken = true
			return c
		}
		c.entries = append(c.entries, courseEntry{e.Index, c.state.NowMs})
		for i, o := range outcomes {
			if !isExpired(o) {
				item := entry.Items[i]
				c.items = append(c.items, carriedOut{o, string(item.Key), item.Principal, e.Term, c.state.NowMs, commands[i]})
			}
		}
	}
	c.records = slices.Collect(c.state.Records.From(fsm.RecordID{}))
	return c
}

// judgeBustle judges what the log has done to the bustle's contacts and
// conversations. A log that cannot be applied is judged by itself.
func judgeBustle(c course) judged {
	j := judged{counts: seenCounts{}}
	if c.broken {
		return j
	}
	j.bursts(c)
	j.contests(c)
	j.overwritten(c)
	j.merged(c)
	j.erased(c)
	j.ruling(c)
	j.rations(c)
	j.caprice(c)
	j.courtship(c)
	told := newBustleRecords(c.state)
	for _, rec := range c.records {
		told.step(&j, rec)
	}
	told.end(&j)
	return j
}

// textsOf is what tells who a contact is.
func textsOf(s *fsm.State, contact fsm.Contact) []string {
	texts := slices.Clone(contact.Addresses)
	if contact.Name != "" {
		texts = append(texts, contact.Name)
	}
	for c := range s.Conversations.All() {
		for _, a := range c.Attributes {
			if c.Contact == contact.Handle {
				texts = append(texts, a.Value)
			}
		}
	}
	return texts
}

// bursts: whoever writes several times has one conversation, which took one turn,
// and each message is told once (K109).
func (j *judged) bursts(log course) {
	type burst struct {
		conversations map[uint64]bool
		terms         map[uint64]bool
		opened        int
	}
	all := map[string]*burst{}
	for _, it := range log.items {
		c, ok := it.command.(fsm.ReceiveMessage)
		name, _, is := cutBurst(c.ID)
		if !ok || !is {
			continue
		}
		b := all[name]
		if b == nil {
			b = &burst{map[uint64]bool{}, map[uint64]bool{}, 0}
			all[name] = b
		}
		switch {
		case it.Rejection != nil:
			j.accuse("message %s of somebody unknown was refused: %v", c.ID, it.Rejection)
			continue
		case it.Replayed:
			j.counts["messages that were sent twice"]++
			continue
		case it.Created:
			b.opened++
		}
		b.terms[it.term] = true
		b.conversations[it.Subject.Handle] = true
	}
	for name, b := range all {
		j.counts["bursts"]++
		if len(b.terms) > 1 {
			j.counts["bursts across a change of leader"]++
		}
		if len(b.conversations) != 1 || b.opened != 1 {
			j.accuse("%s has %d conversations, of which %d were opened, want one", name, len(b.conversations), b.opened)
		}
	}
	told, turns := map[string]int{}, map[string]int{}
	last := map[fsm.ConversationHandle][]string{} // turns since its opening, and until its last message
	for _, rec := range log.records {
		name, _, is := cutBurst(rec.MessageID)
		opens := rec.Event == fsm.ConversationOpened
		if is && (opens || rec.Event == fsm.MessageReceived || rec.Event == fsm.ConversationReopened) {
			told[rec.MessageID]++
			turns[name] += len(last[rec.Conversation])
			last[rec.Conversation] = nil
		}
		if rec.Decision == nil || !rec.Decision.Turn {
			continue
		}
		if is {
			turns[name]++
		} else {
			last[rec.Conversation] = append(last[rec.Conversation], rec.ID.String())
		}
	}
	for message, n := range told {
		if n != 1 {
			j.accuse("message %s is told %d times", message, n)
		}
	}
	for name, n := range turns {
		if n > 1 {
			j.accuse("%s took %d turns", name, n)
		}
	}
}

// cutBurst takes the id of a message apart.
func cutBurst(id string) (burst, message string, ok bool) {
	if !strings.HasPrefix(id, "burst-") {
		return "", "", false
	}
	at := strings.LastIndexByte(id, '-')
	return id[:at], id[at+1:], true
}

// contests: of a claim and of automation that knew the newest decision, never both
// have won; and if neither has, somebody else was before them.
func (j *judged) contests(log course) {
	byKey := map[string]carriedOut{}
	for _, it := range log.items {
		if _, known := byKey[it.key]; !known {
			byKey[it.key] = it
		}
	}
	for number := range len(log.items) {
		claim, claimed := byKey[string(bustleKey(contestKey(number, sideClaim)).Bytes())]
		assign, assigned := byKey[string(bustleKey(contestKey(number, sideAgent)).Bytes())]
		if !claimed || !assigned {
			continue
		}
		switch {
		case claim.Rejection == nil && assign.Rejection == nil:
			j.accuse("contest %d about %v: the claim won as %s, and automation won as %s", number, assign.command, claim.Decision, assign.Decision)
		case claim.Rejection == nil:
			j.counts["contests won by a person"]++
		case assign.Rejection == nil:
			j.counts["contests won by automation"]++
		case claim.Rejection.Reason == fsm.AlreadyAssigned && claim.Rejection.Decision.String() == assign.command.(fsm.AssignConversation).IfDecision:
			j.accuse("contest %d about %v: nobody won, and the claim lost to the decision it was about", number, assign.command)
		}
		for _, lost := range []*fsm.Rejection{claim.Rejection, assign.Rejection} {
			if lost != nil && (lost.Reason == fsm.AlreadyAssigned || lost.Reason == fsm.DecisionChanged) && (lost.Decision == fsm.RecordID{} || lost.SinceMs == 0) {
				j.accuse("contest %d: who lost is not told by which decision: %+v", number, *lost)
			}
		}
	}
}

// overwritten: what a program did to a person's decision, it did knowing it.
func (j *judged) overwritten(log course) {
	bySeq := map[uint64]carriedOut{}
	for _, it := range log.items {
		if it.Rejection != nil && it.Rejection.Reason == fsm.DecidedByPerson {
			j.counts["automation told that a person decided"]++
			if it.Rejection.By == "" || (it.Rejection.Decision == fsm.RecordID{}) {
				j.accuse("%s is told that a person decided, and not who and when: %+v", it.principal, *it.Rejection)
			}
		}
		if !it.Replayed && it.Rejection == nil {
			bySeq[it.Seq] = it
		}
	}
	newest := map[fsm.ConversationHandle]fsm.Record{}
	for _, rec := range log.records {
		if rec.Decision == nil {
			continue
		}
		before := newest[rec.Conversation]
		newest[rec.Conversation] = rec
		it, asked := bySeq[rec.Seq]
		if !asked || !strings.HasPrefix(it.principal, "system:") || uint64(rec.Conversation) != it.Subject.Handle {
			continue
		}
		decided, believes := "", ""
		if before.Decision != nil && before.Event == before.Decision.Trigger && strings.HasPrefix(before.Actor, "agent:b") {
			decided = before.ID.String()
		}
		switch c := it.command.(type) {
		case fsm.AssignConversation:
			if believes = c.IfDecision; believes != "" && believes != before.ID.String() {
				j.accuse("%s was made by %s, who believed in %s and not in %s", rec.ID, it.principal, believes, before.ID)
			}
		case fsm.RequeueConversation, fsm.TransferConversation:
		case fsm.UndoDecision:
			believes = c.Decision // it names what it knows
		default:
			continue
		}
		if decided != "" && believes != decided {
			j.accuse("%s of %s overwrites decision %s of a person", rec.ID, it.principal, decided)
		}
	}
}

// merged: all that a contact ever had belongs to whom it is part of now.
func (j *judged) merged(log course) {
	into := map[fsm.ContactHandle]fsm.ContactHandle{}
	had := map[fsm.ConversationHandle]fsm.ContactHandle{}
	for _, rec := range log.records {
		switch rec.Event {
		case fsm.ContactErased:
			j.counts["erasures"]++
		case fsm.ContactMerged:
			into[rec.Other] = rec.Contact
			j.counts["merges"]++
		}
		if _, known := had[rec.Conversation]; !known && rec.Conversation != 0 {
			had[rec.Conversation] = rec.Contact
		}
	}
	for c := range log.state.Conversations.All() {
		owner := had[c.Handle]
		for into[owner] != 0 {
			owner = into[owner]
		}
		if c.Contact != owner {
			j.accuse("conversation %s belongs to contact %d, and should to %d, of which its own is a part", c.ID, c.Contact, owner)
		}
	}
}

// erased: of whom nobody has written since, nothing is left in the state; what was
// not erased is, which shows that it would be found (K111).
func (j *judged) erased(log course) {
	var b bytes.Buffer
	if err := log.state.WriteSnapshot(&b); err != nil {
		j.accuse("write the last state: %v", err)
		return
	}
	texts := map[string]bool{}
	for _, text := range log.erased {
		texts[text] = true
	}
	for text := range texts {
		j.counts["erased texts"]++
		if bytes.Contains(b.Bytes(), []byte(text)) {
			j.accuse("%q was erased and is still in the state", text)
		}
	}
	for contact := range log.state.Contacts.All() {
		for _, address := range contact.Addresses {
			if bytes.Contains(b.Bytes(), []byte(address)) {
				j.counts["texts that stay"]++
			}
		}
	}
}

// bustleVoid names what has happened too seldom for so many changes of leader. Of what a
// run so short would see a few times at best it asks nothing: chance would decide.
func bustleVoid(counts seenCounts, changes int) (void []string) {
	const few = 5
	floors := maps.Clone(bustleFloors)
	maps.Copy(floors, rulingFloors)
	maps.Copy(floors, rationingFloors)
	maps.Copy(floors, capriceFloors)
	maps.Copy(floors, courtingFloors)
	for _, name := range slices.Sorted(maps.Keys(floors)) {
		if floor := int(floors[name] * float64(changes)); floor >= few && counts[name] < floor {
			void = append(void, fmt.Sprintf("%d %s, want %d", counts[name], name, floor))
		}
	}
	return void
}

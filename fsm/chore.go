package fsm

import "cmp"

// A Chore is work of one command for many conversations, more than one entry may
// do: a step each, and the next entries go on where it stopped. Whoever asked for
// it is the actor of every step (K81).
type Chore struct {
	Kind    ChoreKind          `cbor:"1,keyasint"`
	Agent   AgentHandle        `cbor:"2,keyasint,omitempty"` // of ChoreRequeue
	Team    TeamHandle         `cbor:"3,keyasint,omitempty"` // of ChoreRequeue: only what is in this team; 0: all
	Because Event              `cbor:"4,keyasint"`           // the trigger of its decisions
	Actor   string             `cbor:"5,keyasint"`
	Via     string             `cbor:"6,keyasint,omitempty"`
	BegunMs int64              `cbor:"7,keyasint"`           // what somebody gave later is left alone
	Resume  ConversationHandle `cbor:"8,keyasint,omitempty"` // the first that was not looked at

	OfContact // 9 and 10; see contact_chore.go
	OfRule    // 20 to 25; see rule_chore.go
}

// A ChoreKind says what is done. The numbers stand in snapshots.
type ChoreKind uint8

// The chores.
const (
	ChoreRequeue ChoreKind = 1 // what an agent has goes back to the rotation
	ChoreRehome  ChoreKind = 2 // what waits in a removed team, or by its fallback, goes on without it
)

// Chores is the table of chores. There is one of a kind for an agent, a team and a
// contact at most: the same again begins anew.
type Chores struct{ Table[choreKey, Chore] }

type choreKey struct {
	kind  ChoreKind
	agent AgentHandle
	team  TeamHandle

	contact ContactHandle
	inbox   InboxHandle // of ChoreRule, which has no contact: whose conversations
	rule    OfRule
}

func (c Chore) key() choreKey {
	k := choreKey{kind: c.Kind, agent: c.Agent, team: c.Team, contact: c.Contact, rule: c.OfRule}
	if c.Kind == ChoreRule {
		k.inbox = c.Inbox
	}
	return k
}

func newChores() Chores {
	return Chores{newTable[choreKey, Chore](func(a, b choreKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.agent, b.agent), cmp.Compare(a.team, b.team),
			cmp.Compare(a.contact, b.contact), cmp.Compare(a.inbox, b.inbox), a.rule.compare(b.rule))
	})}
}

func (t Chores) clone() Chores { return Chores{t.Table.clone()} }

// Put stores row under its kind, agent, team and contact.
func (t Chores) Put(row Chore) { t.set(row.key(), &row) }

// Delete ends a chore.
func (t Chores) Delete(row Chore) { t.remove(row.key()) }

// begin stores a chore for the actor of the command at hand. The entry begins with
// it as soon as its commands are carried out.
func (c Chore) begin(tx *Tx) {
	c.Actor, c.Via, c.BegunMs = tx.actor, tx.via, tx.NowMs
	tx.Chores.Put(c)
}

// doChores does what the entry has steps for; NextDue asks for the next one while
// anything is left.
func doChores(tx *Tx) {
	for {
		chore, ok := first(tx.Chores.All())
		if !ok {
			return
		}
		if chore.Contact != 0 {
			for chore.ofContact(tx) {
				runRules(tx)
			}
			if tx.steps == 0 {
				return
			}
			continue
		}
		if doRuleChore(tx, chore) {
			if tx.steps == 0 {
				return
			}
			continue
		}
		if chore.Kind == ChoreEscalate {
			ofEscalation(tx, chore)
			if tx.steps == 0 {
				return
			}
			continue
		}
		c, found := chore.next(tx)
		if !found {
			tx.Chores.Delete(chore)
			continue
		}
		if !tx.step() {
			return
		}
		chore.Resume = c.Handle + 1
		tx.Chores.Put(chore)
		switch {
		case chore.Kind == ChoreRehome && c.Assignment.Team != chore.Team:
			beginChain(tx, &c)
			tx.rearm()
			runRules(tx)
		case chore.wants(c):
			tx.asTimer()
			tx.actor, tx.via, tx.because = chore.Actor, chore.Via, chore.Because
			giveUp(tx, &c)
			tx.rearm()
			runRules(tx)
		}
	}
}

// next returns the conversation that a chore looks at next.
func (c Chore) next(tx *Tx) (Conversation, bool) {
	if c.Kind == ChoreRehome {
		if team, _ := tx.Teams.Get(c.Team); !team.Removed {
			return Conversation{}, false // it is back, and serves its queue itself
		}
		if row, ok := first(tx.Conversations.Queue(c.Team)); ok && row.Assignment.SinceMs <= c.BegunMs {
			return row, true // one that came back must not go round for ever
		}
		return inChain(tx.State, c.Team)
	}
	return nextOfAgent(tx.Conversations, c.Agent, c.Resume)
}

func (c Chore) wants(row Conversation) bool {
	return c.Kind == ChoreRehome ||
		row.Assignment.SinceMs <= c.BegunMs && (c.Team == 0 || row.Assignment.Team == c.Team)
}

// The words of what becomes of open conversations.
const (
	toRequeue = "requeue"
	toKeep    = "keep"
)

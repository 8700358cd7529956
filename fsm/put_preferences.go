package fsm

var _ = register[PutPreferences](133, "agent.preferences_put")

// PutPreferences says what an agent wants to be told, and how. What is left out is
// on: nobody misses anything because a kind is new.
type PutPreferences struct {
	Agent         AgentID           `json:"agent" cbor:"1,keyasint"`
	Notifications NoticePreferences `json:"notifications" cbor:"2,keyasint"`
}

// NoticePreferences has a field for each kind, under its name and number.
type NoticePreferences struct {
	Assigned   *ChannelPreferences `json:"assigned" cbor:"1,keyasint,omitempty"`
	Reassigned *ChannelPreferences `json:"reassigned" cbor:"2,keyasint,omitempty"`
	Unassigned *ChannelPreferences `json:"unassigned" cbor:"3,keyasint,omitempty"`
	Message    *ChannelPreferences `json:"message_received" cbor:"4,keyasint,omitempty"`
	Followed   *ChannelPreferences `json:"followed_message" cbor:"5,keyasint,omitempty"`
	Waiting    *ChannelPreferences `json:"waiting" cbor:"6,keyasint,omitempty"`
	Held       *ChannelPreferences `json:"held" cbor:"7,keyasint,omitempty"`
	Offered    *ChannelPreferences `json:"offered" cbor:"8,keyasint,omitempty"`
	Escalated  *ChannelPreferences `json:"escalated" cbor:"9,keyasint,omitempty"`
	Rule       *ChannelPreferences `json:"rule" cbor:"10,keyasint,omitempty"`
}

// ChannelPreferences says for one kind which channels are on; nil: on.
type ChannelPreferences struct {
	List    *bool `json:"list" cbor:"1,keyasint,omitempty"`
	Stream  *bool `json:"stream" cbor:"2,keyasint,omitempty"`
	Webhook *bool `json:"webhook" cbor:"3,keyasint,omitempty"`
}

// byKind returns the fields in the order of the kinds, the first for NoticeAssigned.
func (p NoticePreferences) byKind() []*ChannelPreferences {
	return []*ChannelPreferences{p.Assigned, p.Reassigned, p.Unassigned, p.Message, p.Followed, p.Waiting, p.Held, p.Offered, p.Escalated, p.Rule}
}

// muted returns the set as Agent.Muted has it.
func (p NoticePreferences) muted() (set uint64) {
	for i, of := range p.byKind() {
		if of != nil {
			set |= uint64(of.off()) << mutedShift(NoticeKind(i+1))
		}
	}
	return set
}

func (p ChannelPreferences) off() (set Channels) {
	for i, on := range []*bool{p.List, p.Stream, p.Webhook} {
		if on != nil && !*on {
			set |= 1 << i
		}
	}
	return set
}

// Check implements Command.
func (c PutPreferences) Check() error {
	var check checker
	check.id("/agent", string(c.Agent))
	return check.err()
}

func (c PutPreferences) apply(tx *Tx) (Result, error) {
	row, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	}
	if muted := c.Notifications.muted(); muted != row.Muted {
		row.Muted, row.Revision = muted, tx.Seq
		tx.Agents.Put(row)
		tx.emit(Record{Event: PreferencesChanged, Agent: row.Handle}, nil)
	}
	return Result{Subject: Subject{NounAgent, uint64(row.Handle)}}, nil
}

func (c PutPreferences) target(s *State) Target { return agentTarget(s, c.Agent, false) }

// What she wants to be told is for herself to say, or for who looks after her.
func (c PutPreferences) allowed(_ *Tx, by Agent) bool {
	return c.Agent == by.ID || by.Role == RoleSupervisor
}

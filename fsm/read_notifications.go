package fsm

import "fmt"

var _ = register[ReadNotifications](132, "notifications.read")

// ReadNotifications marks notifications of an agent as read: all up to one, or
// those that are named. What is not in her list any more needs no mark.
type ReadNotifications struct {
	Agent AgentID  `json:"agent" cbor:"1,keyasint"`
	UpTo  string   `json:"up_to" cbor:"2,keyasint,omitempty"` // "1042.3": this one and all before it
	IDs   []string `json:"ids" cbor:"3,keyasint,omitempty"`
}

// Check implements Command.
func (c ReadNotifications) Check() error {
	const form = "give the id of a notification, such as 1042.3"
	var check checker
	check.id("/agent", string(c.Agent))
	switch {
	case c.UpTo != "" && len(c.IDs) > 0:
		check.add("/ids", "unexpected", `give either "up_to" or "ids", not both`)
	case c.UpTo == "" && len(c.IDs) == 0:
		check.add("/up_to", "required", `say which: "up_to" with the newest id that was read, or a list of "ids"`)
	case len(c.IDs) > MaxNotifications:
		check.add("/ids", "too_many", "%d, at most %d are allowed", len(c.IDs), MaxNotifications)
	default:
		if _, err := ParseRecordID(c.UpTo); c.UpTo != "" && err != nil {
			check.add("/up_to", "record_id", form)
		}
		for i, id := range c.IDs {
			if _, err := ParseRecordID(id); err != nil {
				check.add(fmt.Sprintf("/ids/%d", i), "record_id", form)
			}
		}
	}
	return check.err()
}

func (c ReadNotifications) apply(tx *Tx) (Result, error) {
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, reject(NotFound, "there is no agent %q", c.Agent)
	}
	var read []Notification
	if upTo, err := ParseRecordID(c.UpTo); err == nil {
		for row := range tx.Notifications.Back(agent.Handle, upTo) {
			read = append(read, row)
		}
	}
	for _, text := range c.IDs {
		id, _ := ParseRecordID(text)
		if row, there := tx.Notifications.get(agent.Handle, id); there {
			read = append(read, row)
		}
	}

	_, before := tx.Notifications.Counts(agent.Handle)
	for _, row := range read {
		if !row.Read {
			row.Read = true
			tx.Notifications.Put(row)
		}
	}
	if _, after := tx.Notifications.Counts(agent.Handle); after != before {
		tx.emit(Record{Event: NotificationsRead, Agent: agent.Handle}, nil)
	}
	return Result{Subject: Subject{NounAgent, uint64(agent.Handle)}}, nil
}

func (c ReadNotifications) target(s *State) Target { return agentTarget(s, c.Agent, false) }

// Notifications are for oneself, and for who looks after others. The same rule
// says who may look at them.
func (c ReadNotifications) allowed(_ *Tx, by Agent) bool {
	return c.Agent == by.ID || by.Role == RoleSupervisor
}

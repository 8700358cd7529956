package fsm

import (
	"fmt"
	"testing"
)

func contactID(i int) ContactID { return ContactID(fmt.Sprintf("p%05d", i)) }

// TestFollowersAreLimited: a hundred follow a contact, and an agent follows ten
// thousand; who goes makes room.
func TestFollowersAreLimited(t *testing.T) {
	l := newLab(t)
	var commands []Command
	for i := range MaxFollowers + 1 {
		commands = append(commands, putAgent(i))
	}
	for i := range MaxFollowing + 1 {
		commands = append(commands, PutContact{ID: contactID(i), Name: "P"})
	}
	for i := range MaxFollowers {
		commands = append(commands, FollowContact{contactID(0), agentID(i)})
	}
	for i := 1; i < MaxFollowing; i++ {
		commands = append(commands, FollowContact{contactID(i), agentID(0)})
	}
	l.acceptAll(commands)
	if r := l.refuse(FollowContact{contactID(0), agentID(MaxFollowers)}); r.Reason != TooManyFollowers {
		t.Error(r.Detail)
	}
	if r := l.refuse(FollowContact{contactID(MaxFollowing), agentID(0)}); r.Reason != TooManyFollowers {
		t.Error(r.Detail)
	}
	l.accept(UnfollowContact{contactID(0), agentID(0)},
		FollowContact{contactID(0), agentID(MaxFollowers)}, FollowContact{contactID(MaxFollowing), agentID(0)})
}

// TestNotificationsAreLimited: the newest five hundred are kept, for thirty days.
func TestNotificationsAreLimited(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(available(0))
	var commands []Command
	for i := range MaxNotifications + 7 {
		commands = append(commands, openIt(fmt.Sprint("c", i)))
	}
	l.acceptAll(commands)
	agent := l.agent(0)
	if kept, unread := l.state.Notifications.Counts(agent); kept != MaxNotifications || unread != MaxNotifications {
		t.Errorf("%d are kept, %d of them unread", kept, unread)
	}
	oldest, _ := first(l.state.Notifications.Of(agent))
	if c := l.conversation("c7"); oldest.Conversation != c.Handle {
		t.Errorf("the oldest is of conversation %d, want that of c7", oldest.Conversation)
	}
	l.nowMs = oldest.TimeMs + NotificationLifeMs - 1
	l.accept(openIt("late"))
	if kept, _ := l.state.Notifications.Counts(agent); kept != MaxNotifications {
		t.Errorf("%d are kept before their time is over", kept)
	}
	for l.nowMs = oldest.TimeMs + NotificationLifeMs + forgetHourly; ; {
		due, ok := l.state.NextDue()
		if !ok || due > l.nowMs {
			break
		}
		l.apply()
	}
	if kept, unread := l.state.Notifications.Counts(agent); kept != 1 || unread != 1 {
		t.Errorf("%d are kept, %d of them unread, when all but one are too old", kept, unread)
	}
}

// TestViewsAreLimited: each agent, each team and all together have so many.
func TestViewsAreLimited(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	var commands []Command
	whose := map[string]func(i int) PutView{
		"shared": func(i int) PutView { return PutView{ID: ViewID(fmt.Sprint("s", i)), Name: "S"} },
		"hers":   func(i int) PutView { return PutView{ID: ViewID(fmt.Sprint("h", i)), Name: "H", Owner: agentID(0)} },
		"team's": func(i int) PutView { return PutView{ID: ViewID(fmt.Sprint("t", i)), Name: "T", Team: "t"} },
	}
	for _, view := range whose {
		for i := range MaxViews {
			commands = append(commands, view(i))
		}
	}
	l.acceptAll(commands)
	for name, view := range whose {
		if r := l.refuse(view(MaxViews)); r.Reason != TooManyViews {
			t.Errorf("%s: %s", name, r.Detail)
		}
		l.accept(view(0), DeleteView{view(0).ID}, view(MaxViews))
	}
}

// TestSnoozeIsLimited to a year ahead, and to what is ahead at all.
func TestSnoozeIsLimited(t *testing.T) {
	l := newLab(t)
	l.staff(1, RotationSettings{})
	l.accept(openIt("c"))
	for _, ms := range []int64{-1, 0, MaxSnoozeMs + 1} {
		if r := l.refuse(SnoozeConversation{"c", timeText(l.nowMs + ms)}); len(r.Fields) != 1 || r.Fields[0].Pointer != "/until" {
			t.Errorf("%d ms ahead: %s", ms, r.Detail)
		}
	}
	l.accept(SnoozeConversation{"c", timeText(l.nowMs + MaxSnoozeMs)})
}

// TestPriorityIsLimited: 0 to 9.
func TestPriorityIsLimited(t *testing.T) {
	for priority, good := range map[uint8]bool{0: true, MaxPriority: true, MaxPriority + 1: false, 255: false} {
		if err := (PutPriority{"c", &priority}).Check(); (err == nil) != good {
			t.Errorf("%d: %v", priority, err)
		}
	}
	if err := (PutPriority{"c", nil}).Check(); err == nil {
		t.Error("none is taken for one")
	}
}

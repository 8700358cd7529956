package fsm

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// A limit is a command as large as one may be, the same one size up, and how that
// is refused: where, and in which word.
type limit struct {
	name          string
	at, beyond    Command
	pointer, code string
}

// sized builds both commands of a limit.
func sized(name string, most int, build func(n int) Command, pointer, code string) limit {
	return limit{name, build(most), build(most + 1), pointer, code}
}

func text(n int) string { return strings.Repeat("x", n) }

// runes are four bytes each, so that a limit in runes cannot pass for one in
// bytes.
func runes(n int) string { return strings.Repeat("𝄞", n) }

func attributes(n int) map[string]string {
	all := map[string]string{}
	for i := range n {
		all[fmt.Sprint("name", i)] = "value"
	}
	return all
}

func idLimits() []limit {
	from := &Sender{Address: "+1"}
	return []limit{
		sized("agent id", MaxIDBytes, func(n int) Command { return PutAgent{ID: AgentID(text(n)), Name: "A"} }, "/id", "too_long"),
		sized("team id", MaxIDBytes, func(n int) Command { return PutTeam{ID: TeamID(text(n)), Name: "T"} }, "/id", "too_long"),
		sized("inbox id", MaxIDBytes, func(n int) Command { return PutInbox{ID: InboxID(text(n)), Name: "I"} }, "/id", "too_long"),
		sized("contact id", MaxIDBytes, func(n int) Command { return PutContact{ID: ContactID(text(n))} }, "/id", "too_long"),
		sized("node id", MaxIDBytes, func(n int) Command { return AnnounceNode{ID: NodeID(text(n)), HTTP: "h", Cluster: "c"} }, "/id", "too_long"),
		sized("cluster id", MaxIDBytes, func(n int) Command {
			// At the limit it is well formed and still another cluster's: see below.
			return BeginTerm{Node: "n1", ClusterID: text(n)}
		}, "/cluster_id", "too_long"),
		sized("channel kind", MaxIDBytes, func(n int) Command {
			return PutInbox{ID: "j", Name: "I", Channel: Channel{text(n), "+2"}}
		}, "/channel/kind", "too_long"),
		sized("attribute name", MaxIDBytes, func(n int) Command {
			return OpenConversation{ID: "c-name", Inbox: "i", Contact: "p", Attributes: map[string]string{text(n): "v"}}
		}, "/attributes/"+clip(text(MaxIDBytes+1)), "too_long"),
		sized("conversation id", MaxLongIDBytes, func(n int) Command { return openIt(text(n)) }, "/id", "too_long"),
		sized("minted id", MaxLongIDBytes, func(n int) Command {
			return OpenConversation{MintedID: ConversationID("y" + text(n-1)), Inbox: "i", Contact: "p"}
		}, "/id", "too_long"),
		sized("message id", MaxLongIDBytes, func(n int) Command {
			return ReceiveMessage{Inbox: "i", ID: text(n), From: *from, MintedContact: "p-m", MintedID: "m"}
		}, "/id", "too_long"),
		{"conversation to close", CloseConversation{ConversationID(text(MaxLongIDBytes))}, CloseConversation{ConversationID(text(MaxLongIDBytes + 1))},
			"/conversation", "too_long"},
	}
}

func textLimits() []limit {
	return []limit{
		sized("agent name", MaxNameRunes, func(n int) Command { return PutAgent{ID: "a-name", Name: runes(n)} }, "/name", "too_long"),
		sized("team name", MaxNameRunes, func(n int) Command { return PutTeam{ID: "t-name", Name: runes(n)} }, "/name", "too_long"),
		sized("inbox name", MaxNameRunes, func(n int) Command { return PutInbox{ID: "i-name", Name: runes(n)} }, "/name", "too_long"),
		sized("contact name", MaxNameRunes, func(n int) Command { return PutContact{ID: "p-name", Name: runes(n)} }, "/name", "too_long"),
		sized("sender name", MaxNameRunes, func(n int) Command {
			return OpenConversation{ID: "c-sender", Inbox: "i", From: &Sender{"+3", runes(n)}, MintedContact: "p-sender"}
		}, "/from/name", "too_long"),
		sized("message sender name", MaxNameRunes, func(n int) Command {
			return ReceiveMessage{Inbox: "i", ID: "m1", From: Sender{"+4", runes(n)}, MintedContact: "p-4", MintedID: "m4"}
		}, "/from/name", "too_long"),
		sized("reason", MaxReasonRunes, func(n int) Command {
			return PutPresence{Agent: agentID(0), Status: "away", Reason: runes(n)}
		}, "/reason", "too_long"),
		sized("contact address", MaxAddressBytes, func(n int) Command { return PutContact{ID: "p-address", Addresses: []string{"+9", text(n)}} },
			"/addresses/1", "too_long"),
		sized("channel address", MaxAddressBytes, func(n int) Command {
			return PutInbox{ID: "i-address", Name: "I", Channel: Channel{"sms", text(n)}}
		}, "/channel/address", "too_long"),
		sized("sender address", MaxAddressBytes, func(n int) Command {
			return ReceiveMessage{Inbox: "i", ID: "m2", From: Sender{Address: "y" + text(n-1)}, MintedContact: "p-5", MintedID: "m5"}
		}, "/from/address", "too_long"),
		sized("node address", MaxAddressBytes, func(n int) Command { return AnnounceNode{ID: "n2", HTTP: text(n), Cluster: "c"} }, "/http", "too_long"),
		sized("node zone", MaxNameRunes, func(n int) Command { return AnnounceNode{ID: "n2", HTTP: "h", Cluster: "c", Zone: runes(n)} }, "/zone", "too_long"),
		sized("sort key", MaxSortKeyBytes, func(n int) Command {
			return PutAgent{ID: "a-key", Name: "A", SortKey: cbor.ByteString(text(n))}
		}, "/name", "too_long"),
		sized("attribute value", MaxAttributeRunes, func(n int) Command {
			return OpenConversation{ID: "c-value", Inbox: "i", Contact: "p", Attributes: map[string]string{text(MaxIDBytes): runes(n)}}
		}, "/attributes/"+text(MaxIDBytes), "too_long"),
	}
}

func numberLimits() []limit {
	team := func(r RotationSettings) Command { return PutTeam{ID: "t-number", Name: "T", Rotation: &r} }
	members := func(n int) Command {
		c := PutTeam{ID: "t-full", Name: "T"}
		for i := range n {
			c.Members = append(c.Members, TeamMember{Agent: agentID(i)})
		}
		return c
	}
	return []limit{
		sized("addresses", MaxAddresses, func(n int) Command {
			c := PutContact{ID: "p-many"}
			for i := range n {
				c.Addresses = append(c.Addresses, fmt.Sprint("+5", i))
			}
			return c
		}, "/addresses", "too_many"),
		sized("attributes", MaxAttributes, func(n int) Command {
			return OpenConversation{ID: "c-many", Inbox: "i", Contact: "p", Attributes: attributes(n)}
		}, "/attributes", "too_many"),
		sized("members", MaxMembers, members, "/members", "too_many"),
		sized("drain burst", MaxMembers, func(n int) Command { return team(RotationSettings{DrainBurst: number(uint32(n))}) },
			"/rotation/drain_burst", "too_large"),
		sized("drain interval", MaxSeconds, func(n int) Command { return team(RotationSettings{DrainIntervalSeconds: number(uint32(n))}) },
			"/rotation/drain_interval_seconds", "out_of_range"),
		{"no drain interval", team(RotationSettings{DrainIntervalSeconds: number(1)}), team(RotationSettings{DrainIntervalSeconds: number(0)}),
			"/rotation/drain_interval_seconds", "out_of_range"},
		sized("lease", MaxLeaseSeconds, func(n int) Command { return leased(0, uint32(n)) }, "/lease_seconds", "out_of_range"),
		{"short lease", leased(0, MinLeaseSeconds), leased(0, MinLeaseSeconds-1), "/lease_seconds", "out_of_range"},
		sized("dwell", MaxDwellSeconds, func(n int) Command { return PutTeam{ID: "t-dwell", Name: "T", DwellSeconds: number(uint32(n))} },
			"/dwell_seconds", "out_of_range"),
		sized("renewed", MaxRenewed, func(n int) Command {
			var c RenewPresence
			for i := range n {
				c.Agents = append(c.Agents, agentID(i))
			}
			return c
		}, "/agents", "too_many"),
		sized("alert", MaxSeconds, func(n int) Command { return team(RotationSettings{AlertAfterSeconds: number(uint32(n))}) },
			"/rotation/alert_after_seconds", "out_of_range"),
	}
}

// TestLimits: each is accepted as large as it may be, and one more is refused by
// the pointer of the field, before it is proposed and when it is applied.
func TestLimits(t *testing.T) {
	few := newLab(t)
	few.staff(1, RotationSettings{})
	for _, x := range slices.Concat(idLimits(), textLimits(), numberLimits(), rotationLimits(), capacityLimits(), offerLimits(), escalationLimits()) {
		t.Run(x.name, func(t *testing.T) {
			l := few
			l.t = t
			if strings.HasPrefix(x.name, "members") {
				l = newLab(t)
				l.staff(MaxMembers, RotationSettings{})
			}
			if err := x.at.Check(); err != nil {
				t.Fatalf("at the limit: %v", err)
			}
			o := l.apply(l.item(x.at))[0]
			if _, begins := x.at.(BeginTerm); o.Rejection != nil && !(begins && o.Rejection.Reason == OtherCluster) {
				t.Errorf("at the limit it was refused: %s", o.Rejection.Detail)
			}
			r := l.refuse(x.beyond)
			if checked, _ := asRejection(x.beyond.Check()); checked == nil || checked.Detail != r.Detail {
				t.Errorf("the edge says %v and the state says %v", checked, r)
			}
			if r.Reason != Invalid || len(r.Fields) != 1 || r.Fields[0].Pointer != x.pointer || r.Fields[0].Code != x.code {
				t.Errorf("refused by %s %+v, want %s %s", r.Reason, r.Fields, x.pointer, x.code)
			}
		})
	}
}

// TestOneMemberTooMany: the limit of a team holds for members that are put one by
// one, and that of an agent's teams either way.
func TestOneMemberTooMany(t *testing.T) {
	l := newLab(t)
	l.staff(MaxMembers, RotationSettings{})
	l.accept(putAgent(MaxMembers))
	if r := l.refuse(PutMember{Team: "t", Agent: agentID(MaxMembers)}); r.Reason != TeamFull {
		t.Errorf("refused for %s", r.Reason)
	}
	l.accept(DeleteMember{Team: "t", Agent: agentID(7)})
	l.accept(PutMember{Team: "t", Agent: agentID(MaxMembers)})

	var teams []Command
	for i := range MaxTeamsOfAgent - 1 { // she is in "t" already
		teams = append(teams, PutTeam{ID: TeamID(fmt.Sprint("u", i)), Name: "U", Members: []TeamMember{{Agent: agentID(0)}}})
	}
	l.acceptAll(append(teams, PutTeam{ID: "last", Name: "Last"}))
	for _, c := range []Command{PutMember{Team: "last", Agent: agentID(0)}, PutTeam{ID: "last", Name: "Last", Members: []TeamMember{{Agent: agentID(1)}, {Agent: agentID(0)}}}} {
		if r := l.refuse(c); r.Reason != TooManyTeams {
			t.Errorf("%T was refused for %s", c, r.Reason)
		}
	}
	l.accept(PutTeam{ID: "u0", Name: "renamed", Members: []TeamMember{{Agent: agentID(0)}}}) // no new one
	l.accept(DeleteMember{Team: "u0", Agent: agentID(0)})
	l.accept(PutMember{Team: "last", Agent: agentID(0)})
}

// TestFaultsAreListedTogether, and not without end.
func TestFaultsAreListedTogether(t *testing.T) {
	l := newLab(t)
	c := PutTeam{ID: "no spaces", Name: "bell\a", Rotation: &RotationSettings{Order: "backwards", Fallback: &FallbackSettings{To: "wait", Agent: "a"}}}
	var pointers []string
	for _, f := range l.refuse(c).Fields {
		pointers = append(pointers, f.Pointer)
	}
	if want := []string{"/id", "/name", "/rotation/order", "/rotation/fallback/agent"}; !slices.Equal(pointers, want) {
		t.Errorf("got %v, want %v", pointers, want)
	}
	for range 100 {
		c.Members = append(c.Members, TeamMember{Agent: "!"})
	}
	if n := len(l.refuse(c).Fields); n != 50 {
		t.Errorf("%d faults listed", n)
	}
	open := OpenConversation{ID: "c", Inbox: "i", Contact: "p", Attributes: map[string]string{"a/b~c": "v"}}
	if f := l.refuse(open).Fields; len(f) != 1 || f[0].Pointer != "/attributes/a~1b~0c" {
		t.Errorf("got %+v, want an escaped pointer", f)
	}
}

// TestEntriesAreBounded: too many items are refused, and the largest commands
// there may be fit into an entry.
func TestEntriesAreBounded(t *testing.T) {
	l := newLab(t)
	var items []Item
	for i := range MaxEntryItems + 1 {
		items = append(items, l.item(putAgent(i)))
	}
	if _, err := DecodeEntry(EncodeEntry(Entry{Items: items[:MaxEntryItems]})); err != nil {
		t.Errorf("%d items: %v", MaxEntryItems, err)
	}
	if _, err := DecodeEntry(EncodeEntry(Entry{Items: items})); err == nil || !strings.Contains(err.Error(), "257 items") {
		t.Errorf("%d items: %v", len(items), err)
	}

	team := PutTeam{ID: TeamID(text(MaxIDBytes)), Name: runes(MaxNameRunes), Rotation: samples[3].(PutTeam).Rotation}
	for i := range MaxMembers {
		team.Members = append(team.Members, TeamMember{Agent: AgentID(fmt.Sprintf("%064d", i))})
	}
	contact := PutContact{ID: ContactID(text(MaxIDBytes)), Name: runes(MaxNameRunes)}
	for i := range MaxAddresses {
		contact.Addresses = append(contact.Addresses, fmt.Sprintf("%0200d", i))
	}
	all := map[string]string{}
	for i := range MaxAttributes {
		all[fmt.Sprintf("%064d", i)] = runes(MaxAttributeRunes)
	}
	open := OpenConversation{ID: ConversationID(text(MaxLongIDBytes)), Inbox: "i", Attributes: all,
		From: &Sender{text(MaxAddressBytes), runes(MaxNameRunes)}, MintedContact: ContactID(text(MaxIDBytes))}
	for _, c := range []Command{team, contact, open} {
		if err := c.Check(); err != nil {
			t.Errorf("%T: %v", c, err)
		}
		if n := len(EncodeEntry(Entry{Items: []Item{l.item(c)}})); n > MaxEntryBytes-1024 {
			t.Errorf("the largest %T makes an entry of %d bytes, and %d are allowed", c, n, MaxEntryBytes)
		}
	}
}

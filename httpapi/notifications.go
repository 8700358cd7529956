package httpapi

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

var (
	readShape        = shapeOf[fsm.ReadNotifications]()
	preferencesShape = shapeOf[fsm.PutPreferences]()
)

// A noticeView says who is told of an event.
type noticeView struct {
	Agent    *string  `json:"agent"`
	Kind     string   `json:"kind"`
	Channels []string `json:"channels"`
}

func viewNotices(v *fsm.State, rec fsm.Record) []noticeView {
	list := make([]noticeView, 0, len(rec.Notices))
	for _, n := range rec.Notices {
		list = append(list, noticeView{agentName(v, n.Agent), n.Kind.String(), n.Channels.Names()})
	}
	return list
}

// A notificationView is an entry in the list of an agent. Its id is that of the
// event, so a client that also reads the stream shows it once.
type notificationView struct {
	ID           string  `json:"id"`
	Kind         string  `json:"kind"`
	At           moment  `json:"at"`
	Read         bool    `json:"read"`
	Conversation *string `json:"conversation"`
	Contact      *string `json:"contact"`
	Inbox        *string `json:"inbox"`
	Team         *string `json:"team"`
	Actor        *string `json:"actor"` // null: the event is no longer kept
}

// A notificationList says how many the agent has not read, of all.
type notificationList struct {
	listView
	Unread int `json:"unread"`
}

// mayLookAt refuses what an agent has no business to see of another.
func mayLookAt(v *fsm.State, p Principal, agent fsm.AgentID) error {
	if r := fsm.Permitted(v, p.Name, fsm.ReadNotifications{Agent: agent}); r != nil {
		p := refused(r, fsm.Key{})
		p.index = v.Index
		return p
	}
	return nil
}

// ownAgent finds the agent of the path for who may look at what is hers.
func ownAgent(a *api, c *call) (*fsm.State, fsm.Agent, error) {
	v, row, err := agentOf(a, c)
	if err != nil {
		return nil, row, err
	}
	return v, row, mayLookAt(v, c.principal, row.ID)
}

// listNotifications lists what an agent was told, the newest first.
func listNotifications(a *api, c *call) (answer, error) {
	keep, err := notificationFilter(c)
	if err != nil {
		return answer{}, err
	}
	limit, err := c.query.limit()
	if err != nil {
		return answer{}, err
	}
	mark := c.mark()
	after, err := c.query.after(mark, 1)
	if err != nil {
		return answer{}, err
	}
	from := fsm.RecordID{Index: math.MaxUint64, N: math.MaxUint32}
	if after != nil {
		if from, err = fsm.ParseRecordID(after[0]); err != nil {
			return answer{}, badToken()
		}
	}
	v, agent, err := ownAgent(a, c)
	if err != nil {
		return answer{}, err
	}
	_, unread := v.Notifications.Counts(agent.Handle)
	rows := v.Notifications.Back(agent.Handle, from)
	if after != nil {
		rows = behindFirst(rows, func(row fsm.Notification) bool { return row.Record == from })
	}
	return show(v, notificationList{page(limit, rowsOf[fsm.Notification]{
		rows: rows, keep: keep,
		token: func(row fsm.Notification) pageToken { return pageToken{mark, []string{row.Record.String()}} },
		view:  func(row fsm.Notification) (any, int) { return viewNotification(v, row), 0 },
	}), unread})
}

// behindFirst leaves the first row out if it is the one a page has ended with.
func behindFirst[V any](rows iter.Seq[V], shown func(V) bool) iter.Seq[V] {
	return func(yield func(V) bool) {
		first := true
		for row := range rows {
			skip := first && shown(row)
			if first = false; !skip && !yield(row) {
				return
			}
		}
	}
}

// notificationFilter reads which are asked for.
func notificationFilter(c *call) (keep func(fsm.Notification) bool, err error) {
	var kind fsm.NoticeKind
	if name, given := c.query["kind"]; given {
		var ok bool
		if kind, ok = fsm.ParseNoticeKind(name); !ok {
			return nil, invalid(inQuery("kind", "unknown_value",
				fmt.Sprintf("%q is not one of %s", clip(name), strings.Join(fsm.NoticeKindNames(), ", "))))
		}
	}
	unread, given := c.query["unread"]
	if given && !slices.Contains([]string{"true", "false"}, unread) {
		return nil, invalid(inQuery("unread", "unknown_value", fmt.Sprintf("%q is not true or false", clip(unread))))
	}
	return func(row fsm.Notification) bool {
		return (kind == fsm.NoticeNone || row.Kind == kind) && (!given || row.Read == (unread == "false"))
	}, nil
}

func viewNotification(v *fsm.State, row fsm.Notification) notificationView {
	view := notificationView{ID: row.Record.String(), Kind: row.Kind.String(), At: moment(row.TimeMs), Read: row.Read, Team: teamName(v, row.Team)}
	if c, ok := v.Conversations.Get(row.Conversation); ok {
		contact, _ := v.Contacts.Get(c.Contact)
		view.Conversation, view.Contact, view.Inbox = orNull(c.ID), orNull(contact.ID), inboxName(v, c.Inbox)
	}
	if rec, ok := v.Records.ByID(row.Record); ok {
		view.Actor = orNull(rec.Actor)
	}
	return view
}

// An unreadView is the answer to a mark.
type unreadView struct {
	Agent  fsm.AgentID `json:"agent"`
	Unread int         `json:"unread"`
}

func readNotifications(a *api, c *call) (answer, error) {
	command, err := decode(c, readShape, func(p *fsm.ReadNotifications) { fromPath(c, &p.Agent, "id", "/agent") })
	if err != nil {
		return answer{}, err
	}
	d, agent, err := changeOwn(a, c, command)
	if err != nil {
		return answer{}, err
	}
	_, unread := d.view.Notifications.Counts(agent.Handle)
	return d.answer(unreadView{agent.ID, unread}), nil
}

// changeOwn proposes a command about what is an agent's own.
func changeOwn(a *api, c *call, command fsm.Command) (done, fsm.Agent, error) {
	d, err := a.propose(c, command)
	if err != nil {
		return d, fsm.Agent{}, err
	}
	row, ok := d.view.Agents.Get(fsm.AgentHandle(d.Subject.Handle))
	if !ok {
		return d, row, errLost(d.Subject)
	}
	return d, row, nil
}

// A preferencesView is what an agent wants to be told, and how.
type preferencesView struct {
	Agent         fsm.AgentID       `json:"agent"`
	Notifications noticePreferences `json:"notifications"`
	Revision      uint64            `json:"revision"` // of the agent
}

func (v preferencesView) version() uint64 { return v.Revision }

// noticePreferences has a field for each kind.
type noticePreferences struct {
	Assigned   channelPreferences `json:"assigned"`
	Reassigned channelPreferences `json:"reassigned"`
	Unassigned channelPreferences `json:"unassigned"`
	Message    channelPreferences `json:"message_received"`
	Followed   channelPreferences `json:"followed_message"`
	Waiting    channelPreferences `json:"waiting"`
	Held       channelPreferences `json:"held"`
	Offered    channelPreferences `json:"offered"`
	Escalated  channelPreferences `json:"escalated"`
	Rule       channelPreferences `json:"rule"`
}

type channelPreferences struct {
	List    bool `json:"list"`
	Stream  bool `json:"stream"`
	Webhook bool `json:"webhook"`
}

func viewPreferences(row fsm.Agent) preferencesView {
	of := func(kind fsm.NoticeKind) channelPreferences {
		on := row.ChannelsFor(kind)
		return channelPreferences{on&fsm.ChannelList != 0, on&fsm.ChannelStream != 0, on&fsm.ChannelWebhook != 0}
	}
	return preferencesView{row.ID, noticePreferences{
		of(fsm.NoticeAssigned), of(fsm.NoticeReassigned), of(fsm.NoticeUnassigned), of(fsm.NoticeMessage), of(fsm.NoticeFollowed),
		of(fsm.NoticeWaiting), of(fsm.NoticeHeld), of(fsm.NoticeOffered), of(fsm.NoticeEscalated), of(fsm.NoticeRule)}, row.Revision}
}

func getPreferences(a *api, c *call) (answer, error) {
	v, agent, err := ownAgent(a, c)
	if err != nil {
		return answer{}, err
	}
	return show(v, viewPreferences(agent))
}

func putPreferences(a *api, c *call) (answer, error) {
	command, err := decode(c, preferencesShape, func(p *fsm.PutPreferences) { fromPath(c, &p.Agent, "id", "/agent") })
	if err != nil {
		return answer{}, err
	}
	d, agent, err := changeOwn(a, c, command)
	if err != nil {
		return answer{}, err
	}
	return d.answer(viewPreferences(agent)), nil
}

package replay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// pageLimit is how many items one page of a list has at most.
const pageLimit = 200

// A conversation is what the checks read of one.
type conversation struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	Assignee   string `json:"assignee"`
	Assignment struct {
		State string `json:"state"`
	} `json:"assignment"`
}

func (c conversation) end() *End {
	return &End{Status: c.Status, Assignee: c.Assignee, State: c.Assignment.State}
}

// history asks the cluster for all it decided about the replay's team, and for
// what became of every ticket.
func (p *player) history(ctx context.Context) (History, error) {
	h := History{Presence: p.presence, Tickets: p.tickets}
	for _, agent := range p.plan.Agents {
		h.Ring = append(h.Ring, agent.ID)
	}
	var err error
	if h.Decisions, err = list[Decision](ctx, p, "/v1/decisions", p.team); err != nil {
		return h, err
	}
	for _, d := range h.Decisions {
		if d.Team != p.team {
			return h, fmt.Errorf("decision %s of team %q came with those of team %q: the filter is not obeyed", d.ID, d.Team, p.team)
		}
	}
	conversations, err := list[conversation](ctx, p, "/v1/conversations", p.team)
	if err != nil {
		return h, err
	}
	ends := make(map[string]*End, len(conversations))
	for _, c := range conversations {
		ends[c.ID] = c.end()
	}
	for i := range h.Tickets {
		t := &h.Tickets[i]
		if t.End = ends[t.ID]; t.End != nil {
			continue
		}
		// Not listed with its team, so it was not given to anybody or is lost.
		if t.End, err = p.end(ctx, t.ID); err != nil {
			return h, err
		}
	}
	return h, nil
}

// end asks for one conversation; nil if the cluster does not know it.
func (p *player) end(ctx context.Context, id string) (*End, error) {
	var c conversation
	meta, err := p.call(ctx, p.client, http.MethodGet, "/v1/conversations/"+url.PathEscape(id), nil, &c)
	if err != nil && meta.Status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the conversation %s: %w", id, err)
	}
	return c.end(), nil
}

// list reads all pages of a list of what belongs to a team.
func list[T any](ctx context.Context, p *player, path, team string) ([]T, error) {
	var all []T
	query := url.Values{"team": {team}, "limit": {fmt.Sprint(pageLimit)}}
	for {
		var page struct {
			Items []T     `json:"items"`
			Next  *string `json:"next_page_token"`
		}
		if _, err := p.call(ctx, p.client, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, fmt.Errorf("list %s: %w", path, err)
		}
		all = append(all, page.Items...)
		if page.Next == nil || *page.Next == "" {
			return all, nil
		}
		// A page may be empty and yet not the last: the cluster looks at so many
		// rows for one page, and they may all be of other teams.
		if *page.Next == query.Get("page_token") {
			return nil, errors.New("list " + path + ": the page token does not move on")
		}
		query.Set("page_token", *page.Next)
	}
}

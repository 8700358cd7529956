package nouncmd

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
)

// Limits of what is known of customers.
const (
	customersAsked = 20          // in one look; the others show their ids until the next
	customersKnown = 1000        // then all are asked for again
	customersFresh = time.Minute // a contact may be renamed, merged or erased
)

// customers knows for a while what the contacts are called: a conversation names
// them by id, and people know people by name. One goroutine uses it.
type customers struct {
	client *client.Client
	since  time.Time
	names  map[string]string // by id of the contact
}

// name puts into each conversation, as "customer", what its contact is called: name,
// or else address, or else id.
func (c *customers) name(ctx context.Context, conversations ...[]cli.Doc) {
	if c.names == nil || len(c.names) > customersKnown || time.Since(c.since) > customersFresh {
		c.names, c.since = map[string]string{}, time.Now()
	}
	asked := 0
	for _, docs := range conversations {
		for _, d := range docs {
			id, _ := d["contact"].(string)
			name, known := c.names[id]
			if !known && id != "" && asked < customersAsked && ctx.Err() == nil {
				asked++
				name = c.ask(ctx, id)
				c.names[id] = name
			}
			d["customer"] = cmp.Or(name, id)
		}
	}
}

// ask returns "" of a contact whom the cluster does not show: then the id must do.
func (c *customers) ask(ctx context.Context, id string) string {
	contact, err := getDoc(ctx, c.client, "/v1/contacts/"+url.PathEscape(id))
	if err != nil {
		return ""
	}
	name, _ := contact["name"].(string)
	address, _ := cli.Get(contact, "/addresses/0")
	first, _ := address.(string)
	return cmp.Or(name, first)
}

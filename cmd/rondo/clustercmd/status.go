package clustercmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

const (
	formText = "text"
	formJSON = "json"
)

// ErrUnhealthy is what `rondo cluster status --check` ends with when a node is not
// healthy, no node leads, or a majority of the voters is not healthy.
var ErrUnhealthy = errors.New("the cluster is not healthy")

// A nodeStatus is a row of GET /v1/cluster/nodes.
type nodeStatus struct {
	ID           string
	HTTP         string
	Role         string
	Leader       bool
	AppliedIndex uint64 `json:"applied_index"`
	Version      string
	condition
}

type condition struct {
	Healthy       bool
	Reason        string
	LagEntries    uint64 `json:"lag_entries"`
	LastContactMs int64  `json:"last_contact_ms"`
	ClockSkewMs   int64  `json:"clock_skew_ms"`
}

func (o *options) status() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show every node: role, leader, lag, clock, health",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&check, "check", false, "fail unless a node leads and all are healthy")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var raw []byte
		if err := o.call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
			_, err := c.Do(ctx, http.MethodGet, "/v1/cluster/nodes", nil, &raw)
			return err
		}); err != nil {
			return err
		}
		var list struct{ Items []nodeStatus }
		if err := json.Unmarshal(raw, &list); err != nil {
			return fmt.Errorf("read the list of nodes: %w", err)
		}
		var err error
		if out := cmd.OutOrStdout(); o.form == formJSON {
			_, err = out.Write(raw)
		} else {
			err = show(out, list.Items, onTerminal(out))
		}
		if err == nil && check {
			err = judge(list.Items)
		}
		return err
	}
	return cmd
}

// judge returns an ErrUnhealthy that names what is wrong.
func judge(nodes []nodeStatus) error {
	var wrong []string
	leaders := 0
	for _, n := range nodes {
		if n.Leader {
			leaders++
		}
		if !n.Healthy {
			wrong = append(wrong, n.ID+": "+n.Reason)
		}
	}
	if leaders != 1 {
		wrong = append(wrong, "no node leads")
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnhealthy, strings.Join(wrong, "; "))
}

func onTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("NO_COLOR") == ""
}

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
	plain = "\x1b[0m"
)

// show writes the table. Health comes last, so that its colour moves nothing.
func show(out io.Writer, nodes []nodeStatus, coloured bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NODE\tROLE\tAPPLIED\tLAG\tCONTACT\tCLOCK\tADDRESS\tVERSION\tHEALTH")
	for _, n := range nodes {
		role, health, colour := n.Role, "healthy", green
		if n.Leader {
			role = "leader"
		}
		if !n.Healthy {
			health, colour = n.Reason, red
		}
		if coloured {
			health = colour + health + plain
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", n.ID, role, n.AppliedIndex, n.LagEntries,
			ms(n.LastContactMs), signed(n.ClockSkewMs), orDash(n.HTTP), orDash(n.Version), health)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func ms(n int64) string { return (time.Duration(n) * time.Millisecond).String() }

func signed(n int64) string {
	if n >= 0 {
		return "+" + ms(n)
	}
	return ms(n)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

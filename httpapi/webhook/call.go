package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/rondohq/rondo/fsm"
)

const (
	dialPatience   = 10 * time.Second
	idlePatience   = 30 * time.Second
	maxHeaderBytes = 16 << 10
	maxIdle        = 32
	userAgent      = "rondo-webhook/1"
)

// A body is what a server is sent: ids, and no personal data.
type body struct {
	Rule         fsm.RuleID          `json:"rule"`
	Run          string              `json:"run"`
	Conversation *fsm.ConversationID `json:"conversation"`
	Contact      *fsm.ContactID      `json:"contact"`
	Try          uint8               `json:"try"`
	At           string              `json:"at"` // when the try began, by the cluster's clock
}

// newClient returns a client that goes where hosts allow, and nowhere else.
func newClient(hosts Hosts, roots *tls.Config) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy of the environment would go round mayDial
			DialContext:            hosts.dial,
			TLSClientConfig:        roots,
			TLSHandshakeTimeout:    dialPatience,
			MaxResponseHeaderBytes: maxHeaderBytes,
			MaxIdleConns:           maxIdle,
			MaxIdleConnsPerHost:    MaxCallsOfHost,
			IdleConnTimeout:        idlePatience,
			DisableCompression:     true, // what comes is what is counted
			ForceAttemptHTTP2:      true,
		},
	}
}

// dial connects to at, which is host:port of a URL, if the address that it has may
// be reached.
func (h Hosts) dial(ctx context.Context, network, at string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", at, err)
	}
	listed := net.JoinHostPort(canonical(host), port)
	dialer := net.Dialer{Timeout: dialPatience, Control: func(_, address string, _ syscall.RawConn) error {
		found, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("dial %s: %w", address, err)
		}
		return h.mayDial(listed, found.Addr())
	}}
	return dialer.DialContext(ctx, network, at) //nolint:wrapcheck // the client says whom it called
}

// call makes one try and returns what is to be told to the cluster. Its error says
// why it failed; it holds no part of the answer's body.
func (c *Caller) call(ctx context.Context, due fsm.DueWebhook) (fsm.AnswerRun, error) {
	answer := fsm.AnswerRun{WebhookTry: due.WebhookTry}
	status, values, err := c.post(ctx, due)
	answer.Status = status
	if err != nil {
		answer.Failure = why(err)
		return answer, err
	}
	answer.OK, answer.Values = true, values
	return answer, nil
}

func (c *Caller) post(ctx context.Context, due fsm.DueWebhook) (status uint16, values map[string]string, err error) {
	if _, err := c.hosts.target(due.URL); err != nil {
		return 0, nil, failed(fsm.WebhookNotAllowed, err)
	}
	request, err := c.request(ctx, due)
	if err != nil {
		return 0, nil, failed(fsm.WebhookNotAllowed, err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("call: %w", withoutURL(err))
	}
	defer func() { _ = response.Body.Close() }() // what was wanted of it has been read
	values, err = readAnswer(response, due.Members)
	return uint16(response.StatusCode), values, err //nolint:gosec // net/http reads three digits
}

// withoutURL keeps the path and the query of a URL out of logs: people put tokens
// there.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func (c *Caller) request(ctx context.Context, due fsm.DueWebhook) (*http.Request, error) {
	b := body{Rule: due.Rule, Run: strconv.FormatUint(uint64(due.Run), 10), Try: due.Try, At: time.UnixMilli(due.BegunMs).UTC().Format("2006-01-02T15:04:05.000Z")}
	if due.Conversation != "" {
		b.Conversation = &due.Conversation
	}
	if due.Contact != "" {
		b.Contact = &due.Contact
	}
	data, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write the body: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, due.URL, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	id, timestamp := ID(due.WebhookTry), strconv.FormatInt(time.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", timestamp)
	if signature := c.secret.sign(id, timestamp, data); signature != "" {
		request.Header.Set("Webhook-Signature", signature)
	}
	return request, nil
}

// ID returns the webhook-id of a try: the same for all tries of one step, by
// whichever node, as the Standard Webhooks want it, and another each time a run
// comes to a step.
func ID(try fsm.WebhookTry) string { return fmt.Sprintf("run-%d-%d", try.Run, try.Call) }

// why finds the word for what went wrong.
func why(err error) fsm.WebhookFailure {
	var f *fault
	var verification *tls.CertificateVerificationError
	var alert tls.AlertError
	var header tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &f):
		return f.why
	case errors.Is(err, errPrivate):
		return fsm.WebhookNotAllowed
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fsm.WebhookTimedOut
	case errors.As(err, &verification), errors.As(err, &alert), errors.As(err, &header), errors.Is(err, http.ErrSchemeMismatch):
		return fsm.WebhookTLS
	}
	return fsm.WebhookConnection
}

package fsm

import (
	"encoding/binary"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

// Limits of a rate.
const (
	MaxRateLimit         = 1000
	MaxRateWindowSeconds = 7 * 24 * 3600
)

// A Rate is how many conversations automation gives one member of a team within a
// window of time (K53 to K58). The window slides: what was given longer ago than
// WindowMs does not count. The zero value is no rate.
type Rate struct {
	Limit    uint32 `cbor:"1,keyasint,omitempty"`
	WindowMs int64  `cbor:"2,keyasint,omitempty"`
}

// RateSettings are a Rate as clients write it. There are no defaults: who wants a
// rate says both (K58).
type RateSettings struct {
	Limit         uint32 `json:"limit" cbor:"1,keyasint"`
	WindowSeconds uint32 `json:"window_seconds" cbor:"2,keyasint"`
}

func (r *RateSettings) check(c *checker) {
	if r == nil {
		return
	}
	checkAtLeastOne(c, "/rate/limit", r.Limit, MaxRateLimit)
	checkAtLeastOne(c, "/rate/window_seconds", r.WindowSeconds, MaxRateWindowSeconds)
}

// checkAtLeastOne refuses 0 as what was left out: there is no rate without both numbers.
func checkAtLeastOne(c *checker, pointer string, n, most uint32) {
	switch {
	case n == 0:
		c.add(pointer, "required", "it must be given, from 1 to %d; for no rate leave rate out", most)
	case n > most:
		c.add(pointer, "out_of_range", "%d, it must be from 1 to %d", n, most)
	}
}

func (r *RateSettings) resolve() Rate {
	if r == nil {
		return Rate{}
	}
	return Rate{Limit: r.Limit, WindowMs: int64(r.WindowSeconds) * 1000}
}

// given is when automation gave a member what counts for the rate of her team:
// 8 bytes each, the oldest first, no more than the window needs. A text, so that
// rows can be compared.
type given = cbor.ByteString

const givenBytes = 8

func givenAt(g given, i int) (ms int64) {
	return int64(binary.BigEndian.Uint64([]byte(g[i*givenBytes : (i+1)*givenBytes])))
}

// givenSince returns those behind a time.
func givenSince(g given, ms int64) given {
	for len(g) > 0 && givenAt(g, 0) <= ms {
		g = g[givenBytes:]
	}
	return g
}

func givenAlso(g given, ms int64) given {
	return given(binary.BigEndian.AppendUint64([]byte(g), uint64(ms)))
}

// limited brings the rate of a row up to date and sets its timer; the caller
// stores the row. It says whether she has had as many as the rate allows.
func (row *Member) limited(tx *Tx, team Team) bool {
	if row.RateMs != 0 {
		tx.Timers.Delete(row.rateTimer())
		row.RateMs = 0
	}
	if team.Rate.Limit == 0 {
		row.Given = ""
		return false
	}
	row.Given = givenSince(row.Given, tx.NowMs-team.Rate.WindowMs)
	over := len(row.Given)/givenBytes - int(team.Rate.Limit)
	if over < 0 {
		return false
	}
	row.RateMs = givenAt(row.Given, over) + team.Rate.WindowMs
	tx.Timers.Put(row.rateTimer())
	return true
}

func (m Member) rateTimer() Timer {
	return Timer{DueMs: m.RateMs, Kind: TimerRate, Team: m.Team, Agent: m.Agent}
}

// charge counts what automation has just given to a member.
func charge(tx *Tx, handle TeamHandle, to AgentHandle) {
	if tx.Teams.limited.Len() == 0 {
		return
	}
	team, _ := tx.Teams.Get(handle)
	m, member := tx.Members.Of(handle, to)
	if !member || team.Rate.Limit == 0 {
		return
	}
	m.Given = givenAlso(givenSince(m.Given, tx.NowMs-team.Rate.WindowMs), tx.NowMs)
	tx.Members.Put(m)
	if len(m.Given)/givenBytes >= int(team.Rate.Limit) {
		agent, _ := tx.Agents.Get(to)
		rejudge(tx, team, m, agent)
	}
}

// windowPassed lets a member take more, as far as the window goes.
func windowPassed(tx *Tx, team Team, handle AgentHandle) {
	m, ok := tx.Members.Of(team.Handle, handle)
	if !ok {
		return
	}
	agent, _ := tx.Agents.Get(handle)
	if rejudge(tx, team, m, agent) {
		serveFor(tx, team, handle, WindowPassed)
	}
	ownerReturns(tx, handle, WindowPassed)
}

// automatic says whether a decision is automation's own. What a bot begins with is
// no rotation's choice, and whoever changes the owner of a contact gives what it has
// to her.
func (d Decision) automatic() bool {
	switch d.Kind {
	case DecidedRotation, DecidedLeastOpen, DecidedLastAssignee, DecidedDefaultAssignee, DecidedRule, DecidedFallback, DecidedOffer, DecidedEscalation:
		return true
	case DecidedOwner:
		return d.Trigger != ContactChanged
	default:
		return false
	}
}

// objection returns why a member who would be picked otherwise may not be: she has
// come to a limit.
func (row *Member) objection(tx *Tx, team Team) rotation.Verdict {
	rated := row.limited(tx, team)
	switch {
	case hasOffer(tx.State, row.Agent):
		return rotation.Offered
	case full(tx.State, team, row.Agent):
		return rotation.AtCapacity
	case rated:
		return rotation.RateLimited
	default:
		return rotation.Eligible
	}
}

package fsm

var _ = register[EndRun](180, "run.end")

// EndRun ends a run that waits: what it would have done is not done. A conversation
// that was left to it goes the usual way.
type EndRun struct {
	Run RunHandle `json:"run" cbor:"1,keyasint"`
}

// Check implements Command.
func (c EndRun) Check() error {
	var check checker
	if c.Run == 0 {
		check.add("/run", "required", "say which run; GET /v1/rules/{id}/runs lists them")
	}
	return check.err()
}

func (c EndRun) apply(tx *Tx) (Result, error) {
	run, ok := tx.Runs.Get(c.Run)
	if !ok {
		return Result{}, reject(NotFound, "no run %d waits; it has ended, or never was", c.Run)
	}
	endRun(tx, run, OutcomeEnded)
	return Result{Subject: Subject{NounRun, uint64(c.Run)}}, nil
}

func (EndRun) allowed(_ *Tx, by Agent) bool { return by.Role == RoleSupervisor }

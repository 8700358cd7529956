package fsm

import "slices"

// ruleTurns lets rules answer to the turn of a schedule, and runs go on that have
// waited for it: was is how it stood when it was told last.
func ruleTurns(tx *Tx, was, row Schedule) {
	wasOpen, open := was.Ahead.On&1 == 1, row.Ahead.On&1 == 1
	if wasOpen != open {
		scheduleFires(tx, row.Handle, open)
	}
	reviewOffers(tx)
	serveShifts(tx, was, row)
	if !tx.Rules.answer(OnShiftEnded) {
		return
	}
	on := row.told()
	for i, shift := range was.Hours.Shifts {
		if was.Ahead.On>>(1+i)&1 == 0 || slices.Contains(on, shift.Name) {
			continue
		}
		for _, agent := range shift.Agents.Expand(tx.State) {
			if !onShift(tx.State, row.Handle, agent.Handle) {
				shiftFires(tx, row.Handle, shift.Name, agent.Handle)
			}
		}
	}
}

// serveShifts serves what waits for somebody who is on shift, when one begins.
func serveShifts(tx *Tx, was, row Schedule) {
	if row.Ahead.On>>1&^(was.Ahead.On>>1) == 0 || !asksAnywhere(tx.State) {
		return
	}
	for _, waits := range tx.Conversations.asking.counts.Items() {
		team, _ := tx.Teams.Get(waits.key)
		serve(tx, team, ShiftBegan)
	}
}

package fsm

// A Team has members and a rotation.
type Team struct {
	Handle   TeamHandle `cbor:"1,keyasint"`
	ID       TeamID     `cbor:"2,keyasint"`
	Name     string     `cbor:"3,keyasint"`
	Rotation Rotation   `cbor:"4,keyasint"`
	Members  uint32     `cbor:"5,keyasint"` // how many
	Revision uint64     `cbor:"6,keyasint"` // Seq of the last change
}

// Teams is the table of teams.
type Teams struct {
	Named[TeamID, TeamHandle, Team]
}

func newTeams() Teams {
	return Teams{newNamed(func(t *Team) (TeamID, TeamHandle) { return t.ID, t.Handle })}
}

func (t Teams) clone() Teams { return Teams{t.Named.clone()} }

// Put stores row under its handle.
func (t Teams) Put(row Team) { t.put(row.Handle, &row) }

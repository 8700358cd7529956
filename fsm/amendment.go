package fsm

// An Amendment goes with an item whose body a node has made of two things: of
// what a client asked to have changed, and of the thing as it was. A PATCH is
// such an item: only the node that reads JSON can merge it, and only Apply can
// say whether the thing is still what it was merged into.
//
// Twice the same request gives two bodies if the thing was changed in between, so
// the requests under one key are compared by what was asked. And an item that
// comes too late is refused as Outdated without a trace: it is not the client's
// request that is refused but the attempt, and the node makes another one under
// the same key.
type Amendment struct {
	Asked    KeyHash `cbor:"1,keyasint"` // of what the client asked
	Revision uint64  `cbor:"2,keyasint"` // of the thing that the body was made from; 0 fits none
}

// AmendmentOf says that body asks for a change of a thing as it was at a revision.
// Equal bodies ask for the same; write them in one way.
func AmendmentOf(id string, body []byte, revision uint64) *Amendment {
	return &Amendment{hashOf(append(append([]byte(id), 0), body...)), revision}
}

// request is what tells two amendments under one key apart, together with their
// kind. No body of a command, which is a map, begins like this.
func (a *Amendment) request() []byte { return append([]byte("amendment"), a.Asked[:]...) }

// outdated says whether the body is not about the thing as it is. What is no one
// thing always is another one.
func (a *Amendment) outdated(s *State, c Command) bool {
	if a == nil {
		return false
	}
	targeted, ok := c.(Targeted)
	if !ok {
		return true
	}
	t := targeted.target(s)
	return !t.Exists || t.Revision != a.Revision
}

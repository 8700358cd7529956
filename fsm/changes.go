package fsm

// ChangedSince says whether what was written last as item revision was written
// after the entry at index, as far as the records tell; if those of that time are
// dropped it says yes. Revision 0 asks for any change at all. It looks at two
// records.
func (r *Records) ChangedSince(revision, index uint64) bool {
	oldest, ok := first(r.From(RecordID{}))
	if !ok {
		return false
	}
	if oldest.ID.Index > index+1 {
		return true
	}
	// Everything that raises a revision leaves a record, and both the numbers of
	// items and the ids of records rise with the entries.
	next, ok := first(r.From(RecordID{Index: index + 1}))
	return ok && (revision == 0 || next.Seq <= revision)
}

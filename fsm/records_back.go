package fsm

import "iter"

// Back yields the records in falling order, beginning at the last that is before
// id; the zero id begins at the very last. It unpacks a segment at a time, which
// holds about a thousand.
func (r *Records) Back(id RecordID) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for i := len(r.full); i >= 0; i-- {
			s := r.kept(uint64(i))
			if len(s.data) == 0 || !id.IsZero() && s.first.Compare(id) >= 0 {
				continue
			}
			list := unpackUntil(id, s.data)
			for k := len(list) - 1; k >= 0; k-- {
				if list[k].ID.Compare(r.forgotten.Last) <= 0 || !yield(list[k]) {
					return
				}
			}
		}
	}
}

// unpackUntil returns the records at the start of data that are before id, or all
// for the zero id.
func unpackUntil(id RecordID, data []byte) []Record {
	var list []Record
	for len(data) > 0 {
		rec, n, err := unpack(data)
		if err != nil || !id.IsZero() && rec.ID.Compare(id) >= 0 {
			break
		}
		list, data = append(list, rec), data[n:]
	}
	return list
}

package cluster

import (
	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// What stands in the payloads of frames. Field numbers are for ever.

type proposeRequest struct {
	Items []fsm.Item `cbor:"1,keyasint"`

	// Operators is how many of them, from the first, are in the lane of operators.
	Operators uint32 `cbor:"2,keyasint,omitempty"`
}

type proposeAnswer struct {
	Outcomes []fsm.Outcome `cbor:"1,keyasint"`
	Index    uint64        `cbor:"2,keyasint"`
}

// Stats is what a node says of itself.
type Stats struct {
	NodeID    string `cbor:"1,keyasint"`
	ClusterID string `cbor:"2,keyasint"`
	Version   string `cbor:"3,keyasint"`
	PID       int    `cbor:"4,keyasint"`
	ClockMs   int64  `cbor:"5,keyasint"` // its wall clock
	Applied   uint64 `cbor:"6,keyasint"`
	LastIndex uint64 `cbor:"7,keyasint"`
	HasState  bool   `cbor:"8,keyasint"` // Raft has written to its disk
	Leader    bool   `cbor:"9,keyasint"` // it leads and is ready

	More moreStats `cbor:"20,keyasint,omitempty"`
}

// DiskRoom is what a node says of the volume of its data.
type DiskRoom struct {
	DiskFull bool   `cbor:"20,keyasint,omitempty"`
	DiskFree uint64 `cbor:"21,keyasint,omitempty"` // bytes
}

// moreStats are those of a member.
type moreStats struct {
	Asker       uint8  `cbor:"1,keyasint,omitempty"` // what it knows of who asks; see standing
	HearsLeader bool   `cbor:"2,keyasint,omitempty"`
	ContactMs   int64  `cbor:"3,keyasint,omitempty"` // since it heard its leader
	SkewMs      int64  `cbor:"4,keyasint,omitempty"` // by which its clock is fast
	Standing    string `cbor:"5,keyasint,omitempty"` // why it takes no part
	DiskRoom
}

// Error codes of answers. The first and the last say that nothing was appended.
const (
	codeNotLeader = "not_leader"
	codeUncertain = "uncertain"
	codeBadFrame  = "bad_frame"
)

// The decoder's bounds: an answer has one outcome an item, and each outcome a
// handful of fields.
var (
	frameEncoding, errFrameEncoding = cbor.CoreDetEncOptions().EncMode()
	frameDecoding, errFrameDecoding = cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, MaxArrayElements: 4096, MaxNestedLevels: 16,
	}.DecMode()
)

func answer(payload any) wire.Frame {
	data, err := frameEncoding.Marshal(payload)
	if err != nil {
		return refuse(codeUncertain, err.Error())
	}
	return wire.Frame{Payload: data}
}

func refuse(code, text string) wire.Frame { return wire.Frame{ErrorCode: code, ErrorText: text} }

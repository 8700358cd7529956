package rotation

// LeastOpen returns, of those who may be picked, the one with the fewest open
// conversations; of several, the first after the cursor, so that equal load
// rotates (K61 to K64, K85). open says how many an agent has.
//
// It asks about every eligible seat, until one has none at all, and then takes a
// step for each seat between the cursor and the one it picks.
func LeastOpen(ring Ring, cursor Key, open func(agent uint32) uint32) Turn {
	var best Key
	least, found := uint32(0), false
	for key := range ring.Eligible(cursor) {
		n := open(key.Agent)
		if found && n >= least {
			continue
		}
		best, least, found = key, n, true
		if least == 0 {
			break
		}
	}
	if !found {
		return passEverybody(ring, cursor)
	}
	return Reach(ring, cursor, best)
}

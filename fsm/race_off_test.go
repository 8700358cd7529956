//go:build !race

package fsm

const underRace = false

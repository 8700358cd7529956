//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalColumns returns how wide a terminal is, 0 if it does not say.
func terminalColumns(f *os.File) int {
	columns, _ := TerminalSize(f)
	return columns
}

// TerminalSize returns how wide and how high a terminal is, 0 if it does not say.
func TerminalSize(f *os.File) (columns, rows int) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(size.Col), int(size.Row)
}

//go:build !unix

package cli

import "os"

// terminalColumns knows no way to ask here: nothing is cut.
func terminalColumns(*os.File) int { return 0 }

// TerminalSize knows no way to ask here.
func TerminalSize(*os.File) (columns, rows int) { return 0, 0 }

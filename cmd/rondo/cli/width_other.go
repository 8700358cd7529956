//go:build !unix

package cli

import "os"

// terminalColumns knows no way to ask here: nothing is cut.
func terminalColumns(*os.File) int { return 0 }

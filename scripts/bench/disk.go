package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// syncsPerSecond appends and syncs small records for a while, as a log does.
func syncsPerSecond(dir string, length time.Duration) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "syncs"))
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer f.Close()
	record := make([]byte, 512)
	n, begin := 0, time.Now()
	for time.Since(begin) < length {
		if _, err := f.Write(record); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
		n++
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

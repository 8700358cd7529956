package testbed

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/rondohq/rondo/scripts/chaos/lossyfs"
)

// PathsOf returns where the disk of a node lies, below the directory that the
// process which serves it is told.
func PathsOf(dir string) lossyfs.Paths {
	return lossyfs.Paths{
		Backing: filepath.Join(dir, "backing"), Limbo: filepath.Join(dir, "limbo"),
		Mount: filepath.Join(dir, "mount"), Control: filepath.Join(dir, "control"),
	}
}

// A disk is a process that serves one.
type disk struct {
	dir    string
	serve  []string // the command line that serves dir
	cmd    *exec.Cmd
	alive  io.Closer
	client *lossyfs.Client
}

func (d *disk) start() error {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("make the directory of a disk: %w", err)
	}
	cmd := exec.Command(d.serve[0], append(d.serve[1:], d.dir)...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is ours to handle
	alive, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a disk: %w", err)
	}
	d.cmd, d.alive = cmd, alive
	if _, err := bufio.NewReader(said).ReadString('\n'); err != nil {
		return fmt.Errorf("the disk in %s did not start: %w", d.dir, errors.Join(err, d.stop()))
	}
	d.client, err = lossyfs.Dial(PathsOf(d.dir).Control)
	return err
}

// stop unmounts the disk. Nothing is lost by that.
func (d *disk) stop() error {
	if d.cmd == nil {
		return nil
	}
	if d.client != nil {
		_ = d.client.Close()
	}
	_ = d.alive.Close()
	err := d.cmd.Wait()
	d.cmd, d.client = nil, nil
	if err != nil {
		return fmt.Errorf("end the disk in %s: %w", d.dir, err)
	}
	return nil
}

// cut takes the power away and brings it back. The database must be dead.
func (d *disk) cut(seed uint64, torn bool) (lossyfs.Counts, error) {
	counts, err := d.client.Cut(seed, torn)
	return counts, errors.Join(err, d.stop(), d.start())
}

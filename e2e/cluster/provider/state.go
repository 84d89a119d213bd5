package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// state is what a native cluster remembers about itself between two commands. It is
// written before what it describes can be lost: a process is recorded right after its
// start, and the node's first process waits until it is.
type state struct {
	Complete bool   `json:"complete"`
	Nodes    int    `json:"nodes"`
	Address  string `json:"address"`
	// Interface is the number of the host's interface to the node.
	Interface int       `json:"interface,omitempty"`
	Ports     ports     `json:"ports"`
	Node      *process  `json:"node,omitempty"`
	Processes []process `json:"processes"`
}

// process is one program that was started. Start tells it from another process
// that has the same number later.
type process struct {
	Name  string   `json:"name"`
	Args  []string `json:"args"`
	PID   int      `json:"pid"`
	Start string   `json:"start"`
}

func (s *state) process(name string) (process, bool) {
	i := slices.IndexFunc(s.Processes, func(p process) bool { return p.Name == name })
	if i < 0 {
		return process{}, false
	}
	return s.Processes[i], true
}

// record adds the process or replaces the one with its name.
func (s *state) record(started process) {
	i := slices.IndexFunc(s.Processes, func(p process) bool { return p.Name == started.Name })
	if i < 0 {
		s.Processes = append(s.Processes, started)
		return
	}
	s.Processes[i] = started
}

// alive reports whether this very process still runs; one that waits to be reaped does
// not.
func (p process) alive() bool {
	return p.PID > 0 && p.Start != "" && processStart(p.PID) == p.Start
}

// kill ends the process and waits until it is gone.
func (p process) kill(ctx context.Context) error {
	if !p.alive() {
		return nil
	}
	if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s (pid %d): %w", p.Name, p.PID, err)
	}
	return until(ctx, 30*time.Second, p.Name+" is gone", func(context.Context) error {
		if p.alive() {
			return fmt.Errorf("pid %d still runs after SIGKILL", p.PID)
		}
		return nil
	})
}

// errExited is returned for a program that exited by itself: waiting for it is useless.
var errExited = errors.New("it has exited")

// until calls check until it returns nil or errExited, and gives its last error
// when the limit or the context ends first.
func until(ctx context.Context, limit time.Duration, what string, check func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(limited)
		if err == nil || errors.Is(err, errExited) {
			return err
		}
		select {
		case <-limited.Done():
			return fmt.Errorf("waited %s until %s: %w", limit, what, err)
		case <-tick.C:
		}
	}
}

func readState(path string) (*state, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{}, nil
	}
	if err != nil {
		return nil, err
	}
	var read state
	if err := json.Unmarshal(data, &read); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &read, nil
}

// write replaces the file at once, so that a crash leaves the old or the new state.
func (s *state) write(path string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, data, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// lock waits until no other process holds the lock file and returns what releases
// it. The kernel releases it when this process dies.
func lock(ctx context.Context, path string, progress io.Writer) (func(), error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	told := false
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if !told {
			told = true
			fmt.Fprintf(progress, "waiting for another process that holds %s\n", path)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, ctx.Err()), file.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

//go:build unix

package crash

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fathom-k8s/fathom/ui/term/tty"
)

// done is what the program says before a good end.
const done = "done"

// Guard starts the monitor of a terminal: leave is what is to be written to it, modes are
// those that it had. Traces go into dir, which need not exist. The returned function ends
// the monitor and may be called once. Where it cannot be started nothing is guarded.
func Guard(dir, leave string, modes []byte) (end func()) {
	g, err := start(dir, leave, modes)
	if err != nil {
		return func() {}
	}
	return g.end
}

// guard is a monitor that runs.
type guard struct {
	command *exec.Cmd
	control *os.File
	stderr  int // what was file descriptor 2
}

func start(dir, leave string, modes []byte) (*guard, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	stderr, err := unix.Dup(2)
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(stderr)
	controlled, control, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	crashed, crash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	g := &guard{command: exec.Command(program), control: control, stderr: stderr}
	g.command.Env = append(os.Environ(), variable+"="+dir)
	g.command.Stdin, g.command.Stdout = controlled, os.Stdout
	g.command.Stderr = os.NewFile(uintptr(stderr), "stderr")
	g.command.ExtraFiles = []*os.File{crashed}
	err = g.command.Start()
	_ = controlled.Close()
	_ = crashed.Close()
	if err != nil {
		return nil, err
	}
	defer func() { _ = crash.Close() }()
	shrink(crash)
	_, err = control.Write(message(leave, modes))
	if err == nil {
		// What the runtime says about a crash is said there, not on the screen.
		err = duplicate(int(crash.Fd()), 2)
	}
	if err != nil {
		g.end() // Left alone, it would give the terminal back.
	}
	return g, err
}

// end tells the monitor that all is well, and waits for it.
func (g *guard) end() {
	_ = duplicate(g.stderr, 2)
	_, _ = io.WriteString(g.control, done)
	_ = g.control.Close()
	_ = g.command.Wait()
}

// message is two texts with their lengths before them.
func message(leave string, modes []byte) []byte {
	text := binary.BigEndian.AppendUint32(nil, uint32(len(leave)))
	text = append(text, leave...)
	text = binary.BigEndian.AppendUint32(text, uint32(len(modes)))
	return append(text, modes...)
}

// readText reads one of them.
func readText(r io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(r, binary.BigEndian, &length); err != nil {
		return nil, err
	}
	text := make([]byte, min(length, textMax))
	_, err := io.ReadFull(r, text)
	return text, err
}

// textMax bounds what is read of a message; traceMax what is kept of a trace.
const textMax, traceMax = 4 << 10, 16 << 20

// monitor waits for the end of the program that started it, and returns its own exit code.
func monitor(dir string) int {
	// The terminal's signals are for the program; without SIGTTOU it may be given back from
	// the background too.
	signal.Ignore(unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGTSTP, unix.SIGTTOU)
	parent := os.Getppid()
	leave, err := readText(os.Stdin)
	if err != nil {
		return 1
	}
	modes, err := readText(os.Stdin)
	if err != nil {
		return 1
	}
	giveBack := sync.OnceFunc(func() {
		_, _ = os.Stdout.Write(leave)
		_ = tty.SetModes(int(os.Stdout.Fd()), modes)
	})
	trace := make(chan []byte)
	go func() { trace <- readTrace(os.NewFile(3, "crash"), giveBack) }()
	last, _ := io.ReadAll(io.LimitReader(os.Stdin, textMax))
	if string(last) == done {
		return 0
	}
	giveBack()
	text := <-trace
	if len(text) == 0 {
		fmt.Fprintln(os.Stderr, "fathom: killed")
		return 0
	}
	first := headline(text)
	name, err := keep(dir, parent, text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "fathom: crashed: %q; the trace could not be kept: %v\n", first, err)
		return 0
	}
	fmt.Fprintf(os.Stderr, "fathom: crashed: %q; the trace is in %s\n", first, name)
	return 0
}

// readTrace reads what the program says on its standard error, and calls crashed when that
// begins to be about a crash.
func readTrace(r io.Reader, crashed func()) []byte {
	var text bytes.Buffer
	buffer := make([]byte, 32<<10)
	for {
		n, err := r.Read(buffer)
		text.Write(buffer[:min(n, traceMax-min(traceMax, text.Len()))])
		if isCrash(headline(text.Bytes())) {
			crashed()
		}
		if err != nil {
			return text.Bytes()
		}
	}
}

// headline returns the line of a trace that says what happened.
func headline(text []byte) []byte {
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if isCrash(line) {
			return line
		}
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return first
}

// isCrash reports whether a line begins what the Go runtime says about a crash.
func isCrash(line []byte) bool {
	return bytes.HasPrefix(line, []byte("panic: ")) || bytes.HasPrefix(line, []byte("fatal error: ")) ||
		bytes.HasPrefix(line, []byte("SIG"))
}

// keep writes a trace to a new file that only its owner can read.
func keep(dir string, process int, text []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(dir, fmt.Sprintf("crash-%s-%d.txt", time.Now().Format("20060102-150405"), process))
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return name, err
}

// Package screen runs a program in its own terminal, types at it and reads what it
// shows, as a person does.
//
//	test ──Keys, Click, Paste, Resize──> pty ──> program
//	test <──WaitFor, Screen────── emulator <── pty <──┘
//
// The emulator (x/vt) also answers the program's questions about the terminal. Nothing here sleeps until something
// is probably over: every wait has a state it waits for and a limit, and a wait that fails shows the screen.
package screen

import (
	"bytes"
	"errors"
	"image/color"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// T is what a Terminal needs from a test. A testing.TB is one.
type T interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
	TempDir() string
}

// Options say what runs, and in which terminal. Columns and Rows default to 80 and 24.
type Options struct {
	Columns, Rows int
	// Env is added to PATH, TERM=xterm-256color, LANG=C.UTF-8 and an empty HOME, which
	// is all that the program gets: none of the developer's own settings.
	Env []string
	// Dir is the working directory.
	Dir string
	// Background is what the terminal answers when it is asked for its background colour; nil means black.
	Background color.Color
	// Synchronized makes the terminal say that it knows synchronised output (mode 2026).
	Synchronized bool
	// Output, if set, is called from the terminal's own goroutine with each piece of output as it arrives, before it is
	// drawn. It must be quick, and it must not keep the piece.
	Output func(piece []byte)
}

// Terminal is a running program and the terminal it runs in. Its methods may be called from any goroutine; those that
// wait fail the test, which Go allows only in the test's own goroutine.
type Terminal struct {
	t       T
	command *exec.Cmd
	pty     *os.File
	options Options
	// stalled is held while nobody reads what the program writes.
	stalled sync.Mutex

	mu         sync.Mutex
	emulator   *vt.Emulator
	transcript []byte
	modes      map[ansi.Mode]bool
	title      string
	hidden     bool
	bells      int
	// lastTraffic is when the last byte went either way.
	lastTraffic time.Time
	escapeSent  time.Time
	// changed is closed and replaced with every piece of output, and when the program is gone.
	changed chan struct{}

	// drained is closed when the last output has been read.
	drained chan struct{}
	// exited is closed when the program is gone; exitCode is set before.
	exited   chan struct{}
	exitCode int
}

// Start runs a program. It is killed when the test ends.
func Start(t T, options Options, program string, args ...string) *Terminal {
	t.Helper()
	if options.Columns == 0 {
		options.Columns = 80
	}
	if options.Rows == 0 {
		options.Rows = 24
	}
	heedHangUp()
	command := exec.Command(program, args...)
	command.Dir = options.Dir
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + t.TempDir(),
	}, options.Env...)
	master, err := pty.StartWithSize(command, &pty.Winsize{Cols: uint16(options.Columns), Rows: uint16(options.Rows)})
	if err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	if master, err = interruptible(master); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	terminal := &Terminal{
		t: t, command: command, pty: master, options: options, emulator: vt.NewEmulator(options.Columns, options.Rows),
		modes: map[ansi.Mode]bool{}, lastTraffic: time.Now(), changed: make(chan struct{}),
		drained: make(chan struct{}), exited: make(chan struct{}),
	}
	if options.Background != nil {
		terminal.emulator.SetDefaultBackgroundColor(options.Background)
	}
	terminal.emulator.SetCallbacks(vt.Callbacks{
		Bell:             func() { terminal.bells++ },
		Title:            func(title string) { terminal.title = title },
		CursorVisibility: func(visible bool) { terminal.hidden = !visible },
		EnableMode:       func(mode ansi.Mode) { terminal.modes[mode] = true },
		DisableMode:      func(mode ansi.Mode) { terminal.modes[mode] = false },
	})
	go terminal.answer()
	go terminal.read()
	go terminal.reap()
	t.Cleanup(terminal.close)
	return terminal
}

// heedHangUp lets programs be ended by a hang-up although the tests were started by nohup: a program inherits what its
// parent ignores, but not what its parent handles.
var heedHangUp = sync.OnceFunc(func() {
	if signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
})

// interruptible returns the same pty in a file whose Close ends a Read that waits, which is what a hang-up is. The pty
// package leaves its files in blocking mode, where Close waits for the Read.
func interruptible(blocking *os.File) (*os.File, error) {
	defer blocking.Close()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), blocking.Name()), nil
}

// read feeds the emulator with what the program writes.
func (t *Terminal) read() {
	defer close(t.drained)
	buffer := make([]byte, 64<<10)
	for {
		t.stalled.Lock()
		n, err := t.pty.Read(buffer)
		t.stalled.Unlock()
		if n > 0 {
			if t.options.Output != nil {
				t.options.Output(buffer[:n])
			}
			t.mu.Lock()
			t.transcript = append(t.transcript, buffer[:n]...)
			_, _ = t.emulator.Write(buffer[:n])
			t.lastTraffic = time.Now()
			t.tell()
			t.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// answer gives the emulator's replies to the program. The emulator blocks until they are taken.
func (t *Terminal) answer() {
	buffer := make([]byte, 4<<10)
	for {
		n, err := t.emulator.Read(buffer)
		if err != nil {
			return
		}
		reply := buffer[:n]
		if t.options.Synchronized {
			reply = bytes.ReplaceAll(reply, []byte("\x1b[?2026;0$y"), []byte("\x1b[?2026;2$y"))
		}
		// A program that is gone needs no answer.
		_, _ = t.pty.Write(reply)
	}
}

// reap waits for the program's end.
func (t *Terminal) reap() {
	_ = t.command.Wait()
	t.exitCode = t.command.ProcessState.ExitCode()
	if status, ok := t.command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		t.exitCode = 128 + int(status.Signal())
	}
	<-t.drained
	t.mu.Lock()
	close(t.exited)
	t.tell()
	t.mu.Unlock()
}

// tell wakes whoever waits. The caller holds mu.
func (t *Terminal) tell() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *Terminal) close() {
	_ = t.command.Process.Kill()
	_ = t.pty.Close()
	<-t.exited
	// Closing the emulator itself would race with answer.
	_ = t.emulator.InputPipe().(io.Closer).Close()
}

// Screen returns what the terminal shows now.
func (t *Terminal) Screen() Screen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen()
}

func (t *Terminal) screen() Screen {
	position := t.emulator.CursorPosition()
	shot := Screen{
		Columns: t.emulator.Width(), Rows: t.emulator.Height(), CursorX: position.X, CursorY: position.Y,
		CursorVisible: !t.hidden, AltScreen: t.emulator.IsAltScreen(), Title: t.title,
	}
	for y := range shot.Rows {
		row := make([]Cell, shot.Columns)
		for x := range row {
			row[x] = newCell(t.emulator.CellAt(x, y))
		}
		shot.cells = append(shot.cells, row)
	}
	return shot
}

// Resize changes the size of the terminal, which tells the program.
func (t *Terminal) Resize(columns, rows int) {
	t.t.Helper()
	t.mu.Lock()
	t.emulator.Resize(columns, rows)
	t.lastTraffic = time.Now()
	t.mu.Unlock()
	connection, err := t.pty.SyscallConn()
	if err == nil {
		// The file's Fd would put it back into blocking mode.
		size := unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
		failed := connection.Control(func(fd uintptr) { err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &size) })
		err = errors.Join(err, failed)
	}
	if err != nil {
		t.t.Fatalf("resize to %dx%d: %v", columns, rows, err)
	}
}

// HangUp takes the terminal away from the program, as a lost SSH session does.
func (t *Terminal) HangUp() {
	_ = t.pty.Close()
}

// Stall stops reading what the program writes, as a link without throughput does, until the returned function is
// called. What is on its way into the terminal still arrives: up to one piece of output.
func (t *Terminal) Stall() (resume func()) {
	locked := make(chan struct{})
	go func() {
		t.stalled.Lock()
		close(locked)
	}()
	return sync.OnceFunc(func() {
		<-locked
		t.stalled.Unlock()
	})
}

// Signal sends a signal to the program.
func (t *Terminal) Signal(signal os.Signal) {
	t.t.Helper()
	if err := t.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.t.Fatalf("signal %v: %v", signal, err)
	}
}

// PID returns the program's process ID.
func (t *Terminal) PID() int { return t.command.Process.Pid }

// Bytes returns how many bytes the program has written.
func (t *Terminal) Bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.transcript)
}

// Transcript returns everything that the program has written, as it was written.
func (t *Terminal) Transcript() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.transcript)
}

// Bells returns how often the program rang the bell.
func (t *Terminal) Bells() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bells
}

// Exited reports whether the program is gone.
func (t *Terminal) Exited() bool {
	select {
	case <-t.exited:
		return true
	default:
		return false
	}
}

package tty

import (
	"bytes"
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func open(t *testing.T, path string) int {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return int(file.Fd())
}

// TestModesAreGivenBack changes a terminal as an opening does, and undoes it.
func TestModesAreGivenBack(t *testing.T) {
	fd := open(t, "/dev/ptmx")
	found, err := Modes(fd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(fd); err != nil {
		t.Fatal(err)
	}
	KeepSignals(fd)
	now, err := unix.IoctlGetTermios(fd, termiosGet)
	if err != nil {
		t.Fatal(err)
	}
	if now.Lflag&unix.ISIG == 0 || now.Cc[unix.VINTR] != 3 {
		t.Error("ctrl+c sends no signal")
	}
	if now.Lflag&unix.ICANON != 0 || now.Cc[unix.VSUSP] != noChar || now.Cc[unix.VQUIT] != noChar {
		t.Errorf("the other keys are not keys: %+v", now)
	}
	if err := SetModes(fd, found); err != nil {
		t.Fatal(err)
	}
	if back, err := Modes(fd); err != nil || !bytes.Equal(back, found) {
		t.Errorf("got %x, %v, want %x", back, err, found)
	}
}

func TestModesOfWhatIsNotATerminal(t *testing.T) {
	null, terminal := open(t, os.DevNull), open(t, "/dev/ptmx")
	found, err := Modes(terminal)
	if err != nil {
		t.Fatal(err)
	}
	if modes, err := Modes(null); err == nil {
		t.Errorf("a file has the modes %x", modes)
	}
	KeepSignals(null)
	for name, err := range map[string]error{
		"a file": SetModes(null, found), "no modes": SetModes(terminal, nil), "half of them": SetModes(terminal, found[:9]),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if now, err := Modes(terminal); err != nil || !bytes.Equal(now, found) {
		t.Errorf("got %x, %v, want %x", now, err, found)
	}
}

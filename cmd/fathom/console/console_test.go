package console

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestNothingHostilePasses(t *testing.T) {
	const hostile = "a\x1b]0;PWNED\ab\x9b2J\u202ec\r\x00\x7f\u2028d"
	const clean = "a␛]0;PWNED␇b\ufffd2J\ufffdc␍␀␡\ufffdd"
	for name, c := range map[string]struct {
		write func(Out) error
		want  string
	}{
		"a line":            {func(o Out) error { return o.Line(hostile) }, clean + "\n"},
		"a line of two":     {func(o Out) error { return o.Line("a\nb") }, "a␊b\n"},
		"a format":          {func(o Out) error { return o.Linef("%s: %d", hostile, 5) }, clean + ": 5\n"},
		"text":              {func(o Out) error { return each(o, "x\ty\n", hostile, "\n") }, "x\ty\n" + clean + "\n"},
		"text after a tab":  {func(o Out) error { return each(o, "x\t"+hostile) }, "x\t" + clean},
		"progress":          {redrawn(hostile), "\r" + clean + "\x1b[K\r\x1b[K"},
		"bytes as they are": {func(o Out) error { return o.Whole([]byte(hostile)) }, hostile},
	} {
		var got strings.Builder
		if err := c.write(New(New(&got))); err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v", name, got.String(), err)
		}
	}
	if New(&strings.Builder{}).IsTerminal() {
		t.Error("a buffer is not a terminal")
	}
}

func redrawn(text string) func(Out) error {
	return func(o Out) error {
		o.Redraw(text)
		o.Redraw("")
		return nil
	}
}

func each(o Out, texts ...string) error {
	for _, text := range texts {
		if n, err := fmt.Fprint(o, text); err != nil || n != len(text) {
			return fmt.Errorf("%d, %w", n, err)
		}
	}
	return nil
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestABrokenPipeIsAnError(t *testing.T) {
	o := New(broken{})
	if o.Line("a") == nil || o.Whole(nil) == nil {
		t.Error("no error")
	}
	if n, err := o.Write([]byte("a")); n != 0 || err == nil {
		t.Error(n, err)
	}
}

func TestIsTerminal(t *testing.T) {
	for path, want := range map[string]bool{"/dev/ptmx": true, os.DevNull: false} {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := New(file).IsTerminal(); got != want {
			t.Errorf("%s: %v", path, got)
		}
		_ = file.Close()
	}
}

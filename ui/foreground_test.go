package ui

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// login is a program for the terminal.
type login struct{}

func (login) String() string                                  { return "log in to prod" }
func (login) CommandLine() string                             { return "aws sso login" }
func (login) RunOn(context.Context, *os.File, *os.File) error { return nil }

// TestForegroundNeedsATerminal asks for one where there is none, and sees how a program
// ended that had it.
func TestForegroundNeedsATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{Home: &page{
			name: "pods", keys: []Key{{Action: "login", Keys: []string{"L"}}}, intents: map[Action]Intent{"login": login{}},
		}}, 80, 24)
		d.press("L")
		d.contains("log in to prod: needs a terminal")
		d.send(handedBack{program: login{}, err: errors.New("exit code 4"), width: 60, height: 20})
		d.contains("log in to prod: exit code 4")
		if d.shell.width != 60 || d.shell.height != 20 {
			t.Errorf("it is %dx%d", d.shell.width, d.shell.height)
		}
		d.send(handedBack{program: login{}, width: 80, height: 24})
		d.contains("log in to prod: done")
	})
}

// TestHeaderWakes has a header that counts seconds.
func TestHeaderWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(time.Second)
		d := drive(t, Options{Home: &counting{page: page{name: "pods"}, until: until}}, 80, 24)
		if _, at := d.shell.nextWake(); !at.Equal(until) {
			t.Errorf("it wakes at %v, want %v", at, until)
		}
	})
}

// counting is a page whose header reads differently at a time.
type counting struct {
	page
	until time.Time
}

func (c *counting) Header(now time.Time) Header {
	h := c.page.Header(now)
	h.Until = c.until
	return h
}

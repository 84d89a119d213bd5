package ui

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/fathom-k8s/fathom/themes"
)

// Frame is what a view draws into: a size in cells, the colours, and the time
// that ages are counted from.
type Frame struct {
	Width, Height int
	Theme         *themes.Theme
	Now           time.Time
	ASCII         bool // only ASCII may be drawn
	Still         bool // printed once: no cursor is drawn

	drawn *Drawn // nil when nobody counts
}

// Drawn counts what a shell has drawn since it was made. It may be read from any
// goroutine.
type Drawn struct {
	Frames atomic.Int64
	Rows   atomic.Int64 // of tables, that were asked for their text
}

// Span is a piece of one line with one meaning. Its text is clean.
type Span struct {
	Text string
	Role themes.Role
}

// Line is one line of text.
type Line []Span

// Action names what a key asks for: "describe", "sort-next". Keys can be
// rebound, actions stay.
type Action string

// Key binds keys to an action. Help, footer and the config's rebinding are all
// made from it.
type Key struct {
	Action Action
	Keys   []string // as tea.KeyPressMsg.String() says them: "d", "ctrl+d", "shift+left"
	Show   string   // how help prints the keys, when listing them is too long: "0-9"
	Help   string   // what it does, in one to four words
	Group  string   // heading in the help
	Footer bool     // worth a place in the footer
}

// Msg is what a view gets. The shell sends Do, Typed, Entered, Cancelled,
// Clicked, Outcome and Shown; everything else comes from a Source that the
// view asked to watch.
type Msg = any

// The messages of the shell.
type (
	// Do is a key press, as the action it is bound to and the key itself.
	Do struct {
		Action Action
		Key    string
	}
	// Typed is the text of the open prompt after each key.
	Typed struct {
		Prompt string
		Text   string
	}
	// Entered closes the prompt with a text.
	Entered struct {
		Prompt string
		Text   string
	}
	// Cancelled closes the prompt; what Typed changed should be undone.
	Cancelled struct{ Prompt string }
	// Clicked is a click in the body; X and Y count from its upper left cell. Double
	// means the second click on the same cell in quick succession.
	Clicked struct {
		X, Y   int
		Double bool
	}
	// Wheel is a turn of the wheel over the body; Lines is negative upwards.
	Wheel struct{ Lines int }
	// Shown is sent when a view comes to the top of the stack.
	Shown struct{}
	// Outcome is how an effect ended.
	Outcome struct {
		Effect Effect
		Err    error
	}
	// Ended is sent when a source has nothing more to say. Err is nil if it
	// simply came to its end.
	Ended struct {
		Source Source
		Err    error
	}
)

// Header is the header line of a view: where it is, and how fresh its contents are.
type Header struct {
	Place     []string  // context, namespace, view; the last is what this is
	Freshness Line      // "● live", "◐ 14 s old, reconnecting"
	Facts     Line      // version, mode: a span each
	Note      string    // a line for the footer, in place of the view's keys; usually ""
	Until     time.Time // when it reads differently, besides the clock; zero if it does not
}

// View is one screen. A view never does I/O and starts no goroutine: it
// changes its own state and answers with what the user wants, as an Intent.
// All methods are called from the one goroutine of the program's loop.
type View interface {
	Header(now time.Time) Header
	// Keys are the bindings that work at this moment, the most useful first.
	Keys() []Key
	// Update takes a message; nil means that there is nothing to do.
	Update(Msg) Intent
	// Draw returns at most Frame.Height lines of at most Frame.Width cells.
	Draw(Frame) string
	// Wake returns when the screen reads differently although no message comes
	// (ages), or zero. It is called after each Draw.
	Wake(now time.Time) time.Time
}

// An Intent is what the user wants, as plain data. Nil means nothing.
type Intent any

// The intents that the shell carries out, besides an Effect.
type (
	// Open puts a view on top of the stack.
	Open struct{ View View }
	// Replace ends the view that asks and puts another in its place.
	Replace struct{ View View }
	// Reset ends every view and starts a new stack.
	Reset struct{ View View }
	// Back removes the view that asks; at the root it does nothing.
	Back struct{}
	// Quit ends the program.
	Quit struct{}
	// Confirm asks a question before an intent is carried out. Where Type is not empty, a
	// person has to type it.
	Confirm struct {
		Question string
		Type     string
		Then     Intent
	}
	// Later runs an effect after a time, in which esc stops it. The footer counts down.
	Later struct {
		Effect Effect
		Wait   time.Duration
	}
	// Watch feeds the view that asked from a source until it leaves the
	// stack. Watching the same source twice feeds it once.
	Watch struct{ Source Source }
	// Unwatch ends a Watch before its view does.
	Unwatch struct{ Source Source }
	// Prompt opens a line of input in the footer. The view gets Typed, then
	// Entered or Cancelled, each with the prompt's name. While it is open, up,
	// down and the page keys still come as the actions they are bound to. Its Text is selected, so
	// that typing replaces it, unless it is to be Edited.
	Prompt struct {
		Name, Label, Text string
		Edited            bool
	}
	// Choose opens a list to pick from, with the cursor at a choice. Typed returns what a text
	// means that no choice is called; nil is nothing.
	Choose struct {
		Title   string
		Choices []Choice
		At      int
		Typed   func(text string) []Choice
	}
	// Copy puts text on the terminal's clipboard (OSC 52). The footer shows it unless it
	// is Hidden.
	Copy struct {
		Text, What string
		Hidden     bool
	}
	// Notify rings the bell and shows a notification (OSC 9, OSC 777), for somebody who
	// looks elsewhere: one in half a minute at most, what comes in between together.
	Notify struct{ Title, Text string }
	// Say shows a line in the footer until the next key.
	Say struct {
		Text string
		Role themes.Role
	}
	// Save writes text to a new file that only its owner can read. The text is produced
	// in the background.
	Save struct {
		Name string
		Text io.WriterTo
	}
	// Page shows text in a program of the user's, which has the terminal until it ends.
	Page struct{ Text io.WriterTo }
	// All carries out several intents in order.
	All []Intent
)

// Lazy is an intent that becomes another one when it is carried out: a palette
// entry that opens a view makes the view only then. A source may yield one as
// its message; the shell carries it out in the place of the view that watches.
type Lazy interface{ Intent() Intent }

// Command is an intent that acts at once, in the loop: it asks for something
// again, or moves a recording. It must not block, and it changes nothing in a
// cluster, so nobody is asked; an Effect does.
type Command interface{ Execute() }

// Text is what a Save writes if all of it is in memory.
type Text string

// WriteTo implements io.WriterTo.
func (t Text) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, string(t))
	return int64(n), err
}

// Source yields messages for a view. Next blocks until there is something new or ctx
// ends; it is called from a goroutine of its own, never twice at a time. Any error or
// panic ends the watch, and the view gets Ended: without an error for io.EOF, with one
// for others, which the footer shows too. What a source started ends when ctx does.
// Sources are compared with ==, so a source should be a pointer.
type Source interface {
	Next(ctx context.Context) (Msg, error)
}

// ShowHelp opens the help.
type ShowHelp struct{}

// Effect is an intent that changes the cluster. Its String says what will
// happen, in words for the person who is asked: "delete pod shop/web-1 in
// prod-eu". One that may take longer than half a minute has a method
// Timeout() time.Duration.
type Effect interface {
	fmt.Stringer
	Run(ctx context.Context) error
}

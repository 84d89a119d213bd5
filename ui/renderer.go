package ui

import (
	"bytes"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// picture is all that a terminal is to show.
type picture struct {
	width, height int
	lines         string      // styled, one line each; what is missing is blank
	cursor        *tea.Cursor // hidden when nil
}

// renderer knows what a terminal shows, and says which bytes turn that into the
// next picture. It does no I/O. It is used from one goroutine at a time.
type renderer struct {
	env          []string
	profile      colorprofile.Profile
	mouse        bool
	synchronized bool // the terminal can show a picture at once (mode 2026)

	writer      *uv.TerminalRenderer
	written     bytes.Buffer // what to has said
	cells       uv.ScreenBuffer
	lines       []string // that cells hold
	cursorShown bool     // it is seen
	prefix      string   // goes out ahead of the next picture
}

// newRenderer is a renderer for a terminal with an environment.
func newRenderer(env []string, mouse bool) *renderer {
	r := &renderer{env: env, mouse: mouse}
	r.reset()
	return r
}

// reset forgets what the terminal shows.
func (r *renderer) reset() {
	r.written.Reset()
	r.writer = uv.NewTerminalRenderer(&r.written, r.env)
	r.writer.SetColorProfile(r.profile)
	r.writer.SetFullscreen(true)
	r.writer.SetScrollOptim(true)
	r.writer.SetBackspace(true)
	// Where a terminal's tab stops are is not known, and to set them would
	// outlive the program.
	r.writer.SetTabStops(-1)
	r.writer.Erase()
	r.cells = uv.NewScreenBuffer(0, 0)
	r.lines, r.cursorShown = nil, false
}

// enterSequence is what prepares a terminal for frames.
func (r *renderer) enterSequence() string {
	r.reset()
	mouse := ""
	if r.mouse {
		mouse = ansi.SetModeMouseButtonEvent + ansi.SetModeMouseExtSgr
	}
	// Alternate and main screen have keyboard settings of their own.
	return ansi.SetModeAltScreenSaveCursor + ansi.ResetModeTextCursorEnable + ansi.SetModeBracketedPaste + mouse +
		ansi.SetModifyOtherKeys2 + ansi.PushKittyKeyboard(ansi.KittyDisambiguateEscapeCodes) +
		ansi.RequestKittyKeyboard + ansi.RequestModeSynchronizedOutput
}

// leaveSequence is what gives a terminal back as it was found.
func (r *renderer) leaveSequence() string {
	mouse := ""
	if r.mouse {
		mouse = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr
	}
	// A terminal without an alternate screen is left on its last line.
	return ansi.ResetStyle + ansi.CursorPosition(1, r.cells.Height()) +
		ansi.ResetModifyOtherKeys + ansi.PopKittyKeyboard(1) + mouse + ansi.ResetModeBracketedPaste +
		ansi.SetCursorStyle(0) + ansi.SetModeTextCursorEnable + ansi.ResetModeAltScreenSaveCursor
}

// setProfile says which colours the terminal can show. What was painted with
// others is painted anew: its cells are equal, what is seen of them is not.
func (r *renderer) setProfile(p colorprofile.Profile) {
	if p == r.profile {
		return
	}
	r.profile = p
	r.writer.SetColorProfile(p)
	r.erase()
}

// modeReported notes what the terminal says of its modes.
func (r *renderer) modeReported(msg tea.ModeReportMsg) {
	if msg.Mode == ansi.ModeSynchronizedOutput && msg.Value == ansi.ModeReset {
		r.synchronized = true
	}
}

// erase makes the next picture one that is painted anew.
func (r *renderer) erase() { r.writer.Erase() }

// copy puts text into the terminal's clipboard (OSC 52) with the next picture. Of
// several texts only the last would stay there.
func (r *renderer) copy(text string) { r.prefix = ansi.SetSystemClipboard(text) }

// render is what turns what the terminal shows into a picture; empty when it
// shows that already. The bytes are valid until the next call.
func (r *renderer) render(p picture) []byte {
	r.resize(p.width, p.height)
	r.drawLines(p.lines)
	r.written.Reset()
	r.writer.Render(r.cells.RenderBuffer)
	if p.cursor != nil {
		r.writer.MoveTo(p.cursor.X, p.cursor.Y)
	}
	_ = r.writer.Flush() // A bytes.Buffer takes everything.
	return r.frameBytes(p.cursor)
}

func (r *renderer) resize(width, height int) {
	if width == r.cells.Width() && height == r.cells.Height() {
		return
	}
	// What the terminal itself makes of its old content is anyone's guess.
	r.writer.Resize(width, height)
	r.writer.Erase()
	r.cells = uv.NewScreenBuffer(width, height)
	r.lines = make([]string, height)
}

// drawLines draws into the cells the lines that differ from those of the last frame.
func (r *renderer) drawLines(text string) {
	width := r.cells.Width()
	for y := range r.lines {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if line != r.lines[y] {
			uv.NewStyledString(line).Draw(r.cells, uv.Rect(0, y, width, 1))
			r.lines[y] = line
		}
	}
}

// frameBytes puts around the changes of a frame what makes them seen at once, and the
// cursor's own.
func (r *renderer) frameBytes(cursor *tea.Cursor) []byte {
	changes, shown := r.written.Bytes(), r.cursorShown
	r.cursorShown = cursor != nil
	ahead := r.prefix
	r.prefix = ""
	if len(changes) == 0 && shown == r.cursorShown {
		return []byte(ahead)
	}
	var all bytes.Buffer
	all.WriteString(ahead)
	if r.synchronized {
		all.WriteString(ansi.SetModeSynchronizedOutput)
	}
	// Without synchronised output a cursor that is seen would fly about.
	if shown && (!r.synchronized || !r.cursorShown) {
		all.WriteString(ansi.ResetModeTextCursorEnable)
	}
	all.Write(changes)
	if r.cursorShown && !shown {
		all.WriteString(ansi.SetCursorStyle(steadyBlock))
	}
	if r.cursorShown && (!r.synchronized || !shown) {
		all.WriteString(ansi.SetModeTextCursorEnable)
	}
	if r.synchronized {
		all.WriteString(ansi.ResetModeSynchronizedOutput)
	}
	return all.Bytes()
}

// steadyBlock is a cursor that does not blink (DECSCUSR), because a terminal
// that blinks redraws.
const steadyBlock = 2

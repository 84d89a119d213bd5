package term

import (
	"bytes"
	"strings"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Picture is everything that a terminal shows at one moment.
type Picture struct {
	Width, Height int
	Lines         string  // styled; missing lines are blank
	Cursor        *Cursor // hidden when nil
}

// Cursor is the cell of the terminal's own cursor.
type Cursor struct{ X, Y int }

// Renderer remembers what a terminal shows and returns the bytes that turn that
// into the next picture. It does no I/O, and is used from one goroutine at a time.
type Renderer struct {
	env          []string
	profile      colorprofile.Profile
	mouse        bool
	synchronized bool // the terminal can show a picture at once (mode 2026)

	writer      *uv.TerminalRenderer
	written     bytes.Buffer // by writer
	cells       uv.ScreenBuffer
	lines       []string // the lines that cells hold
	cursorShown bool
	prefix      string // written before the next picture
}

// NewRenderer returns a renderer for a terminal with an environment.
func NewRenderer(env []string, mouse bool) *Renderer {
	r := &Renderer{env: env, mouse: mouse}
	r.reset()
	return r
}

// reset forgets what the terminal shows.
func (r *Renderer) reset() {
	r.written.Reset()
	r.writer = uv.NewTerminalRenderer(&r.written, r.env)
	r.writer.SetColorProfile(r.profile)
	r.writer.SetFullscreen(true)
	r.writer.SetScrollOptim(true)
	r.writer.SetBackspace(true)
	// Nobody knows where a terminal's tab stops are, and setting them would
	// outlive the program.
	r.writer.SetTabStops(-1)
	r.writer.Erase()
	r.cells = uv.NewScreenBuffer(0, 0)
	r.lines, r.cursorShown = nil, false
}

// Enter returns what prepares a terminal for pictures.
func (r *Renderer) Enter() string {
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

// Leave returns what gives a terminal back as it was found.
func (r *Renderer) Leave() string {
	mouse := ""
	if r.mouse {
		mouse = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr
	}
	// A terminal without an alternate screen is left on its last line.
	return ansi.ResetStyle + ansi.CursorPosition(1, r.cells.Height()) +
		ansi.ResetModifyOtherKeys + ansi.PopKittyKeyboard(1) + mouse + ansi.ResetModeBracketedPaste +
		ansi.SetCursorStyle(0) + ansi.SetModeTextCursorEnable + ansi.ResetModeAltScreenSaveCursor
}

// SetProfile sets which colours the terminal can show. What was painted in
// others is painted again: its cells are equal, but what one sees of them is not.
func (r *Renderer) SetProfile(p colorprofile.Profile) {
	if p == r.profile {
		return
	}
	r.profile = p
	r.writer.SetColorProfile(p)
	r.Erase()
}

// ReportMode takes note of a terminal's answer about one of its modes.
func (r *Renderer) ReportMode(mode ansi.Mode, value ansi.ModeSetting) {
	if mode == ansi.ModeSynchronizedOutput && value == ansi.ModeReset {
		r.synchronized = true
	}
}

// Erase has the next picture painted from scratch.
func (r *Renderer) Erase() { r.writer.Erase() }

// Copy puts text into the terminal's clipboard (OSC 52) with the next picture.
// Of several texts only the last one is written: it would replace the others.
func (r *Renderer) Copy(text string) { r.prefix = ansi.SetSystemClipboard(text) }

// Render returns the bytes that turn what the terminal shows into a picture, or
// nothing if it shows that already. They are valid until the next call.
func (r *Renderer) Render(p Picture) []byte {
	r.resize(p.Width, p.Height)
	r.drawLines(p.Lines)
	r.written.Reset()
	r.writer.Render(r.cells.RenderBuffer)
	if p.Cursor != nil {
		r.writer.MoveTo(p.Cursor.X, p.Cursor.Y)
	}
	_ = r.writer.Flush() // A bytes.Buffer takes everything.
	return r.frameBytes(p.Cursor != nil)
}

func (r *Renderer) resize(width, height int) {
	if width == r.cells.Width() && height == r.cells.Height() {
		return
	}
	// What the terminal itself makes of its old content is anyone's guess.
	r.writer.Resize(width, height)
	r.writer.Erase()
	r.cells = uv.NewScreenBuffer(width, height)
	r.lines = make([]string, height)
}

// drawLines draws the lines that differ from those of the last picture into the
// cells.
func (r *Renderer) drawLines(text string) {
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

// frameBytes returns the changes of a frame between what shows them at once and
// what moves the cursor.
func (r *Renderer) frameBytes(cursor bool) []byte {
	changes, before := r.written.Bytes(), r.cursorShown
	r.cursorShown = cursor
	prefix := r.prefix
	r.prefix = ""
	if len(changes) == 0 && before == cursor {
		return []byte(prefix)
	}
	var all bytes.Buffer
	all.WriteString(prefix)
	if r.synchronized {
		all.WriteString(ansi.SetModeSynchronizedOutput)
	}
	// Without synchronised output a visible cursor would fly about.
	if before && (!r.synchronized || !cursor) {
		all.WriteString(ansi.ResetModeTextCursorEnable)
	}
	all.Write(changes)
	if cursor && !before {
		all.WriteString(ansi.SetCursorStyle(steadyBlock))
	}
	if cursor && (!r.synchronized || !before) {
		all.WriteString(ansi.SetModeTextCursorEnable)
	}
	if r.synchronized {
		all.WriteString(ansi.ResetModeSynchronizedOutput)
	}
	return all.Bytes()
}

// steadyBlock is a cursor that does not blink (DECSCUSR), because a terminal
// redraws one that does.
const steadyBlock = 2

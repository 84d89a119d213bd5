package term

import (
	"bytes"
	"image/color"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Picture is everything that a terminal shows at one moment.
type Picture struct {
	Width, Height int
	Lines         string  // styled; missing lines are blank
	Over          Overlay // drawn above the lines; nil for none
	Cursor        *Cursor // hidden when nil
}

// Overlay is what covers a part of the lines.
type Overlay interface {
	Bounds() uv.Rectangle
	Draw(cells uv.Screen, area uv.Rectangle)
}

// Cursor is the cell of the terminal's own cursor.
type Cursor struct{ X, Y int }

// Renderer remembers what a terminal shows and returns the bytes that turn that
// into the next picture. It does no I/O, and is used from one goroutine at a time.
type Renderer struct {
	env          []string
	profile      colorprofile.Profile
	background   color.Color // of cells that have none; nil is the terminal's own
	mouse        bool
	synchronized bool // the terminal can show a picture at once (mode 2026)

	writer      *uv.TerminalRenderer
	written     bytes.Buffer // by writer
	cells       uv.ScreenBuffer
	lines       []string // the lines that cells hold
	cursorShown bool
	copied      string // written before the next picture, as is notice
	notice      string
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
		ansi.SetModifyOtherKeys2 + ansi.PushKittyKeyboard(ansi.KittyDisambiguateEscapeCodes)
}

// Ask returns the questions whose answers Listen delivers. Once nobody listens, the
// terminal would give them to the shell.
func (r *Renderer) Ask() string {
	return ansi.RequestKittyKeyboard + ansi.RequestModeSynchronizedOutput
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

// SetBackground sets what is painted behind everything. Nil is the terminal's own.
func (r *Renderer) SetBackground(c color.Color) {
	if c != r.background {
		r.background = c
		for y := range r.lines {
			r.lines[y] = covered
		}
	}
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
// Of several texts only the last one is written: it would replace the others. By default
// tmux takes none from a program, and may let it through to the terminal around it.
func (r *Renderer) Copy(text string) {
	r.copied = ansi.SetSystemClipboard(text)
	if r.InTmux() {
		r.copied += r.toTerminal(r.copied)
	}
}

// Render returns the bytes that turn what the terminal shows into a picture, or
// nothing if it shows that already. They are valid until the next call.
func (r *Renderer) Render(p Picture) []byte {
	r.resize(p.Width, p.Height)
	r.drawLines(p.Lines)
	if p.Over != nil {
		r.drawOver(p.Over)
	}
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
	r.lines = slices.Repeat([]string{covered}, height)
}

// drawLines draws the lines that differ from those of the last picture into the
// cells.
func (r *Renderer) drawLines(text string) {
	width := r.cells.Width()
	for y := range r.lines {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if line != r.lines[y] {
			area := uv.Rect(0, y, width, 1)
			uv.NewStyledString(line).Draw(r.cells, area)
			r.paintBackground(area)
			r.lines[y] = line
		}
	}
}

// paintBackground gives cells without a background the theme's.
func (r *Renderer) paintBackground(area uv.Rectangle) {
	if r.background == nil {
		return
	}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			// The second half of a wide character has no cell of its own.
			if cell := r.cells.CellAt(x, y); cell != nil && cell.Width > 0 && cell.Style.Bg == nil {
				painted := *cell
				painted.Style.Bg = r.background
				r.cells.SetCell(x, y, &painted)
			}
		}
	}
}

// covered stands for a line that an overlay covers, or that was never drawn. No line
// is equal to it, so the next picture draws it.
const covered = "\n"

func (r *Renderer) drawOver(over Overlay) {
	area := over.Bounds().Intersect(r.cells.Bounds())
	over.Draw(r.cells, area)
	r.paintBackground(area)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		r.lines[y] = covered
	}
}

// frameBytes returns the changes of a frame between what shows them at once and
// what moves the cursor.
func (r *Renderer) frameBytes(cursor bool) []byte {
	changes, before := r.written.Bytes(), r.cursorShown
	r.cursorShown = cursor
	prefix := r.copied + r.notice
	r.copied, r.notice = "", ""
	if len(changes) == 0 && before == cursor {
		return []byte(prefix)
	}
	var all bytes.Buffer
	all.WriteString(prefix)
	if r.synchronized {
		all.WriteString(ansi.SetModeSynchronizedOutput)
	}
	// Without synchronised output a visible cursor would jump around.
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

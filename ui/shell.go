package ui

import (
	"context"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// Options are what a Shell is made of. Home, Theme and Now are required.
type Options struct {
	Home  View
	Theme *themes.Definition
	Now   func() time.Time // what ages are counted from; it may stand still
	Wall  func() time.Time // what clicks are timed by; nil is Now
	ASCII bool
	Mouse bool
	// Rebind gives actions other keys than those that views bind them to.
	Rebind map[Action][]string
	// Choices are the entries of the palette for a query, best first; see
	// Rank. It is called in the loop, after each key.
	Choices func(top View, query string) []Choice
	// Help says how the help is ordered, and what else it lists.
	Help HelpOptions
	// Unbound, when it is not nil, says in a few words what to press in place of a key that
	// none of the bindings has; "" if it does not know.
	Unbound func(bound []Key, key string) string
	// Busy, when it is not nil, names what goes on in the view's name and ends with the program; "" is
	// nothing.
	Busy func(view View) string
	// Save writes text to a new file and returns where. It is called from a
	// goroutine of its own.
	Save func(name string, text io.WriterTo) (path string, err error)
	// Pager is how text is shown for a Page.
	Pager func(text io.WriterTo) Foreground
	// Input and Output are the terminal when nil, Environ is the process's.
	Input   io.Reader
	Output  io.Writer
	Environ []string
	// Log takes what is too long for the screen, like the stack of a panic. It may
	// be called from any goroutine.
	Log func(level, text string)
	// Tabs are the tabs beside the one that begins with Home.
	Tabs TabOptions
	// News, when it is not nil, yields messages that are Lazy, whose intents are
	// carried out whatever is on the screen. It goes on as long as its context.
	News Source
	// Opening, when it is not nil, is the terminal: Run takes it over.
	Opening *Opening
	// Guard, when it is not nil, is called with what gives the terminal back, for a
	// process that ends in another way than through Run. end is called when Run has given
	// it back.
	Guard func(leave string, modes []byte) (end func())
	// Drawn, when it is not nil, counts what is drawn.
	Drawn *Drawn

	ownEnviron bool // Environ is the process's
}

// Shell is the only tea.Model: tabs with a stack of views each, a header above and a footer
// below, and the overlays. All of it runs in the program's loop.
type Shell struct {
	o     Options
	ctx   context.Context
	frame Frame // of the body

	width, height int
	*openTab                 // on the screen
	tabs          []*openTab // from left to right
	row           Tabs       // of their names
	overlay       overlay
	owner         *layer // of the overlay
	prompt        *prompt
	note          Say
	clock         clock
	altKnown      bool // the terminal tells alt from esc
	click         click
	notices       notices
	delayed       []*delayed // effects that can still be stopped, oldest first

	dirty     bool // the screen may look different
	frameRate frameRate
	picture   term.Picture // as it was drawn last
	renderer  *term.Renderer
	terminal  *term.Terminal // nil until Run
	// stopListening ends the reading of keys until the loop begins it again; nil until Run.
	stopListening func()
}

// The least size that anything useful fits into.
const (
	widthMin  = 40
	heightMin = 8
)

// NewShell makes the shell around a first view. Nothing runs before Init.
func NewShell(o Options) *Shell {
	if o.Environ == nil {
		o.Environ, o.ownEnviron = os.Environ(), true
	}
	s := &Shell{
		o: o, ctx: context.Background(), renderer: term.NewRenderer(o.Environ, o.Mouse), openTab: &openTab{},
	}
	s.frame = Frame{Theme: themes.Plain, ASCII: o.ASCII, drawn: o.Drawn}
	return s
}

// Init implements tea.Model.
func (s *Shell) Init() tea.Cmd {
	home := s.beginTabs()
	if s.o.News == nil {
		return home
	}
	return tea.Batch(home, s.watch(s.newLayer(nil), s.o.News))
}

// Update implements tea.Model. A message goes around this loop:
//
//	key, mouse, paste ──> dispatch.go, mouse.go ──> Do{action} ──> View.Update
//	View.Update ──> Intent ──> perform.go ──> stack.go, prompt.go, overlay.go
//	perform.go ──> Source ──> watch.go ──> arrival ──> View.Update
//	perform.go ──> Effect ──> outcome ──> View.Update
//	framerate.go ──> draw.go ──> View.Draw ──> renderer ──> output
func (s *Shell) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	owed := s.dirty
	s.dirty = false
	cmd := s.handle(msg)
	if _, more := msg.(early); !more {
		cmd = tea.Batch(cmd, s.sendTyped())
	}
	if _, driven := msg.(arrival); s.dirty && !driven {
		s.frameRate.urgent = true
	}
	s.dirty = s.dirty || owed
	if s.prompt != nil && s.prompt.unsent {
		return s, cmd // What it leaves is seen with the text.
	}
	return s, tea.Batch(cmd, s.refresh())
}

// handle dispatches one message, and sets dirty if the screen may look different
// after it.
func (s *Shell) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
		s.resizeBody()
	case tea.ColorProfileMsg:
		s.setProfile(msg.Profile)
	case tea.KeyPressMsg:
		return s.pressKey(msg)
	case early:
		return s.pressKey(tea.KeyPressMsg(msg))
	case tea.KeyboardEnhancementsMsg:
		s.altKnown = msg.SupportsKeyDisambiguation()
	case tea.PasteMsg:
		return s.pasteText(msg.Content)
	case tea.MouseClickMsg:
		return s.clicked(msg)
	case tea.MouseWheelMsg:
		return s.turnWheel(msg)
	case arrival:
		return s.deliver(msg)
	case effectDue:
		return s.runDue(msg.of)
	case outcome:
		return s.effectEnded(msg)
	case tick:
		s.dirty = s.dirty || s.clock.stopIfCurrent(msg)
	case frameDue:
		s.frameRate.waited(msg)
	case tea.ModeReportMsg:
		s.renderer.ReportMode(msg.Mode, msg.Value)
	case handedBack:
		return s.takeBack(msg)
	case noticeDue:
		return s.ring()
	case Say:
		s.say(msg)
	}
	return nil
}

// setProfile sets which colours the terminal can show.
func (s *Shell) setProfile(p colorprofile.Profile) {
	s.frame.Theme = s.o.Theme.For(p)
	s.renderer.SetProfile(p)
	s.renderer.SetBackground(s.frame.Theme.Background)
	s.dirty = true
}

// View implements tea.Model. Bubble Tea asks for it after every message and
// does nothing with it: refresh has shown what was to be shown.
func (s *Shell) View() tea.View { return tea.View{Content: s.picture.Lines} }

// topLayer returns the layer that is visible.
func (s *Shell) topLayer() *layer { return s.top() }

// say shows a line in the footer.
func (s *Shell) say(note Say) {
	s.note = note
	s.dirty = true
}

// log keeps text for the messages.
func (s *Shell) log(level, text string) {
	if s.o.Log != nil {
		s.o.Log(level, text)
	}
}

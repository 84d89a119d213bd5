package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term"
)

// driver runs a shell as Bubble Tea would, in the time of a synctest bubble:
// after each message everything that follows from it happens before the next.
type driver struct {
	t     *testing.T
	shell *Shell
	msgs  chan tea.Msg
	quit  bool
	draws int      // how often the picture became another
	other []string // messages for Bubble Tea itself
	last  string
}

// drive starts a shell at a size. It must be called inside synctest.Test.
func drive(t *testing.T, o Options, width, height int) *driver {
	t.Helper()
	if o.Theme == nil {
		o.Theme = loadTheme(t, "mono")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &driver{t: t, shell: NewShell(o), msgs: make(chan tea.Msg, 1000)}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() {
		stop()
		synctest.Wait()
	})
	d.shell.ctx = ctx
	d.start(d.shell.Init())
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

func loadTheme(t testing.TB, name string) *themes.Definition {
	t.Helper()
	theme, err := themes.Load(name, "")
	if err != nil {
		t.Fatal(err)
	}
	return theme
}

func (d *driver) start(cmd tea.Cmd) {
	if cmd != nil {
		go func() { d.msgs <- cmd() }()
	}
}

// send hands over messages, one after the other.
func (d *driver) send(msgs ...tea.Msg) {
	d.t.Helper()
	for _, msg := range msgs {
		d.update(msg)
		d.settle()
	}
}

// settle handles what commands have answered, until all of them wait.
func (d *driver) settle() {
	for {
		synctest.Wait()
		select {
		case msg := <-d.msgs:
			d.take(msg)
		default:
			return
		}
	}
}

func (d *driver) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.start(cmd)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		if kind := fmt.Sprintf("%T", msg); strings.HasPrefix(kind, "tea.") {
			d.other = append(d.other, fmt.Sprintf("%s %v", kind, msg))
		}
		d.update(msg)
	}
}

func (d *driver) update(msg tea.Msg) {
	_, cmd := d.shell.Update(msg)
	if shown := content(d.shell.picture); shown != d.last {
		d.last = shown
		d.draws++
	}
	d.start(cmd)
}

// after lets time pass, and what it brings happen.
func (d *driver) after(passed time.Duration) {
	for end := time.Now().Add(passed); time.Now().Before(end); {
		waitUntil(time.Now().Add(min(10*time.Millisecond, time.Until(end))))
		d.settle()
	}
}

// waitUntil moves the clock of the test's synctest bubble.
func waitUntil(moment time.Time) {
	time.Sleep(time.Until(moment)) //nolint:forbidigo // Nothing else moves a bubble's clock, and it takes no time.
}

// press presses keys by their names, as Bubble Tea says them.
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, key := range keys {
		d.send(keyPress(key))
	}
}

func (d *driver) typeText(text string) {
	d.t.Helper()
	for _, r := range text {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
}

func keyPress(key string) tea.KeyPressMsg {
	var mod tea.KeyMod
	name := key
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok {
			name, mod = rest, mod|m.mod
		}
	}
	msg := tea.KeyPressMsg{Mod: mod}
	if code, ok := keyCodes[name]; ok {
		msg.Code = code
	} else {
		msg.Code = []rune(name)[0]
	}
	if mod&^tea.ModShift == 0 && (msg.Code == tea.KeySpace || len([]rune(name)) == 1) {
		msg.Text = string(msg.Code)
	}
	if msg.String() != key {
		panic(fmt.Sprintf("key %q says that it is %q", key, msg.String()))
	}
	return msg
}

// text is the screen without its colours, and without blanks at line ends.
func (d *driver) text() string { return plainText(content(d.shell.picture)) }

// content is the lines of a picture with what lies over them.
func content(p term.Picture) string {
	if p.Over == nil {
		return p.Lines
	}
	cells := uv.NewScreenBuffer(p.Width, p.Height)
	for y, line := range strings.Split(p.Lines, "\n") {
		uv.NewStyledString(line).Draw(cells, uv.Rect(0, y, p.Width, 1))
	}
	p.Over.Draw(cells, p.Over.Bounds())
	return cells.Render()
}

func plainText(content string) string {
	lines := strings.Split(ansi.Strip(content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// colours is the screen with its escape sequences, for people to read.
func colours(content string) string {
	return strings.ReplaceAll(content, "\x1b", `\e`) + "\n"
}

func (d *driver) contains(want string) {
	d.t.Helper()
	if !strings.Contains(d.text(), want) {
		d.t.Fatalf("the screen has no %q:\n%s", want, d.text())
	}
}

func (d *driver) lacks(unwanted string) {
	d.t.Helper()
	if strings.Contains(d.text(), unwanted) {
		d.t.Fatalf("the screen still has %q:\n%s", unwanted, d.text())
	}
}

// page is a view for tests: it shows its name and keeps the messages that it gets.
type page struct {
	name    string
	keys    []Key
	intents map[Action]Intent
	on      func(Msg) Intent
	wake    time.Duration
	body    string
	told    []Msg
	draws   int
}

func (p *page) Header(time.Time) Header {
	return Header{
		Place:     []string{"prod-eu", "shop", p.name},
		Freshness: Line{{"● live", themes.OK}},
		Facts:     Line{{"v1.36.3", themes.Muted}, {"read-only", themes.Muted}},
	}
}

func (p *page) Keys() []Key { return p.keys }

func (p *page) Update(msg Msg) Intent {
	p.told = append(p.told, msg)
	if p.on != nil {
		if intent := p.on(msg); intent != nil {
			return intent
		}
	}
	if do, ok := msg.(Do); ok {
		return p.intents[do.Action]
	}
	return nil
}

func (p *page) Draw(Frame) string {
	p.draws++
	if p.body != "" {
		return p.body
	}
	return "this is " + p.name
}

func (p *page) Wake(now time.Time) time.Time {
	if p.wake == 0 {
		return time.Time{}
	}
	return now.Add(p.wake)
}

// heard returns the messages of one type that the view got.
func heard[M any](p *page) []M {
	var all []M
	for _, msg := range p.told {
		if m, ok := msg.(M); ok {
			all = append(all, m)
		}
	}
	return all
}

// removal is an effect for tests.
type removal struct {
	name string
	err  error
	ran  *int
	hang bool
	boom bool
}

func (r removal) String() string { return "delete pod " + r.name + " in prod-eu" }

func (r removal) Run(ctx context.Context) error {
	if r.ran != nil {
		*r.ran++
	}
	if r.boom {
		panic("out of\x1b]0;\a luck") // such words are made printable
	}
	if r.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return r.err
}

var errForbidden = errors.New("pods \"web-1\" is forbidden: User \"me\" cannot delete resource")

func profile(p colorprofile.Profile) tea.Msg { return tea.ColorProfileMsg{Profile: p} }

const trueColor = colorprofile.TrueColor

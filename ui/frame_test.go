package ui

import (
	"io"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// tablePage shows a table; a message puts the cursor on the next row, as a
// key does, or says that something changed that is not seen.
type tablePage struct {
	page
	table *Table
	rows  *rowList
}

func (p *tablePage) Update(msg Msg) Intent {
	switch msg := msg.(type) {
	case Do:
		p.table.Do(msg, p.rows)
	case string:
		p.rows.versions[msg] = time.Now()
	}
	return nil
}

func (p *tablePage) Keys() []Key { return p.table.Keys() }

func (p *tablePage) Draw(f Frame) string {
	p.draws++
	return p.table.Draw(f, p.rows)
}

func newTablePage() *tablePage {
	table, rows := podTable(1000)
	rows.versions = map[string]any{}
	for _, id := range rows.ids {
		rows.versions[id] = id
	}
	return &tablePage{page: page{name: "pods"}, table: table, rows: rows}
}

// Bubble Tea asks for the View after each message: most of them change nothing, and
// cost no frame.
func TestMessagesDrawNoFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTablePage()
		d := drive(t, Options{Home: p}, 120, 40)
		before := p.draws
		for i := range 10_000 {
			d.update(tea.MouseMotionMsg{X: i % 120, Y: i % 40})
			d.update(i)
		}
		if got := p.draws - before; got != 0 {
			t.Errorf("20,000 messages that concern nobody drew %d frames", got)
		}
	})
}

// A source that never rests is drawn ten times a second.
func TestBusySourceDrawsFewFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		view := &numbers{source: &busy{}}
		d := drive(t, Options{Home: view}, 80, 24)
		before := d.draws
		d.after(10 * time.Second)
		if got := d.draws - before; got < 50 || got > 101 {
			t.Errorf("10 seconds drew %d frames, want 10 each", got)
		}
	})
}

// What changes out of sight is the same frame, down to its bytes.
func TestUnseenChangeIsTheSameFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTablePage()
		var drawn Drawn
		d := drive(t, Options{Home: p, Drawn: &drawn}, 120, 40)
		frames, formatted := d.draws, drawn.Rows.Load()
		if drawn.Frames.Load() < int64(frames) || formatted == 0 {
			t.Errorf("%d frames and %d rows are counted, %d frames differed", drawn.Frames.Load(), formatted, frames)
		}
		for i := range 100 {
			d.shell.updateView(d.shell.topLayer(), p.rows.ids[900+i%100])
			d.shell.frameRate.urgent = true
			d.update(nil)
		}
		if d.draws != frames || drawn.Rows.Load() != formatted {
			t.Errorf("changes out of sight made %d frames and %d rows of text", d.draws-frames, drawn.Rows.Load()-formatted)
		}
		d.shell.updateView(d.shell.topLayer(), p.rows.ids[3])
		d.shell.frameRate.urgent = true
		d.update(nil)
		if got := drawn.Rows.Load() - formatted; got != 1 {
			t.Errorf("a change in sight made %d rows of text, want 1", got)
		}
	})
}

// While the terminal stalls, sources are still read, and nothing piles up.
func TestStallGathersNothing(t *testing.T) {
	view := &numbers{source: &busy{}, heard: make(chan int)}
	s := runShell(t.Context(), t, view)
	s.Shows(t, "number 2.")
	release := s.Stall()
	hear := func(n int) {
		limit := time.After(20 * time.Second)
		for range n {
			select {
			case <-view.heard:
			case <-limit:
				t.Error("the view hears nothing more")
				return
			}
		}
	}
	hear(5) // Until the stall is noticed.
	before := runtime.NumGoroutine()
	hear(20)
	if after := runtime.NumGoroutine(); after > before+3 {
		t.Errorf("%d goroutines became %d while the terminal stalled", before, after)
	}
	release()
	s.typeKeys(t, "q")
	if err := s.ends(t, 5*time.Second); err != nil {
		t.Error(err)
	}
}

// BenchmarkFrame draws the whole screen of a table, finds what differs from the
// last one, and writes that.
func BenchmarkFrame(b *testing.B) {
	for _, c := range []struct {
		name   string
		row    int
		cursor bool
	}{{"unseen", 900, false}, {"cell", 3, false}, {"cursor", 900, true}} {
		b.Run("changed="+c.name, func(b *testing.B) {
			p := newTablePage()
			environ := []string{"TERM=xterm-256color"}
			s := NewShell(Options{Home: p, Theme: loadTheme(b, "default"), Now: time.Now, Environ: environ})
			s.Init()
			s.Update(tea.ColorProfileMsg{Profile: trueColor})
			s.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
			s.renderer.Render(s.picture)
			id := p.rows.ids[c.row]
			keys := []tea.KeyPressMsg{keyPress("down"), keyPress("up")}
			written := 0
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.rows.versions[id] = i
				p.rows.cells[id][4].Text = strconv.Itoa(i % 10)
				s.dirty, s.frameRate.urgent = true, true
				if c.cursor {
					s.Update(keys[i%2])
				} else {
					s.Update(nil)
				}
				n, _ := io.Discard.Write(s.renderer.Render(s.picture))
				written += n
			}
			b.ReportMetric(float64(written)/float64(b.N), "written/op")
		})
	}
}

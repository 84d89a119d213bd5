package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/vt"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui/term/termtest"
)

// restartedTable is a list of pods most of which restarted some seconds ago.
func restartedTable() *tablePage {
	table := &Table{Sorted: 1}
	table.SetColumns([]Column{
		{Title: "NAMESPACE", Fixed: true}, {Title: "NAME", Fixed: true}, {Title: "READY"}, {Title: "STATUS"},
		{Title: "RESTARTS"}, {Title: "AGE"},
	})
	rows := &rowList{versions: map[string]any{}}
	names := []string{"network-agent", "offer-frontend-4d7-gxmpdt2c7z", "profile-scheduler-64g"}
	for i := range 100 {
		status, role, ready, restarts := "Running", themes.Text, "2/2", "0"
		switch i % 3 {
		case 1:
			status, role, ready, restarts = "CrashLoopBackOff", themes.Failing, "0/1", fmt.Sprintf("%d (20s ago)", 90+i)
		case 2:
			status, role, ready, restarts = "OOMKilled", themes.Failing, "0/1", "6 (30s ago)"
		}
		rows.add(TableCell{Text: []string{"checkout-prod", "kube-system"}[i/50], Role: themes.Muted},
			TableCell{Text: fmt.Sprintf("%s-%05d", names[i*7%len(names)], i*7919%100_000), Role: role},
			TableCell{Text: ready, Role: role}, TableCell{Text: status, Role: role},
			TableCell{Text: restarts}, TableCell{Text: fmt.Sprintf("%dd", i), Role: themes.Muted})
	}
	for _, id := range rows.ids {
		rows.versions[id] = 0
	}
	table.Update(rows)
	return &tablePage{page: page{name: "pods"}, table: table, rows: rows}
}

// tick makes the time of each row's restart another one, as the clock does.
func (p *tablePage) tick(n int) {
	for _, id := range p.rows.ids {
		restarts := &p.rows.cells[id][4].Text
		count, _, ago := strings.Cut(*restarts, " (")
		if ago {
			*restarts = fmt.Sprintf("%s (%ds ago)", count, 10+n%5*10)
			p.rows.versions[id] = n
		}
	}
}

// What a key writes is what a slow link has to carry, ten times a second while
// the key is held. Here the times of all restarts tick at every tenth key.
func TestCursorKeyWritesFewBytes(t *testing.T) {
	const keys = 40
	for theme, most := range map[string]int{"default": 250, "mono": 285, "dusk": 440} {
		p := restartedTable()
		s := NewShell(Options{Home: p, Theme: loadTheme(t, theme), Now: time.Now, Environ: []string{"TERM=xterm-256color"}})
		s.Init()
		s.Update(tea.ColorProfileMsg{Profile: trueColor})
		s.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
		out := termtest.New(200, 50)
		_, _ = out.Write(s.renderer.Render(s.picture))
		written := 0
		for n := range keys {
			if n%10 == 9 {
				p.tick(n)
			}
			s.Update(keyPress("down"))
			bytes := s.renderer.Render(s.picture)
			written += len(bytes)
			_, _ = out.Write(bytes)
			fresh := vt.NewEmulator(200, 50)
			_, _ = fresh.WriteString(strings.ReplaceAll(s.picture.Lines, "\n", "\r\n"))
			if what := out.Difference(fresh, termtest.On(s.frame.Theme.Background, termtest.Seen)); what != "" {
				t.Fatalf("%s, key %d: %s", theme, n, what)
			}
		}
		if written > keys*most {
			t.Errorf("%s: %d bytes a key, want at most %d", theme, written/keys, most)
		}
	}
}

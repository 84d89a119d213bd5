package views

import (
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "report", help: "the incident as Markdown, to save and hand over",
		open: func(s *Session) rootView { return newReport(s) },
	})
}

// report is what the triage found when it was opened, as a document.
type report struct {
	screen
	document
	triage  *live.Triage
	verdict *triage.Verdict
	masked  bool // names are replaced
}

const actMask ui.Action = "mask"

func newReport(s *Session) *report {
	v := &report{triage: s.triage(), verdict: &triage.Verdict{}}
	v.document = document{text: lines{}, file: "fathom-report.md"}
	v.pager.Wrap = true
	v.screen = newScreen(s, v)
	v.renew()
	return v
}

// renew writes the report of the newest verdict.
func (v *report) renew() {
	v.verdict = v.triage.Verdict()
	v.write()
}

func (v *report) write() {
	if v.verdict.At.IsZero() {
		return
	}
	cluster := strings.TrimSpace(v.session.Cluster.Name() + " " + v.session.Cluster.Version())
	var text strings.Builder
	report := triage.Report{Cluster: cluster, Verdict: v.verdict, Mask: v.masked}
	_ = report.WriteMarkdown(&text) // A Builder takes everything.
	var all lines
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, "\n")
		role := themes.Text
		if strings.HasPrefix(line, "#") {
			role = themes.Heading
		}
		all = append(all, ui.Line{{Text: line, Role: role}})
	}
	v.text = all
	v.pager.Replaced(all)
}

// place implements page.
func (v *report) place() []string { return []string{"report"} }

// state implements page.
func (v *report) state() kube.State {
	switch {
	case v.verdict.At.IsZero():
		return kube.State{Phase: kube.Connecting}
	case !v.verdict.Complete:
		return kube.State{Phase: kube.Loading, Loaded: judged(v.verdict)}
	}
	return kube.State{}
}

// empty implements page.
func (v *report) empty() bool { return v.verdict.At.IsZero() }

// keys implements page.
func (v *report) keys() []ui.Key {
	save := ui.Key{Action: actSave, Keys: []string{"ctrl+s"}, Help: "save", Group: "Text", Footer: true}
	mask := ui.Key{Action: actMask, Keys: []string{"M"}, Help: "mask names", Group: "Text", Footer: true}
	if v.masked {
		mask.Help = "show names"
	}
	return append([]ui.Key{save, mask}, v.document.keys()...)
}

// Draw implements ui.View.
func (v *report) Draw(f ui.Frame) string { return v.document.draw(f) }

// Wake implements ui.View.
func (v *report) Wake(now time.Time) time.Time { return v.document.wake(now) }

// update implements page.
func (v *report) update(msg ui.Msg) ui.Intent {
	if _, judged := msg.(live.Judged); judged {
		if !v.verdict.Complete {
			v.renew()
		}
		return nil
	}
	if do, ok := msg.(ui.Do); ok && do.Action == actMask {
		v.masked = !v.masked
		v.write()
		return nil
	}
	return v.document.update(msg)
}

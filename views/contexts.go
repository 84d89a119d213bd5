package views

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "contexts", help: "switch cluster", also: contextWords[1:],
		open: func(s *Session) rootView { return newContexts(s) },
	})
}

// contexts are the kubeconfig's contexts: enter goes to another cluster, even from one
// that does not answer.
type contexts struct {
	screen
	all      []kube.Context
	list     *contextRows
	table    ui.Table
	problem  string
	filter   lineFilter
	filtered ui.Line // how many pass it; nil for no filter
	top      int     // lines above the table
	going    string  // the context that is being opened
	awaits   bool    // opened because nothing answered, and not touched since
}

func newContexts(s *Session) *contexts {
	v := &contexts{list: &contextRows{}}
	v.screen = newScreen(s, v)
	v.table.Sorted = -1
	v.table.SetColumns([]ui.Column{
		{Title: "CONTEXT", Fixed: true}, {Title: "SERVER"}, {Title: "USER"}, {Title: "NAMESPACE"},
	})
	return v
}

// place implements page.
func (v *contexts) place() []string { return []string{"contexts"} }

// state implements page.
func (v *contexts) state() kube.State { return kube.State{} }

// empty implements page: this is where one goes when nothing answers.
func (v *contexts) empty() bool { return false }

// keys implements page.
func (v *contexts) keys() []ui.Key {
	keys := append(v.filter.keys(), v.table.Keys()...)
	return append([]ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "use this context", Group: "Cluster", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Cluster", Footer: true},
		{Action: actRefresh, Keys: []string{"ctrl+r"}, Help: "reconnect now", Group: "Cluster", Footer: true},
	}, keys...)
}

// update implements page.
func (v *contexts) update(msg ui.Msg) ui.Intent {
	switch msg.(type) {
	case ui.Do, ui.Clicked, ui.Wheel, ui.Typed, ui.Entered:
		v.awaits = false
	case kube.HealthChanged:
		if v.awaits && v.session.Cluster.Health(v.session.Now()).State == kube.Live {
			return ui.Back{} // What was asked for can be shown now.
		}
	}
	if intent, handled := v.filter.update(msg); handled {
		v.refresh()
		return intent
	}
	switch msg := msg.(type) {
	case ui.Shown:
		return ui.Watch{Source: &contextReader{session: v.session}}
	case contextsRead:
		v.all, v.problem = msg.contexts, msg.problem
		if msg.problem == "" {
			v.session.Known = msg.contexts
		}
		v.table.SetCurrent(v.session.Cluster.Name())
		v.refresh()
	case ui.Clicked:
		msg.Y -= v.top
		if v.table.Clicked(msg, v.list) && msg.Double {
			return v.open()
		}
	case ui.Wheel:
		v.table.Wheel(msg.Lines, v.list)
	case ui.Do:
		return v.do(msg)
	}
	return nil
}

// refresh shows the contexts that the filter lets in.
func (v *contexts) refresh() {
	pass, problem := v.filter.passes()
	v.list.shown = v.all
	v.filtered = nil
	if pass != nil {
		v.list.shown = slices.DeleteFunc(slices.Clone(v.all), func(c kube.Context) bool {
			return !pass(strings.Join([]string{c.Name, c.Server, c.User, c.Namespace}, " "))
		})
		v.filtered = append(ui.Line{{Text: " ", Role: themes.Text}},
			v.filter.head(len(v.list.shown), counted(len(v.all), "contexts"), problem)...)
	}
	v.table.Update(v.list)
}

func (v *contexts) do(msg ui.Do) ui.Intent {
	v.going = ""
	switch msg.Action {
	case actOpen:
		return v.open()
	case actCopy:
		if i := v.table.Current(v.list); i >= 0 {
			return ui.Copy{Text: v.list.shown[i].Name, What: "context"}
		}
	default:
		v.table.Do(msg, v.list)
	}
	return nil
}

func (v *contexts) open() ui.Intent {
	i := v.table.Current(v.list)
	if i < 0 {
		return nil
	}
	v.going = v.list.shown[i].Name
	return v.session.connect(v.going)
}

// notes are the lines above the table: what is wrong with this cluster or with
// the kubeconfig.
func (v *contexts) notes(now time.Time, width int) []ui.Line {
	var out []ui.Line
	health := v.session.Cluster.Health(now)
	if health.Err != "" {
		out = append(out, failure(v.session.Cluster.Name()+": "+health.Err, width)...)
		out = append(
			out,
			ui.Line{{Text: "   still trying; ctrl+r tries now, enter uses another context, esc goes back", Role: themes.Muted}},
		)
		if login := v.session.Cluster.Login(); login != nil && health.State == kube.SignedOut {
			out = append(out, ui.Line{{Text: "   :login runs in this terminal: " + login.CommandLine(), Role: themes.Muted}})
		}
	}
	if v.problem != "" {
		out = append(out, failure(v.problem, width)...)
	}
	if v.filtered != nil {
		out = append(out, v.filtered)
	}
	if v.going != "" {
		out = append(out, ui.Line{{Text: " opening " + v.going + " ...", Role: themes.Waiting}})
	}
	return out
}

// Draw implements ui.View.
func (v *contexts) Draw(f ui.Frame) string {
	var out []string
	notes := v.notes(f.Now, f.Width)
	notes = notes[:max(0, min(len(notes), f.Height-1))]
	v.top = len(notes)
	for _, line := range notes {
		out = append(out, ui.PaintLine(f, line, f.Width, 0))
		f.Height--
	}
	return strings.Join(append(out, v.table.Draw(f, v.list)), "\n")
}

// Wake implements ui.View.
func (v *contexts) Wake(time.Time) time.Time { return time.Time{} }

// contextRows implements ui.Rows.
type contextRows struct{ shown []kube.Context }

func (r *contextRows) Len() int        { return len(r.shown) }
func (r *contextRows) ID(i int) string { return r.shown[i].Name }
func (r *contextRows) Find(id string) int {
	for i, c := range r.shown {
		if c.Name == id {
			return i
		}
	}
	return -1
}
func (r *contextRows) Version(i int) any { return r.shown[i] }
func (r *contextRows) Row(i int, _ time.Time, cells []ui.TableCell) (until time.Time) {
	c := r.shown[i]
	for j, text := range []string{c.Name, c.Server, c.User, c.Namespace} {
		cells[j] = ui.TableCell{Text: text, Role: themes.Text}
	}
	return until
}
func (r *contextRows) RowRole(int) themes.Role { return themes.Text }

// contextReader reads the kubeconfig, and again whenever it changes.
type contextReader struct {
	session *Session
	done    bool
	change  <-chan struct{} // is closed by the next change
}

type contextsRead struct {
	contexts []kube.Context
	problem  string
}

// Next implements ui.Source.
func (r *contextReader) Next(ctx context.Context) (ui.Msg, error) {
	if r.done {
		if r.session.KubeconfigChange == nil {
			return nil, io.EOF
		}
		select {
		case <-r.change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r.done = true
	if r.session.KubeconfigChange != nil {
		r.change = r.session.KubeconfigChange()
	}
	all, _, err := r.session.Contexts()
	read := contextsRead{contexts: all}
	if err != nil {
		read.problem = err.Error()
	}
	return read, nil
}

// connect opens another context and goes there.
func (s *Session) connect(name string) ui.Intent {
	return ui.Watch{Source: &connector{session: s, name: name}}
}

// connector opens a context once, off the program's loop, since that reads files.
type connector struct {
	session *Session
	name    string
	there   *goToKind // what to open there; nil for where it was left
	done    bool
}

// connected is what a connector found.
type connected struct {
	name     string
	from     *Session
	session  *Session
	resource kube.Resource
	there    *goToKind
	err      error
}

// Next implements ui.Source.
func (c *connector) Next(context.Context) (ui.Msg, error) {
	if c.done {
		return nil, io.EOF
	}
	c.done = true
	session, resource, err := c.session.Connect(c.name)
	return connected{c.name, c.session, session, resource, c.there, err}, nil
}

// Intent implements ui.Lazy: it goes to the other cluster, or says why not.
func (c connected) Intent() ui.Intent {
	if c.err != nil {
		return ui.Say{Text: c.name + ": " + c.err.Error(), Role: themes.Failing}
	}
	if stays := c.from.leave(c.session.Cluster); stays != nil {
		return stays
	}
	if c.there != nil {
		to := *c.there
		if to.session = c.session; to.stay {
			to.namespace = c.session.Namespace
		}
		return ui.Reset{View: to.view()}
	}
	return ui.Reset{View: Objects(c.session, c.resource)}
}

package views

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "forwards", help: "the forwarded ports", also: []string{"pf", "portforwards", "port-forwards"},
		open: func(s *Session) rootView { return newForwards(s) },
	})
}

const (
	actEndForward ui.Action = "end-forward"
	actCopyURL    ui.Action = "copy-url"
)

// askPorts asks which ports are to be forwarded, and begins with those that there are.
func (s *Session) askPorts(subject remote.Subject, place *remote.Place, reason string) ui.Intent {
	var words []string
	for _, p := range remote.SuggestPorts(place, s.forwards().LocalPorts()) {
		words = append(words, p.String())
	}
	return askLater{s, "local:remote of " + subject.String() + ": ", strings.Join(words, ","),
		func(text string) ui.Intent {
			ports, err := remote.ParsePorts(text)
			if err != nil {
				return ui.Say{Text: "forward: " + err.Error(), Role: themes.Failing}
			}
			words := "forward " + text + " of " + subject.String()
			return ui.All{
				ui.Say{Text: "forward " + subject.String() + " ...", Role: themes.Muted},
				s.begun(string(actForward), words, reason, s.podTarget(place), func(begun *effects.Begun) ui.Intent {
					return ui.Watch{Source: &forwardStart{
						session: s, forwards: s.forwards(), subject: subject, ports: ports, begun: begun,
					}}
				}),
			}
		}}.Intent()
}

// forwards are those of the program; a session without has its own.
func (s *Session) forwards() *remote.Forwards {
	if s.Forwards == nil {
		s.Forwards = &remote.Forwards{}
	}
	return s.Forwards
}

// forwardStart is a source that begins to forward, once. The forward outlives it.
type forwardStart struct {
	session  *Session
	forwards *remote.Forwards
	subject  remote.Subject
	ports    []remote.Port
	begun    *effects.Begun
	done     bool
}

// Next implements ui.Source.
func (f *forwardStart) Next(ctx context.Context) (ui.Msg, error) {
	if f.done {
		return nil, io.EOF
	}
	f.done = true
	forward, err := f.forwards.Start(ctx, f.session.Cluster, f.subject, f.ports)
	return forwardStarted{f, forward, endOf(f.begun)(err)}, nil
}

// forwardStarted is how that went.
type forwardStarted struct {
	*forwardStart
	forward *remote.Forward
	err     error
}

// Intent implements ui.Lazy.
func (f forwardStarted) Intent() ui.Intent {
	if f.err != nil {
		return ui.Say{Text: "forward: " + f.err.Error(), Role: themes.Failing}
	}
	status := f.forward.Status()
	var words []string
	for i, local := range status.Locals {
		words = append(words, local+" → "+status.Remotes[i])
	}
	text := "forwarding " + strings.Join(words, ", ") + " (:forwards) of " + f.subject.String()
	return ui.Say{Text: text, Role: themes.OK}
}

// forwards is the list of forwarded ports.
type forwards struct {
	screen
	all   *remote.Forwards
	list  func() []forwardRow
	table ui.Table
	shown []forwardRow
}

// forwardRow is a forward as it is at a moment.
type forwardRow struct {
	forward *remote.Forward
	subject remote.Subject
	cluster string
	status  remote.ForwardStatus
}

func forwardRows(all *remote.Forwards) (rows []forwardRow) {
	for _, f := range all.All() {
		rows = append(rows, forwardRow{f, f.Subject, f.Cluster, f.Status()})
	}
	return rows
}

func newForwards(s *Session) *forwards {
	v := &forwards{all: s.forwards()}
	v.list = func() []forwardRow { return forwardRows(v.all) }
	v.screen = newScreen(s, v, v.all.Watch())
	v.table.Sorted = -1
	v.table.Empty = "no ports are forwarded; F on a pod, a service or a workload does"
	v.table.SetColumns([]ui.Column{
		{Title: "TARGET", Fixed: true, Cut: ui.CutMiddle}, {Title: "LOCAL", Whole: true}, {Title: "REMOTE", Drop: 1},
		{Title: "POD", Cut: ui.CutMiddle, Drop: 3}, {Title: "STATE", Whole: true},
		{Title: "SENT", Right: true, Drop: 1}, {Title: "RECEIVED", Right: true, Drop: 1},
		{Title: "OPEN", Right: true, Drop: 2}, {Title: "ALL", Right: true, Drop: 3}, {Title: "LAST ERROR"},
	})
	v.refresh()
	return v
}

func (v *forwards) refresh() {
	v.shown = v.list()
	v.table.Update(v)
	v.table.Redraw()
}

// place implements page.
func (v *forwards) place() []string {
	if n := len(v.shown); n > 0 {
		return []string{fmt.Sprintf("forwards %d", n)}
	}
	return []string{"forwards"}
}

// state implements page.
func (v *forwards) state() kube.State { return kube.State{} }

// empty implements page.
func (v *forwards) empty() bool { return false }

// keys implements page.
func (v *forwards) keys() []ui.Key {
	return append([]ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open the object", Group: "Object", Footer: true},
		{Action: actEndForward, Keys: []string{"D"}, Help: "end", Group: "Object", Footer: true},
		{Action: actCopyURL, Keys: []string{"c"}, Help: "copy the URL", Group: "Object", Footer: true},
	}, moves(&v.table)...)
}

// update implements page.
func (v *forwards) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case remote.ForwardsChanged, ui.Shown:
		v.refresh()
	case ui.Clicked:
		if v.table.Clicked(msg, v) && msg.Double {
			return v.open()
		}
	case ui.Wheel:
		v.table.Wheel(msg.Lines, v)
	case ui.Do:
		return v.do(msg)
	}
	return nil
}

func (v *forwards) do(msg ui.Do) ui.Intent {
	current := v.current()
	switch {
	case msg.Action == actOpen:
		return v.open()
	case msg.Action == actEndForward && current != nil:
		return ui.Watch{Source: &forwardEnd{forwards: v.all, forward: current.forward}}
	case msg.Action == actCopyURL && current != nil:
		return ui.Copy{Text: current.forward.URL(), What: "URL"}
	default:
		v.table.Do(msg, v)
	}
	return nil
}

func (v *forwards) current() *forwardRow {
	if i := v.table.Current(v); i >= 0 && i < len(v.shown) {
		return &v.shown[i]
	}
	return nil
}

// open opens what is forwarded to, if it is in this cluster.
func (v *forwards) open() ui.Intent {
	f := v.current()
	switch {
	case f == nil:
		return nil
	case f.cluster != v.session.Cluster.Name():
		return ui.Say{Text: f.subject.String() + " is in context " + f.cluster, Role: themes.Degraded}
	}
	return ui.Open{View: newObject(v.session, f.subject.Resource, f.subject.Namespace, f.subject.Name, nil, "")}
}

// forwardEnd is a source that ends a forward, which waits for its connections.
type forwardEnd struct {
	forwards *remote.Forwards
	forward  *remote.Forward
}

// Next implements ui.Source.
func (f *forwardEnd) Next(context.Context) (ui.Msg, error) {
	f.forwards.End(f.forward)
	return nil, io.EOF
}

// Draw implements ui.View.
func (v *forwards) Draw(f ui.Frame) string {
	v.refresh() // What is counted changes without a message.
	current := v.current()
	if current == nil {
		return v.table.Draw(f, v)
	}
	return withDetail(f, &v.table, v, forwardLines, v.detail(current))
}

// forwardLines is the room for the whole forward under the cursor, below the table.
const forwardLines = 5

// detail is what the columns say of a forward, those that narrow terminals have no room for too.
func (v *forwards) detail(row *forwardRow) string {
	s := row.status
	ports := make([]string, len(s.Locals))
	for i, local := range s.Locals {
		ports[i] = local + " → " + s.Remotes[i]
	}
	parts := []string{row.target(v.session) + ": " + strings.Join(ports, ", "), s.State}
	if s.Pod != "" {
		parts = append(parts, "pod "+s.Pod)
	}
	parts = append(parts, sizeText(s.Sent)+" sent, "+sizeText(s.Received)+" received",
		fmt.Sprintf("%s, %d open", counted(int(s.Connections), "connections"), s.Open))
	if s.Problem != "" {
		parts = append(parts, "last error: "+s.Problem)
	}
	return strings.Join(parts, "; ")
}

// target is what is forwarded to, and in which context if that is not the session's.
func (row *forwardRow) target(s *Session) string {
	if row.cluster == s.Cluster.Name() {
		return row.subject.String()
	}
	return row.subject.String() + " in " + row.cluster
}

// Wake implements ui.View.
func (v *forwards) Wake(now time.Time) time.Time {
	if len(v.shown) == 0 {
		return time.Time{}
	}
	return now.Add(time.Second)
}

// Len implements ui.Rows.
func (v *forwards) Len() int { return len(v.shown) }

// ID implements ui.Rows.
func (v *forwards) ID(i int) string { return v.shown[i].status.Locals[0] }

// Find implements ui.Rows.
func (v *forwards) Find(id string) int {
	return slices.IndexFunc(v.shown, func(f forwardRow) bool { return f.status.Locals[0] == id })
}

// Version implements ui.Rows.
func (v *forwards) Version(int) any { return nil }

// RowRole implements ui.Rows.
func (v *forwards) RowRole(int) themes.Role { return themes.Text }

// Row implements ui.Rows.
func (v *forwards) Row(i int, _ time.Time, cells []ui.TableCell) (until time.Time) {
	row := &v.shown[i]
	s := row.status
	role := themes.Waiting
	if s.State == remote.StateForwarding {
		role = themes.OK
	}
	for j, text := range []string{
		row.target(v.session), strings.Join(s.Locals, ","), strings.Join(s.Remotes, ","), s.Pod, s.State, sizeText(s.Sent),
		sizeText(s.Received), fmt.Sprint(s.Open), fmt.Sprint(s.Connections), s.Problem,
	} {
		cells[j] = ui.TableCell{Text: text, Role: themes.Text}
	}
	cells[4].Role, cells[9].Role = role, themes.Degraded
	return until
}

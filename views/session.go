package views

import (
	"context"
	"io"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/kube/triage/live"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// recentMax is how many namespaces have a digit.
const recentMax = 9

// Session is what the views of one cluster share: the cluster, the namespace
// that is looked at, and where the user has been. It lives on the program's
// loop; no other goroutine may touch it.
type Session struct {
	Cluster   *kube.Cluster
	Namespace string   // "" is all namespaces
	Asked     bool     // the namespace was named on the command line
	Recent    []string // namespaces, newest first
	Known     []kube.Context
	Now       func() time.Time
	Messages  *kube.Messages

	// Saved says what is looked at instead of a live cluster, and of when:
	// "dump 2026-11-23 14:02"; "" for a live one. Lost is how much of it could
	// not be read. Namespaces are known though nothing lists them.
	Saved      string
	Lost       int
	Namespaces []string
	// Holds reports whether anything of a kind was saved; nil for a live cluster.
	Holds func(schema.GroupKind) bool
	// Only are the namespaces that alone were saved; empty for all.
	Only []string
	// Player moves a recording; nil for everything else.
	Player Player

	// Triage is what is known to be broken; nil until somebody asks, or until the first
	// screen is complete where Judges is set.
	Triage *live.Triage
	Judges bool

	// Hands does what changes the cluster; nil for what was saved. UndoWait is how long an
	// effect that was confirmed can be stopped.
	Hands    *effects.Hands
	UndoWait time.Duration
	// Rules say which effects are denied, and what has to be typed or said before others.
	Rules effects.Rules
	// Edit shows a text in the user's editor; nil where there is none.
	Edit func(name, text string) Editor
	// Production is set where the config says so: write mode begins when its name is typed.
	Production bool
	// AsksWrite is set where the first screen asks for write mode.
	AsksWrite bool

	// Connect opens another context as this one was opened, with what is
	// remembered of it. It may read files; a Source calls it.
	Connect func(context string) (*Session, kube.Resource, error)
	// ActAs opens the context of a cluster to look at it as somebody else, nil for who we were at
	// first; nil where that cannot be. It asks the API server; a Source calls it.
	ActAs func(ctx context.Context, from *kube.Cluster, as *kube.Impersonated) (*Session, error)
	// Contexts reads the kubeconfig again; a Source calls it.
	Contexts func() (contexts []kube.Context, current string, err error)
	// Looked, when it is not nil, is called when a screen of the session comes to the top.
	Looked func()
	// KubeconfigChange returns a channel that is closed when the kubeconfig changes
	// next; nil when nobody notices. Any goroutine may call it.
	KubeconfigChange func() <-chan struct{}
	// Save writes text to a new file and returns where; nil where there are none. Any
	// goroutine may call it.
	Save func(name string, text io.WriterTo) (path string, err error)
	// Remember keeps where the user is for the next start in this context.
	// It must not block.
	Remember func(s *Session, resource string)

	// Forwards are the forwarded ports of the program; nil begins with none.
	Forwards *remote.Forwards
	// Runs are the runs of plugins of the program; nil where nobody waits for their end.
	Runs *plugins.Runs

	// Printed is set where one screen is printed: its tables have the server's columns.
	Printed bool
	// Selector is the label selector of what is printed; "" for all.
	Selector string

	// Greeting is said once, on the first screen; "" for nothing.
	Greeting string
	// Columns are what the user wants of the columns of tables, Aliases and Hotkeys what takes
	// them somewhere.
	Columns []ColumnRule
	Aliases []Alias
	Hotkeys []Hotkey
	// Plugins are programs of the user's, in the order of the config.
	Plugins []plugins.Plugin
	// Places are the tables of this context that were given a name. KeepPlaces changes those that
	// are kept, and returns them; nil where none are. It reads and writes files; a Source calls it.
	Places     []Place
	KeepPlaces func(context string, change func([]Place) []Place) ([]Place, error)

	columnsChecked bool // kinds of Columns that there are not have been reported
	rulesChecked   bool // in the same way of Rules

	stepRead bool      // a key came after the one that led to a change of the recording
	several  []string  // with Namespace "": only these of all namespaces, as severalIn has them; nil for all
	visited  []string  // resources of root views, newest first
	notify   *notifier // nil while nobody is to be told
	known    troubles
	// elsewhere is the triage of a namespace that Triage does not look at; nil until an object there is
	// looked at.
	elsewhere *live.Triage
	tails     tails
	asked     func(text string) ui.Intent // gets the line that was asked for; nil while none is
}

// remember keeps the place of a root view.
func (s *Session) remember(resource kube.Resource) {
	if s.Namespace != "" && !slices.Contains(s.Recent, s.Namespace) {
		s.setNamespace(s.Namespace)
	}
	name := qualified(resource)
	s.visited = append([]string{name}, slices.DeleteFunc(s.visited, func(v string) bool { return v == name })...)
	if s.Remember != nil {
		s.Remember(s, name)
	}
}

// qualified is the name of a resource that no other has: "deployments.apps".
func qualified(r kube.Resource) string { return r.GroupResource().String() }

// begin makes a session whose first screen looks at a namespace, or at all, go on there:
// the namespace of the context is one of the recent ones then. One that was asked for stays,
// as does any once a table was opened. It reports whether it changed anything.
func (s *Session) begin(namespace string) bool {
	if s.Asked || len(s.visited) > 0 || s.Namespace == namespace {
		return false
	}
	if s.Namespace != "" && !slices.Contains(s.Recent, s.Namespace) {
		s.setNamespace(s.Namespace)
	}
	s.Namespace = namespace
	return true
}

// setNamespace goes to a namespace and makes it the newest of the recent ones.
func (s *Session) setNamespace(namespace string) {
	s.Namespace, s.several = namespace, nil
	if namespace == "" {
		return
	}
	s.Recent = slices.DeleteFunc(slices.Clone(s.Recent), func(n string) bool { return n == namespace })
	s.Recent = append([]string{namespace}, s.Recent...)
	s.Recent = s.Recent[:min(len(s.Recent), recentMax)]
}

// useNamespace goes to a namespace's pods.
func (s *Session) useNamespace(namespace string) ui.Intent {
	s.setNamespace(namespace)
	return ui.Reset{View: Objects(s, Pods(s.Cluster))}
}

// useNamespaces goes to the pods of several namespaces.
func (s *Session) useNamespaces(namespaces []string) ui.Intent {
	if len(namespaces) == 1 {
		return s.useNamespace(namespaces[0])
	}
	s.setNamespace("")
	s.several = namespaces
	return ui.Reset{View: Objects(s, Pods(s.Cluster))}
}

// Pods is the resource that a session begins with, known without discovery.
func Pods(c *kube.Cluster) kube.Resource {
	if r, ok := c.Resources().ByKind(schema.GroupKind{Kind: "Pod"}); ok {
		return r
	}
	return kube.Resource{
		GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "pods"},
		Kind:                 "Pod", Singular: "pod", Namespaced: true, ShortNames: []string{"po"},
	}
}

// openRef opens an object by its name.
func (s *Session) openRef(ref kinds.Ref, tab tabID) ui.Intent {
	resource, ok := s.Cluster.Resources().ByKind(ref.GroupKind)
	if !ok {
		return ui.Say{Text: "this cluster does not serve kind " + ref.GroupKind.String(), Role: themes.Degraded}
	}
	if !resource.Namespaced {
		ref.Namespace = ""
	}
	return ui.Open{View: newObject(s, resource, ref.Namespace, ref.Name, nil, tab)}
}

func (s *Session) namespaces() *kube.Listing {
	return s.Cluster.Listing(kube.Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1",
		Resource: "namespaces"}})
}

// unanswered reports whether the cluster has never answered, and it is known why.
func (s *Session) unanswered() bool {
	health := s.Cluster.Health(s.Now())
	return (health.State == kube.Unreachable || health.State == kube.SignedOut) && health.Since.IsZero()
}

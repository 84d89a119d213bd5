package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
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
	// Player moves a recording; nil for everything else.
	Player Player

	// Connect opens another context as this one was opened, with what is
	// remembered of it. It may read files; a Source calls it.
	Connect func(context string) (*Session, kube.Resource, error)
	// Contexts reads the kubeconfig anew; a Source calls it.
	Contexts func() (contexts []kube.Context, current string, err error)
	// Remember keeps where the user is for the next start in this context.
	// It must not block.
	Remember func(s *Session, resource string)

	visited []string // resources of root views, newest first
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

// setNamespace goes to a namespace and makes it the newest of the recent ones.
func (s *Session) setNamespace(namespace string) {
	s.Namespace = namespace
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
		return ui.Say{Text: "this cluster serves no kind " + ref.GroupKind.String(), Role: themes.Degraded}
	}
	if !resource.Namespaced {
		ref.Namespace = ""
	}
	return ui.Open{View: newObject(s, resource, ref.Namespace, ref.Name, nil, tab)}
}

func (s *Session) namespaces() *kube.Listing {
	return s.Cluster.Listing(kube.Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}})
}

// unanswered says that the cluster has never given an answer, and why is known.
func (s *Session) unanswered() bool {
	health := s.Cluster.Health(s.Now())
	return (health.State == kube.Unreachable || health.State == kube.SignedOut) && health.Since.IsZero()
}

// header begins a header line: the context, how fresh the listing is, and what
// is known of the cluster.
func (s *Session) header(now time.Time, state kube.State) ui.Header {
	mode := "read-only"
	if s.Cluster.Writable() {
		mode = "write"
	}
	facts := []string{s.Cluster.Version(), mode}
	if s.Lost > 0 {
		facts = append(facts, fmt.Sprintf("%d not read", s.Lost))
	}
	if s.Cluster.Recording() != "" {
		facts = append(facts, "recording")
	}
	var note string
	if s.Player != nil {
		played := s.Player.State()
		facts, note = append(facts, played.breaksOff()), played.Mark
	}
	h := ui.Header{
		Place:     []string{s.Cluster.Name()},
		Freshness: s.saved(state),
		Facts:     slices.DeleteFunc(facts, func(f string) bool { return f == "" }),
		Note:      note,
	}
	if h.Freshness == nil {
		h.Freshness = freshness(now, state, s.Cluster.Health(now))
	}
	return h
}

// looked is the state of a listing that a view looks at: one that is idle has not
// been asked for yet.
func looked(state kube.State) kube.State {
	if state.Phase == kube.Idle {
		state.Phase = kube.Connecting
	}
	return state
}

// freshness says how old what is shown is, and what is being done about it.
func freshness(now time.Time, state kube.State, health kube.Health) ui.Line {
	one := func(role themes.Role, text string) ui.Line { return ui.Line{{Text: text, Role: role}} }
	switch {
	case health.State == kube.SignedOut:
		return one(themes.Failing, "✖ signed out: "+short(health.Err))
	case state.Phase == kube.Denied:
		return one(themes.Failing, "✖ forbidden")
	case state.Phase == kube.Stale:
		return one(themes.Degraded, "◐ "+kinds.CoarseAge(now.Sub(lastWord(state, health)))+" old, reconnecting"+reason(state.Err))
	case state.Phase == kube.Failed:
		return one(themes.Failing, "✖ no answer"+reason(state.Err))
	case state.Phase == kube.Loading:
		return one(themes.Waiting, "◌ loading "+progress(state))
	case state.Phase == kube.Live, state.Phase == kube.Idle && health.State == kube.Live:
		return one(themes.OK, "● live")
	case health.State == kube.Unreachable:
		return one(themes.Failing, "✖ unreachable")
	case health.State == kube.Stale:
		return one(themes.Degraded, "◐ "+kinds.CoarseAge(now.Sub(health.Since))+" old, reconnecting")
	}
	return one(themes.Waiting, "◌ connecting")
}

// progress is how far a first load has come: "1200 of 5000".
func progress(state kube.State) string {
	if state.Remaining > 0 {
		return fmt.Sprintf("%d of %d", state.Loaded, int64(state.Loaded)+state.Remaining)
	}
	return fmt.Sprint(state.Loaded)
}

// reason is the cause of an error in few words, in brackets.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return " (" + short(err.Error()) + ")"
}

// lastWord is when what is shown was surely true: a server that froze was
// silent for some time before that was noticed.
func lastWord(state kube.State, health kube.Health) time.Time {
	if !health.Since.IsZero() && health.Since.Before(state.Since) {
		return health.Since
	}
	return state.Since
}

// causes are what an error of the network comes down to, however long the
// sentence is that a library wraps it in.
var causes = []string{
	"connection refused", "connection lost", "connection reset", "no route to host", "network is unreachable",
	"no such host", "deadline exceeded", "timeout", "unexpected EOF", "EOF",
}

// short is an error in a few words: its cause where that is known, else the
// last link of its chain.
func short(text string) string {
	text = kinds.Clean(text)
	for _, cause := range causes {
		if strings.Contains(text, cause) {
			return cause
		}
	}
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return ui.Truncate(text, 40)
}

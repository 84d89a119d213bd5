package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/memory"
	"github.com/fathom-k8s/fathom/cmd/fathom/saved"
	"github.com/fathom-k8s/fathom/cmd/fathom/version"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/plugins"
	"github.com/fathom-k8s/fathom/kube/remote"
	"github.com/fathom-k8s/fathom/views"
)

// placeWait is how long the kind that was left off at may take to be found.
const placeWait = 3 * time.Second

// app is what all screens of one run share: the clusters that are open, the place
// in each, and the messages.
type app struct {
	flags        *flags
	pluginPolicy clientcmdapi.PluginPolicy
	pluginWords  *console.Out // where credential plugins' words go where no screen shows the messages; else nil
	memory       func() *memory.Limit
	repace       func() // sets how much garbage there may be, now; nil before it is paced
	settle       func() // gives memory back once no list arrives; nil before it is paced
	places       *places
	messages     *kube.Messages
	saved        *saved.Cluster // what is looked at instead of a context; usually nil
	reading      atomic.Bool    // a file is being read into it
	loading      atomic.Int64   // when lists were seen to arrive last, in Unix nanoseconds

	mu       sync.Mutex
	clusters map[string]*kube.Cluster // by context, so that going back is instant
	forwards remote.Forwards          // of all clusters
	runs     plugins.Runs             // of plugins, for all clusters

	hands *effects.Hands
	rules contextRules
	undo  time.Duration // how long an effect can be stopped
	// effectRules are those of the config.
	effectRules effects.Rules

	now atomic.Pointer[func() time.Time] // of the cluster that is looked at

	columns []views.ColumnRule // of the config, as are the next three
	aliases []views.Alias
	hotkeys []views.Hotkey
	plugins []plugins.Plugin

	kubeconfig kubeconfigChanges
	typed      []*kube.Cluster // production contexts that are to begin in write mode
	held       []string        // files to remove at the end: the kubeconfig, where it was a pipe
	kubercPath string          // of the file that pluginPolicy is from
}

func newApp() *app {
	return &app{
		flags: newFlags(), messages: kube.NewMessages(), clusters: map[string]*kube.Cluster{},
		memory: sync.OnceValue(memory.SystemLimit),
	}
}

// openContext opens a context of the kubeconfig; "" is the one that the flags name. as is who it is
// looked at as, nil for whom the flags and the kubeconfig say.
func (a *app) openContext(name string, as *kube.Impersonated) (*kube.Cluster, error) {
	o := kube.Options{
		Flags: a.flags.kube, Context: name, As: as, Messages: a.messages,
		Version: version.Number, PluginPolicy: a.pluginPolicy, Memory: a.checkMemory,
	}
	if a.pluginWords != nil {
		o.PluginSaid = func(line string) { _ = a.pluginWords.Line(line) }
	}
	if a.flags.objects() {
		o.Bodies = allBodies
	}
	cluster, err := kube.Open(o)
	if err != nil {
		return nil, err
	}
	return cluster, a.setWrites(cluster, name == a.first())
}

// checkMemory is asked whenever something is to be held: lists are arriving.
func (a *app) checkMemory() error {
	if a.repace != nil {
		a.repace()
		a.settle()
	}
	return a.memory().Check()
}

// setWrites begins write mode where the flags or the config say so, or notes that it is to be asked
// for: the name of a production context has to be typed. The flag is meant for the context that the
// program begins with.
func (a *app) setWrites(cluster *kube.Cluster, first bool) error {
	if cluster.OnlyLooks() {
		return nil
	}
	rule := a.rules.of(cluster.Name())
	asked := a.flags.write && first
	if rule.Write == writeNever {
		cluster.Forbid()
		if asked {
			cluster.Close()
			return fmt.Errorf("%s %w; omit --write", cluster.Name(), kube.ErrNever)
		}
	}
	switch wanted := asked || rule.Write == writeAlways; {
	case wanted && rule.Production:
		a.mu.Lock()
		a.typed = append(a.typed, cluster)
		a.mu.Unlock()
	case wanted:
		return cluster.SetWritable(true)
	}
	return nil
}

// mustType reports, once for a cluster, whether the session in it begins with its name to be typed.
func (a *app) mustType(cluster *kube.Cluster) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.Index(a.typed, cluster)
	if i >= 0 {
		a.typed = slices.Delete(a.typed, i, i+1)
	}
	return i >= 0
}

// cluster opens a context once, and once more for each user that it is looked at as.
func (a *app) cluster(name string, as *kube.Impersonated) (*kube.Cluster, error) {
	of := ""
	if as != nil {
		// Nothing that a request carries has that, and no name of a context.
		of = "\x00" + strings.Join(append([]string{as.User}, as.Groups...), "\x00")
	}
	a.mu.Lock()
	known := a.clusters[name+of]
	a.mu.Unlock()
	if known != nil {
		return known, nil
	}
	// It reads files, which may be pipes: nobody may have to wait for that to end.
	cluster, err := a.openContext(name, as)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	if known = a.clusters[cluster.Name()+of]; known == nil {
		a.clusters[cluster.Name()+of] = cluster
	}
	a.mu.Unlock()
	if known != nil {
		cluster.Close()
		return known, nil
	}
	return cluster, nil
}

// openClusters returns the clusters that have been looked at.
func (a *app) openClusters() []*kube.Cluster {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]*kube.Cluster, 0, len(a.clusters))
	for _, c := range a.clusters {
		out = append(out, c)
	}
	return out
}

// useSaved makes what was saved the cluster that the program begins with.
func (a *app) useSaved(opened *saved.Cluster) error {
	backend := &kube.Backend{Name: opened.Name, Address: opened.Address, Transport: opened.Transport, Now: opened.Now}
	o := kube.Options{
		Backend: backend, Flags: a.flags.kube, Messages: a.messages, Version: version.Number, Memory: a.checkMemory,
	}
	if a.flags.objects() {
		o.Bodies = allBodies
	}
	cluster, err := kube.Open(o)
	if err != nil {
		return err
	}
	a.saved, a.clusters[cluster.Name()] = opened, cluster
	a.saved.Name = cluster.Name()
	a.saved.Namespace = cmp.Or(a.flags.spaces, *a.flags.kube.Namespace, opened.Namespace)
	if a.flags.allNamespaces {
		a.saved.Namespace = ""
	}
	return nil
}

// first is the name of the cluster that the program begins with.
func (a *app) first() string {
	if a.saved != nil {
		return a.saved.Name
	}
	return *a.flags.kube.Context
}

// connect opens a context, or finds it open, at the place where it was left.
// Any goroutine may call it.
func (a *app) connect(name string) (*views.Session, kube.Resource, error) {
	cluster, err := a.cluster(name, nil)
	if err != nil {
		return nil, kube.Resource{}, err
	}
	s, resource := a.session(cluster, name)
	return s, resource, nil
}

// actAs opens a context to look at it as somebody else; nil is whom it was opened as at first. Any
// goroutine may call it.
func (a *app) actAs(ctx context.Context, from *kube.Cluster, as *kube.Impersonated) (*views.Session, error) {
	if as == nil {
		s, _, err := a.connect(from.Name())
		return s, err
	}
	before := a.openClusters()
	cluster, err := a.cluster(from.Context(), as)
	if err != nil {
		return nil, err
	}
	if err := cluster.MayImpersonate(ctx); err != nil {
		if !slices.Contains(before, cluster) { // Nobody looks at it.
			a.forget(cluster)
		}
		return nil, err
	}
	s, _ := a.session(cluster, from.Name())
	s.Remember = nil // What they see is not where one left off.
	return s, nil
}

// forget closes one cluster.
func (a *app) forget(cluster *kube.Cluster) {
	a.mu.Lock()
	maps.DeleteFunc(a.clusters, func(_ string, c *kube.Cluster) bool { return c == cluster })
	a.mu.Unlock()
	cluster.Close()
}

// session begins in a cluster at the place where it was left.
func (a *app) session(cluster *kube.Cluster, name string) (*views.Session, kube.Resource) {
	s := &views.Session{
		Cluster: cluster, Now: cluster.Now, Messages: a.messages, Connect: a.connect, Contexts: a.contexts,
		KubeconfigChange: a.kubeconfig.next, Printed: a.flags.once, Selector: a.flags.selector, Save: saveFile,
		Forwards: &a.forwards, Runs: &a.runs,
		Judges: !a.flags.once && !a.flags.noTriage, Columns: a.columns,
		Aliases: a.aliases, Hotkeys: a.hotkeys, Rules: a.effectRules, Plugins: a.plugins,
	}
	if cluster.Live() && a.saved == nil {
		s.Edit, s.ActAs = newEditor, a.actAs
		s.Hands, s.UndoWait, s.Production = a.hands, a.undo, a.rules.of(cluster.Name()).Production
		s.AsksWrite = a.mustType(cluster)
	}
	var resource kube.Resource
	if a.saved != nil && name == a.saved.Name {
		a.goToSpaces(s, a.saved.Namespace)
		s.Saved, s.Lost = a.saved.Label, a.saved.Lost
		s.Namespaces, s.Player = a.saved.Namespaces, a.saved.Player
		s.Holds, s.Only = a.saved.Holds, a.saved.Only
		resource = views.Pods(cluster)
	} else {
		left, visited := a.places.at(cluster.Name())
		s.Recent = left.Recent
		a.goToSpaces(s, a.namespace(cluster, name, left, visited))
		s.Places, s.KeepPlaces = a.places.saved(cluster.Name()), a.places.keep
		s.Asked = a.asked(name) != ""
		s.Remember = func(s *views.Session, resource string) {
			a.places.set(s.Cluster.Name(), place{s.Spaces(), resource, s.Recent})
		}
		resource = a.resource(cluster, left)
	}
	if all, _, err := a.contexts(); err == nil {
		s.Known = all
	}
	s.Looked = func() { a.now.Store(&s.Now) }
	s.Looked()
	return s, resource
}

// contexts are those of the kubeconfig, after what was opened from a file.
func (a *app) contexts() ([]kube.Context, string, error) {
	all, current, err := kube.Contexts(a.flags.kube)
	if a.saved != nil {
		all = append([]kube.Context{{Name: a.saved.Name, Server: a.saved.Address}}, all...)
	}
	return all, current, err
}

// resource is the kind that a context was left at. What every cluster serves is
// known at once; another kind is waited for a little, while the cluster names
// what it has.
func (a *app) resource(cluster *kube.Cluster, left place) kube.Resource {
	if left.Resource == "" {
		return views.Pods(cluster)
	}
	if len(cluster.Resources().Find(left.Resource)) == 0 {
		ctx, stop := context.WithTimeout(context.Background(), placeWait)
		defer stop()
		if err := cluster.WaitResources(ctx); err != nil {
			a.messages.Add("warning", left.Resource+", where you left off in this context: "+err.Error())
		}
	}
	if found := cluster.Resources().Find(left.Resource); len(found) > 0 {
		return found[0]
	}
	return views.Pods(cluster)
}

// asked is the namespace of -n. It is meant for the context that the program begins with:
// another one may not have it.
func (a *app) asked(context string) string {
	if a.saved != nil || context != *a.flags.kube.Context {
		return ""
	}
	return cmp.Or(a.flags.spaces, *a.flags.kube.Namespace)
}

// goToSpaces makes a session begin in a namespace, or in several; a name that was left is no
// visit of it.
func (a *app) goToSpaces(s *views.Session, text string) {
	if s.Namespace = text; views.AreSeveral(text) {
		s.GoToSpaces(text)
	}
}

// namespace is where a context opens: what the flags say, where it was left,
// or the context's own.
func (a *app) namespace(cluster *kube.Cluster, context string, left place, visited bool) string {
	switch {
	case a.flags.allNamespaces:
		return ""
	case a.asked(context) != "":
		return a.asked(context)
	case visited && !a.flags.once:
		return left.Namespace
	}
	return cluster.Namespace()
}

// close ends every cluster.
func (a *app) close() {
	a.runs.Close()
	a.forwards.Close()
	for _, c := range a.openClusters() {
		c.Close()
	}
}

// loadingPause is how long after lists others may follow: first comes what is looked at, then what the
// count of what fails is made from.
const loadingPause = 10 * time.Second

// loads reports whether lists are arriving.
func (a *app) loads() bool { return slices.ContainsFunc(a.openClusters(), (*kube.Cluster).Loading) }

// garbage returns how many bytes of garbage are allowed at the moment.
func (a *app) garbage() uint64 {
	switch {
	case a.reading.Load():
		return memory.Reading
	case a.loads():
		a.loading.Store(time.Now().UnixNano())
		return memory.Loading
	case slices.ContainsFunc(a.openClusters(), (*kube.Cluster).ReadsLogs):
		return memory.Following
	case time.Since(time.Unix(0, a.loading.Load())) < loadingPause:
		return memory.Loading
	}
	return memory.Settled
}

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// kubeconfigEvery is how often the kubeconfig's files are looked at. A login is
// noticed by the time its window is closed.
const kubeconfigEvery = 2 * time.Second

// kubeconfigWatch notices that the kubeconfig's files change, lets the clusters
// use what they say now, and tells the user. It never changes the context: where
// the user is looking does not depend on what happens in another terminal.
type kubeconfigWatch struct {
	app     *app
	files   []string
	states  []fileState
	known   []string // contexts
	current string   // kubectl's current context
	broken  bool     // it could not be read when it was last looked at
}

// fileState is what changes when a file does; the zero value stands for a missing file.
type fileState struct {
	modified time.Time
	size     int64
}

func newKubeconfigWatch(a *app) *kubeconfigWatch {
	w := &kubeconfigWatch{app: a, files: kube.KubeconfigFiles(a.flags.kube)}
	w.states = statesOf(w.files)
	contexts, current, err := kube.Contexts(a.flags.kube)
	w.known, w.current, w.broken = contextNames(contexts), current, err != nil
	return w
}

func statesOf(files []string) []fileState {
	states := make([]fileState, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			states[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return states
}

func contextNames(contexts []kube.Context) []string {
	names := make([]string, len(contexts))
	for i, c := range contexts {
		names[i] = c.Name
	}
	return names
}

// Next implements ui.Source: it returns when there is something to say.
func (w *kubeconfigWatch) Next(ctx context.Context) (ui.Msg, error) {
	ticker := time.NewTicker(kubeconfigEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
			if news, changed := w.look(); changed {
				return news, nil
			}
		}
	}
}

// kubeconfigNews is what there is to say about a change.
type kubeconfigNews struct {
	text string
	role themes.Role
}

// Intent implements ui.Lazy.
func (n kubeconfigNews) Intent() ui.Intent { return ui.Say{Text: n.text, Role: n.role} }

// look reads what has changed in the files since the last look.
func (w *kubeconfigWatch) look() (news kubeconfigNews, changed bool) {
	states := statesOf(w.files)
	if slices.Equal(states, w.states) {
		return kubeconfigNews{}, false
	}
	w.states = states
	w.app.kubeconfig.announce()
	contexts, current, err := kube.Contexts(w.app.flags.kube)
	if err != nil {
		w.broken = true
		return w.say("warning", "still using what was read before: "+err.Error()), true
	}
	var said []string
	if w.broken {
		w.broken = false
		said = append(said, "it can be read again")
	}
	said = append(said, w.reload()...)
	names := contextNames(contexts)
	added := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(w.known, n) })
	if len(added) > 0 {
		said = append(said, "new under :contexts: "+firstFew(added))
	}
	if current != w.current && current != "" && *w.app.flags.kube.Context == "" {
		said = append(said, fmt.Sprintf("kubectl's current context is now %s; you stay where you are", current))
	}
	w.known, w.current = names, current
	if len(said) == 0 {
		return kubeconfigNews{}, false
	}
	return w.say("info", strings.Join(said, "; ")), true
}

// reload lets the open clusters use what the kubeconfig says now.
func (w *kubeconfigWatch) reload() []string {
	var said []string
	for _, cluster := range w.app.openClusters() {
		found, err := cluster.ReloadKubeconfig()
		switch {
		case err != nil:
			said = append(said, fmt.Sprintf("%s: %v", cluster.Name(), err))
		case found.Gone:
			said = append(said, cluster.Name()+" was removed from it and stays open")
		case found.Server:
			said = append(said, fmt.Sprintf("%s is at %s now", cluster.Name(), cluster.Server()))
		case found.Credentials:
			said = append(said, "using the new credentials of "+cluster.Name())
		}
	}
	slices.Sort(said)
	return slices.Compact(said) // Whom a context is looked at as makes no difference.
}

func (w *kubeconfigWatch) say(level, text string) kubeconfigNews {
	text = "kubeconfig: " + text
	w.app.messages.Add(level, text)
	if level == "warning" {
		return kubeconfigNews{text, themes.Degraded}
	}
	return kubeconfigNews{text, themes.Muted}
}

// kubeconfigChanges announces the next change to whoever waits. Any goroutine may use
// it; the zero value is ready.
type kubeconfigChanges struct {
	mu   sync.Mutex
	wait chan struct{}
}

// next returns a channel that is closed by the next change.
func (c *kubeconfigChanges) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait == nil {
		c.wait = make(chan struct{})
	}
	return c.wait
}

func (c *kubeconfigChanges) announce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait != nil {
		close(c.wait)
		c.wait = nil
	}
}

package main

import (
	"path/filepath"
	"slices"

	"github.com/fathom-k8s/fathom/cmd/fathom/env"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// keptTabs are the tabs that were open at the end of a run.
type keptTabs struct {
	At   int             `json:"at"`
	Tabs []views.OpenTab `json:"tabs"`
}

func tabsFile() string { return filepath.Join(env.StateDir(), "tabs.json") }

// keepsTabs reports whether this run goes on with the tabs of the last one and leaves its own: not
// where something was named to look at.
func (p *program) keepsTabs(args []string, text string) bool {
	f := p.app.flags
	named := len(args) > 0 || text != "" || f.once || f.spaces != "" || f.allNamespaces ||
		p.app.saved != nil
	k := f.kube
	for _, flag := range []*string{k.Context, k.Namespace, k.KubeConfig, k.Impersonate, k.APIServer} {
		named = named || flag != nil && *flag != ""
	}
	return p.config.Restore && !named
}

// restoreTabs returns what the program begins with, beside the tabs that were kept: the one that was on
// the screen if it is of the context in use, or another one of that, or else view.
func (p *program) restoreTabs(s *views.Session, view ui.View, args []string, text string) ui.View {
	if p.tabs = p.keepsTabs(args, text); !p.tabs {
		return view
	}
	kept := readTabs(tabsFile())
	here := func(t views.OpenTab) bool { return t.Context == s.Cluster.Name() }
	at := kept.At
	if at < 0 || at >= len(kept.Tabs) || !here(kept.Tabs[at]) {
		at = slices.IndexFunc(kept.Tabs, here)
	}
	if at < 0 { // There has to be room for view.
		kept.Tabs = kept.Tabs[:min(len(kept.Tabs), ui.TabsMax-1)]
	}
	for i, tab := range kept.Tabs {
		restored := views.Restore(s, tab)
		switch {
		case i == at:
			view = restored
		case i < at:
			p.screen.Tabs.Left = append(p.screen.Tabs.Left, restored)
		default:
			p.screen.Tabs.Right = append(p.screen.Tabs.Right, restored)
		}
	}
	return view
}

// readTabs reads what was kept. Of a file that cannot be read there is nothing.
func readTabs(file string) (kept keptTabs) {
	if readWhole(file, &kept) != nil {
		return keptTabs{}
	}
	// Somebody may have written to it.
	kept.Tabs = kept.Tabs[:min(len(kept.Tabs), ui.TabsMax)]
	for _, tab := range kept.Tabs {
		if text := tab.Context + tab.View + tab.Object + tab.Place.Text(); kinds.Clean(text) != text {
			return keptTabs{}
		}
	}
	return kept
}

// keepTabs writes which tabs are open, where the config asks for it.
func (p *program) keepTabs(shell *ui.Shell) error {
	if !p.tabs {
		return nil
	}
	stacks, at := shell.TopViews()
	kept := keptTabs{At: -1}
	for i, stack := range stacks {
		tab, ok := views.KeepTab(stack)
		if !ok {
			continue
		}
		if i == at {
			kept.At = len(kept.Tabs)
		}
		kept.Tabs = append(kept.Tabs, tab)
	}
	return writeWhole(tabsFile(), kept)
}

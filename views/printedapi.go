package views

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// printedAPI prints what kubectl api-resources prints
// (k8s.io/kubectl/pkg/cmd/apiresources).
type printedAPI struct {
	screen
	wide bool
}

// PrintedAPI returns a view that prints the resources that the API server serves.
func PrintedAPI(s *Session) ui.View {
	v := &printedAPI{}
	v.screen = newScreen(s, v)
	return v
}

// place implements page.
func (v *printedAPI) place() []string { return []string{"api"} }

// state implements page.
func (v *printedAPI) state() kube.State { return kube.State{} }

// keys implements page.
func (v *printedAPI) keys() []ui.Key { return nil }

// update implements page.
func (v *printedAPI) update(msg ui.Msg) ui.Intent {
	if do, ok := msg.(ui.Do); ok && do.Action == actWide {
		v.wide = true
	}
	return nil
}

// empty implements page.
func (v *printedAPI) empty() bool { return false }

// Wake implements ui.View.
func (v *printedAPI) Wake(time.Time) time.Time { return time.Time{} }

// Draw implements ui.View.
func (v *printedAPI) Draw(ui.Frame) string {
	shown := slices.DeleteFunc(slices.Clone(v.session.Cluster.Resources().All()), func(r kube.Resource) bool {
		return !r.Preferred || len(r.Verbs) == 0
	})
	slices.SortStableFunc(shown, func(a, b kube.Resource) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Resource, b.Resource))
	})
	lines := [][]string{{"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"}}
	if v.wide {
		lines[0] = append(lines[0], "VERBS", "CATEGORIES")
	}
	for _, r := range shown {
		line := []string{
			r.Resource, strings.Join(r.ShortNames, ","), r.GroupVersion().String(), strconv.FormatBool(r.Namespaced), r.Kind,
		}
		if v.wide {
			line = append(line, strings.Join(r.Verbs, ","), strings.Join(r.Categories, ","))
		}
		lines = append(lines, line)
	}
	return aligned(lines)
}

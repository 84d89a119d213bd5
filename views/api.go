package views

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

func init() {
	registerView(viewSpec{
		name: "api", help: "groups, versions and resources of the API",
		also: []string{"aliases", "api-resources", "api-versions"},
		open: func(s *Session) rootView { return newAPI(s) },
	})
}

// api is what the API server serves: each group version with its resources. Objects are
// counted when somebody looks at their resource.
type api struct {
	screen
	detailed
	resources *kube.Resources // that versions are made from
	versions  []apiVersion
	rows      []apiRow // those that are visible
	drawn     int      // counts up when rows read differently
	width     int      // that the text was drawn for

	open           map[schema.GroupVersion]bool
	filter, before string

	source        *kube.Origins
	origins       map[schema.GroupVersion]kube.Origin
	originProblem string
	counts        map[schema.GroupVersionResource]kube.Count
	asked         map[schema.GroupVersionResource]bool
}

func newAPI(s *Session) *api {
	v := &api{
		source: s.Cluster.Origins(), open: map[schema.GroupVersion]bool{}, width: 80,
		counts: map[schema.GroupVersionResource]kube.Count{}, asked: map[schema.GroupVersionResource]bool{},
	}
	v.screen = newScreen(s, v, v.source)
	v.table.Sorted = -1
	v.table.SetColumns(apiColumns())
	v.refresh()
	return v
}

// refresh takes over what discovery says now.
func (v *api) refresh() {
	if now := v.session.Cluster.Resources(); now != v.resources {
		v.resources, v.versions = now, apiVersions(now.All())
		v.arrange()
	}
}

// place implements page.
func (v *api) place() []string { return []string{namespaceName(v.session.Namespace), "api"} }

// state implements page.
func (v *api) state() kube.State { return kube.State{} }

// empty implements page.
func (v *api) empty() bool { return !v.resources.Complete() }

// keys implements page.
func (v *api) keys() []ui.Key {
	keys := []ui.Key{
		{Action: actOpen, Keys: []string{"enter"}, Help: "open", Group: "Object", Footer: true},
		{Action: tabExplain.action(), Keys: []string{"i"}, Help: "explain", Group: "Object", Footer: true},
		{Action: actFold, Keys: []string{"space"}, Help: "unfold, fold", Group: "Text"},
		{Action: actFilter, Keys: []string{"/"}, Help: "filter", Group: "Table", Footer: true},
		{Action: actUnfold, Keys: []string{"a"}, Help: "unfold all", Group: "Text", Footer: true},
		{Action: actCopy, Keys: []string{"c"}, Help: "copy the name", Group: "Table"},
	}
	if v.filter != "" && !v.whole {
		clearing := ui.Key{Action: actClearFilter, Keys: []string{"esc"}, Help: "clear filter", Group: "Table", Footer: true}
		keys = append(keys, clearing)
	}
	return append(keys, v.moves()...)
}

// update implements page.
func (v *api) update(msg ui.Msg) ui.Intent {
	switch msg := msg.(type) {
	case ui.Shown, kube.HealthChanged:
		v.refresh()
	case kube.OriginsRead:
		v.origins, v.originProblem = msg.All, ""
		if msg.Err != nil {
			v.originProblem = msg.Err.Error()
		}
		v.drawn++
	case kube.CountsRead:
		maps.Copy(v.counts, msg.Of)
		v.drawn++
	case ui.Typed:
		v.setFilter(msg.Text)
	case ui.Cancelled:
		v.setFilter(v.before)
	case ui.Entered:
		v.setFilter(msg.Text)
		return v.countShown()
	case ui.Do:
		return v.do(msg)
	case ui.Clicked:
		v.detailed.update(msg, v, nil)
		if msg.Double {
			return v.enter()
		}
		return v.countCurrent()
	case ui.Wheel:
		v.detailed.update(msg, v, v.text(v.width))
	}
	return nil
}

// setFilter narrows the rows, and puts the cursor on the resource that is called like
// that, else on the first that is found.
func (v *api) setFilter(text string) {
	v.filter = text
	v.arrange()
	name, best := strings.ToLower(strings.TrimSpace(text)), -1
	for i, row := range v.rows {
		r := v.resource(row)
		if r == nil || name == "" {
			continue
		}
		exact := slices.Contains(r.ShortNames, name) || r.Resource == name || r.Singular == name
		if best < 0 || exact {
			best = i
		}
		if exact {
			break
		}
	}
	if best >= 0 {
		v.table.SetCurrent(v.ID(best))
		v.table.Update(v)
	}
}

func (v *api) do(msg ui.Do) ui.Intent {
	switch msg.Action {
	case actOpen:
		return v.enter()
	case actFold:
		return v.fold()
	case actUnfold:
		v.unfoldAll()
	case actFilter:
		v.before = v.filter
		return ui.Prompt{Name: "filter", Label: "/", Text: v.filter}
	case actCopy:
		if row, ok := v.current(); ok {
			return ui.Copy{Text: v.name(row), What: "name"}
		}
	case tabExplain.action():
		return v.explain()
	case actClearFilter:
		if !v.whole {
			v.setFilter("")
			return nil
		}
		v.detailed.update(msg, v, nil)
	default:
		v.detailed.update(msg, v, v.text(v.width))
		return v.countCurrent()
	}
	return nil
}

// name is what a row is called elsewhere: "apps/v1", "deployments.apps".
func (v *api) name(row apiRow) string {
	if r := v.resource(row); r != nil {
		return qualified(*r)
	}
	return v.versions[row.version].String()
}

// enter goes to the objects of a resource, or unfolds a group version.
func (v *api) enter() ui.Intent {
	row, ok := v.current()
	if !ok {
		return nil
	}
	r := v.resource(row)
	switch {
	case v.whole:
		v.whole = false
	case r == nil:
		return v.fold()
	case !r.Can("list"):
		return ui.Say{Text: r.Resource + " cannot be listed: it has only " + strings.Join(r.Verbs, ", "), Role: themes.Muted}
	default:
		return ui.Open{View: Objects(v.session, *r)}
	}
	return nil
}

func (v *api) explain() ui.Intent {
	row, ok := v.current()
	if !ok {
		return nil
	}
	if r := v.resource(row); r != nil {
		return ui.Open{View: Explain(v.session, *r, "")}
	}
	return ui.Say{Text: "a resource can be explained, a version cannot; enter shows its resources", Role: themes.Muted}
}

// fold folds or unfolds the version that the cursor is in. What becomes visible is
// counted.
func (v *api) fold() ui.Intent {
	row, ok := v.current()
	if !ok || v.filter != "" {
		return nil
	}
	version := &v.versions[row.version]
	v.open[version.GroupVersion] = !v.open[version.GroupVersion]
	if row.resource != heading {
		v.table.SetCurrent(version.String())
	}
	v.arrange()
	if v.open[version.GroupVersion] {
		return v.count(version.resources)
	}
	return nil
}

// unfoldAll unfolds everything, or folds it again. It counts nothing: that would be a
// request for each resource.
func (v *api) unfoldAll() {
	if len(v.open) > 0 {
		v.open = map[schema.GroupVersion]bool{}
	} else {
		for _, version := range v.versions {
			v.open[version.GroupVersion] = true
		}
	}
	v.arrange()
}

// countMax is how many resources one key counts at most.
const countMax = 50

// countShown counts the first of what a filter finds.
func (v *api) countShown() ui.Intent {
	var shown []kube.Resource
	for _, row := range v.rows {
		if r := v.resource(row); r != nil && len(shown) < countMax && v.filter != "" {
			shown = append(shown, *r)
		}
	}
	return v.count(shown)
}

// countCurrent counts what is under the cursor.
func (v *api) countCurrent() ui.Intent {
	if row, ok := v.current(); ok && row.resource != heading {
		return v.count([]kube.Resource{*v.resource(row)})
	}
	return nil
}

// count asks for what is not known yet. Nothing is counted that is not known for sure to
// be there.
func (v *api) count(resources []kube.Resource) ui.Intent {
	var unknown []kube.Resource
	for _, r := range resources {
		if r.Can("list") && !v.asked[r.GroupVersionResource] && v.resources.Complete() && len(unknown) < countMax {
			v.asked[r.GroupVersionResource] = true
			unknown = append(unknown, r)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	v.drawn++
	return ui.Watch{Source: v.session.Cluster.Count(unknown, v.session.Namespace)}
}

func objectCount(c kube.Count) string {
	text := strconv.FormatInt(c.N, 10)
	if c.More {
		text += "+"
	}
	return text
}

// problemsShown is how many group versions that do not answer are named.
const problemsShown = 3

// head is what is wrong with the API as a whole, and what is hidden.
func (v *api) head(width int) []ui.Line {
	var out []ui.Line
	problems := v.resources.Problems()
	for _, text := range problems[:min(len(problems), problemsShown)] {
		out = append(out, failure(text, width)...)
	}
	if more := len(problems) - problemsShown; more > 0 {
		out = append(out, behind(1, fmt.Sprintf("… and %d more", more), themes.Failing))
	}
	if !v.resources.Complete() {
		out = append(out, behind(1, "reading what the API server serves ...", themes.Muted))
	}
	if v.filter != "" {
		found := 0
		for _, row := range v.rows {
			if row.resource != heading {
				found++
			}
		}
		all := counted(len(v.resources.All()), "resources")
		line := ui.Line{{Text: " /" + v.filter, Role: themes.Accent}}
		out = append(out, append(line, behind(2, fmt.Sprintf("%d of %s", found, all), themes.Muted)...))
	}
	return out
}

// Draw implements ui.View.
func (v *api) Draw(f ui.Frame) string {
	v.width = f.Width
	return v.draw(f, v, v.head(f.Width), v.title(), v.text(f.Width))
}

// Wake implements ui.View.
func (v *api) Wake(time.Time) time.Time { return time.Time{} }

package views

import (
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// apiVersion is one group version with its resources.
type apiVersion struct {
	schema.GroupVersion
	preferred bool // it is the first of several versions of its group
	resources []kube.Resource
}

// apiVersions sorts resources by their group version, in the server's order.
func apiVersions(all []kube.Resource) []apiVersion {
	var out []apiVersion
	for _, r := range all {
		gv := r.GroupVersion()
		i := slices.IndexFunc(out, func(v apiVersion) bool { return v.GroupVersion == gv })
		if i < 0 {
			if before := slices.IndexFunc(out, func(v apiVersion) bool { return v.Group == gv.Group }); before >= 0 {
				out[before].preferred = true
			}
			out = append(out, apiVersion{GroupVersion: gv})
			i = len(out) - 1
		}
		out[i].resources = append(out[i].resources, r)
	}
	return out
}

// path is where the API server serves the version.
func (v apiVersion) path() string {
	if v.Group == "" {
		return "/api/" + v.Version
	}
	return "/apis/" + v.Group + "/" + v.Version
}

// stability says in a word what the version's name promises.
func (v apiVersion) stability() string {
	switch {
	case strings.Contains(v.Version, "alpha"):
		return "alpha"
	case strings.Contains(v.Version, "beta"):
		return "beta"
	}
	return "stable"
}

// standing says how the version stands: how stable it is, whether it is preferred, and
// when it is gone.
func (v apiVersion) standing() string {
	text := v.stability()
	if v.preferred {
		text += ", preferred"
	}
	if gone := v.removed(); gone != "" {
		text += ", removed in " + gone
	}
	return text
}

// removed is the version of Kubernetes in which all kinds of the version are gone, "" for
// none.
func (v apiVersion) removed() string {
	last := ""
	for _, r := range v.resources {
		gone := r.Removal()
		if gone == "" {
			return ""
		}
		last = gone
	}
	return last
}

// apiRow is a row of the view: a group version, or one of its resources.
type apiRow struct{ version, resource int }

// heading is the resource of a row that is a group version itself.
const heading = -1

// matches reports whether every word is in what names a resource.
func matches(r kube.Resource, words []string) bool {
	names := strings.ToLower(strings.Join(slices.Concat([]string{
		r.Resource, r.Singular, r.Kind, r.GroupVersion().String(),
	}, r.ShortNames, r.Categories), " "))
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(names, word) })
}

// arrange finds the rows that are not folded away or filtered out.
func (v *api) arrange() {
	v.rows = v.rows[:0]
	v.drawn++
	words := strings.Fields(strings.ToLower(v.filter))
	for i, version := range v.versions {
		at := len(v.rows)
		v.rows = append(v.rows, apiRow{i, heading})
		if len(words) == 0 && !v.open[version.GroupVersion] {
			continue
		}
		for j, r := range version.resources {
			if matches(r, words) {
				v.rows = append(v.rows, apiRow{i, j})
			}
		}
		if len(words) > 0 && len(v.rows) == at+1 {
			v.rows = v.rows[:at]
		}
	}
	v.table.Update(v)
}

// resource is the resource of a row, nil for a group version.
func (v *api) resource(row apiRow) *kube.Resource {
	if row.resource == heading {
		return nil
	}
	return &v.versions[row.version].resources[row.resource]
}

// current is the row under the cursor.
func (v *api) current() (row apiRow, ok bool) {
	if i := v.table.Current(v); i >= 0 {
		return v.rows[i], true
	}
	return row, false
}

// Len implements ui.Rows.
func (v *api) Len() int { return len(v.rows) }

// ID implements ui.Rows.
func (v *api) ID(i int) string {
	row := v.rows[i]
	if r := v.resource(row); r != nil {
		return v.versions[row.version].String() + " " + r.Resource
	}
	return v.versions[row.version].String()
}

// Find implements ui.Rows.
func (v *api) Find(id string) int {
	for i := range v.rows {
		if v.ID(i) == id {
			return i
		}
	}
	return -1
}

// Version implements ui.Rows.
func (v *api) Version(i int) any {
	return struct {
		apiRow
		drawn int
	}{v.rows[i], v.drawn}
}

// RowRole implements ui.Rows.
func (v *api) RowRole(int) themes.Role { return themes.Text }

// apiColumns are the titles, in the order of Row's cells.
func apiColumns() []ui.Column {
	return []ui.Column{
		{Title: "RESOURCE", Fixed: true, Whole: true}, {Title: "OBJECTS", Right: true}, {Title: "SHORT"}, {Title: "SCOPE"},
		{Title: "KIND"}, {Title: "VERBS"}, {Title: "CATEGORIES", Optional: true},
	}
}

// Row implements ui.Rows.
func (v *api) Row(i int, _ time.Time, cells []ui.TableCell) (until time.Time) {
	row := v.rows[i]
	version := &v.versions[row.version]
	set := func(column int, text string, role themes.Role) { cells[column] = ui.TableCell{Text: text, Role: role} }
	r := v.resource(row)
	if r == nil {
		open := v.open[version.GroupVersion] || v.filter != ""
		set(0, branch(0, true, open)+version.String(), themes.Heading)
		role := themes.Muted
		if version.removed() != "" {
			role = themes.Degraded
		}
		set(3, v.origin(version), themes.Muted)
		set(4, version.standing(), role)
		set(5, counted(len(version.resources), "resources"), themes.Muted)
		return until
	}
	scope := "cluster"
	if r.Namespaced {
		scope = "namespaced"
	}
	set(0, branch(1, false, false)+r.Resource, themes.Text)
	objects, role := v.objects(*r)
	set(1, objects, role)
	set(2, strings.Join(r.ShortNames, ","), themes.Text)
	set(3, scope, themes.Muted)
	set(4, r.Kind, themes.Text)
	set(5, strings.Join(r.Verbs, ","), themes.Muted)
	set(6, strings.Join(r.Categories, ","), themes.Muted)
	return until
}

// objects says how many objects there are; "" as long as nobody has asked.
func (v *api) objects(r kube.Resource) (text string, role themes.Role) {
	counted, known := v.counts[r.GroupVersionResource]
	switch {
	case !r.Can("list"):
		return "–", themes.Muted
	case !known && v.asked[r.GroupVersionResource]:
		return "…", themes.Muted
	case !known:
		return "", themes.Muted
	case apierrors.IsForbidden(counted.Err):
		return "forbidden", themes.Degraded
	case counted.Err != nil:
		return "failed", themes.Failing
	}
	return objectCount(counted), themes.Text
}

// origin says in a few words where a group version comes from.
func (v *api) origin(version *apiVersion) string {
	o, known := v.origins[version.GroupVersion]
	switch {
	case o.Service != "":
		return "aggregated"
	case o.Custom:
		return "custom"
	case o.BuiltIn, !known && slices.ContainsFunc(version.resources, kube.Resource.BuiltIn):
		return "built-in"
	}
	return ""
}

package views

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/triage"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// longKind is how long a kind's name may be before its short name says it better.
const longKind = 12

// shortRef is an object as a person on call would write it: "pvc shop/data-db-2".
func shortRef(ref kinds.Ref) string {
	text := ref.String()
	if k, ok := kinds.For(ref.GroupKind); ok && len(ref.Kind) > longKind && len(k.Short) > 0 {
		_, name, _ := strings.Cut(text, " ")
		return k.Short[0] + " " + name
	}
	return text
}

// severities are all severities, the worst first.
var severities = []triage.Severity{triage.Failing, triage.Degraded, triage.Waiting, triage.Notice}

func severityMark(s triage.Severity) string {
	return [...]string{"·", "◌", "▲", "✖"}[s]
}

func severityRole(s triage.Severity) themes.Role {
	return [...]themes.Role{themes.Muted, themes.Waiting, themes.Degraded, themes.Failing}[s]
}

// findingRow is a finding, or one of its symptoms where it is unfolded.
type findingRow struct {
	finding *triage.Finding
	symptom *triage.Symptom // nil for the finding itself
	object  kinds.Ref
}

func (r *findingRow) id() string {
	if r.symptom != nil {
		return r.finding.ID + "\n" + r.object.String()
	}
	return r.finding.ID
}

func (r *findingRow) reason(now time.Time) string {
	if r.symptom != nil {
		return r.symptom.Reason
	}
	return r.finding.ReasonAt(now)
}

// findingRows are findings as the rows of a table.
type findingRows struct {
	shown []findingRow
	at    map[string]int
	open  map[string]bool // findings whose symptoms are shown, by ID
	found int             // findings that the filter lets in
	// width is what an object's name may take.
	width int
	// group is the label whose values have a column of their own, or groupNamespace; "" for
	// none.
	group string
}

// set takes over findings; only those stay that a filter lets in.
func (t *findingRows) set(all []*triage.Finding, filter string) {
	t.shown, t.at, t.found = t.shown[:0], map[string]int{}, 0
	add := func(r findingRow) {
		if _, twice := t.at[r.id()]; !twice {
			t.at[r.id()] = len(t.shown)
			t.shown = append(t.shown, r)
		}
	}
	for _, f := range all {
		if !matchesFinding(f, filter) {
			continue
		}
		t.found++
		add(findingRow{finding: f, object: f.Object})
		if t.open[f.ID] {
			for i := range f.Folded {
				add(findingRow{finding: f, symptom: &f.Folded[i], object: f.Folded[i].Object})
			}
		}
	}
}

// byGroup puts the findings of a group together, the group with the worst first.
func byGroup(all []*triage.Finding, label string) []*triage.Finding {
	order := map[string]int{}
	for i, f := range all {
		if _, seen := order[groupOf(f, label)]; !seen {
			order[groupOf(f, label)] = i
		}
	}
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b *triage.Finding) int {
		return cmp.Compare(order[groupOf(a, label)], order[groupOf(b, label)])
	})
	return out
}

// groupNamespace is what findings are grouped by beside labels. No label has such a name.
const groupNamespace = "NAMESPACE"

// groupOf is the group of a finding: the value of a label, or its namespace.
func groupOf(f *triage.Finding, label string) string {
	if label == groupNamespace {
		return f.Object.Namespace
	}
	value, _ := f.Label(label)
	return value
}

// groupLabels are the labels that findings have, those that most of them have first.
func groupLabels(all []*triage.Finding) []string {
	count := map[string]int{}
	for _, f := range all {
		own := map[string]bool{}
		for _, labels := range f.Labels {
			for _, l := range labels {
				own[l.Key] = !strings.HasSuffix(l.Key, "-hash") && l.Key != "kubernetes.io/metadata.name"
			}
		}
		for key, useful := range own {
			if useful {
				count[key]++
			}
		}
	}
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(count[b]-count[a], strings.Compare(a, b))
	})
}

// Len implements ui.Rows.
func (t *findingRows) Len() int { return len(t.shown) }

// ID implements ui.Rows.
func (t *findingRows) ID(i int) string { return t.shown[i].id() }

// Find implements ui.Rows.
func (t *findingRows) Find(id string) int {
	if i, ok := t.at[id]; ok {
		return i
	}
	return -1
}

// Version implements ui.Rows: findings are made afresh with each verdict.
func (t *findingRows) Version(int) any { return nil }

// RowRole implements ui.Rows.
func (t *findingRows) RowRole(int) themes.Role { return themes.Text }

// Row implements ui.Rows.
func (t *findingRows) Row(i int, now time.Time, cells []ui.TableCell) time.Time {
	r := &t.shown[i]
	if t.group != "" {
		group := groupOf(r.finding, t.group)
		cells[0] = ui.TableCell{Text: cmp.Or(group, "-"), Role: themes.Accent}
		if i > 0 && groupOf(t.shown[i-1].finding, t.group) == group {
			cells[0].Role = themes.Muted
		}
		cells = cells[1:]
	}
	if r.symptom != nil {
		cells[0] = ui.TableCell{Text: "    " + shortRef(r.object), Role: themes.Muted}
		cells[2] = ui.TableCell{Text: r.symptom.Reason, Role: themes.Muted}
		return time.Time{}
	}
	f := r.finding
	role := severityRole(f.Severity)
	name := severityMark(f.Severity) + " " + shortRef(f.Object)
	if k, ok := kinds.For(f.Object.GroupKind); ok && len(k.Short) > 0 && ui.Width(name) > t.width {
		_, rest, _ := strings.Cut(f.Object.String(), " ")
		name = severityMark(f.Severity) + " " + k.Short[0] + " " + rest
	}
	cells[0] = ui.TableCell{Text: name, Role: role}
	cells[2] = ui.TableCell{Text: foldedText(f) + f.ReasonAt(now), Role: themes.Text}
	if f.Severity == triage.Notice {
		cells[2].Role = themes.Muted
	}
	if f.Since.IsZero() {
		cells[1] = ui.TableCell{Text: "?", Role: themes.Muted}
		return time.Time{}
	}
	age := kinds.CoarseAge(now.Sub(f.Since))
	if f.AtLeast {
		age = "≥" + age
	}
	cells[1] = ui.TableCell{Text: age, Role: themes.Text}
	if f.Settling {
		cells[1].Role = themes.Muted
	}
	next := kinds.NextCoarseAge(f.Since, now)
	if minute := now.Add(time.Minute); f.Until.After(now) && minute.Before(next) {
		next = minute // It says how long there is left.
	}
	return next
}

// foldedText counts what is folded under a finding, where that is more than its own pod.
func foldedText(f *triage.Finding) string {
	if n := len(f.Folded); n > 2 {
		return fmt.Sprintf("+%d  ", n)
	}
	return ""
}

// sinceText is since when a finding lasts, in words.
func sinceText(f *triage.Finding, now time.Time) string {
	switch {
	case f.Since.IsZero():
		return "since when is not known"
	case f.AtLeast:
		return "since at least " + kinds.CoarseAge(now.Sub(f.Since))
	}
	return "since " + timeOfDay(f.Since, now) + ", " + kinds.CoarseAge(now.Sub(f.Since))
}

// affectsText names what a finding takes down, and what it leaves less of with what is left.
func affectsText(f *triage.Finding) string {
	var out []string
	for _, e := range triage.Effects {
		var names []string
		for _, a := range f.With(e) {
			name := shortRef(a.Object)
			if e != triage.TakesDown && a.Object.Kind == kinds.Service.Kind { // An Ingress has its Service's.
				name += " (" + a.Reason + ")"
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			out = append(out, e.String()+": "+strings.Join(names, ", "))
		}
	}
	return strings.Join(out, "; ")
}

// unserved reports whether what is in trouble is not an object of the API, so that it has no tabs.
func unserved(ref kinds.Ref) bool {
	return ref.Kind == triage.APIServer.Kind || ref.Kind == triage.Kubeconfig
}

func totalsText(v *triage.Verdict) string {
	var parts []string
	for _, t := range v.Totals {
		if t.All > 0 && (t.Kind == kinds.Pod.Resource || t.Kind == kinds.Node.Resource) {
			text := fmt.Sprintf("%s %d/%d", t.Kind, t.Well, t.All)
			if t.Cordoned > 0 {
				text += fmt.Sprintf(" (%d cordoned)", t.Cordoned)
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "  ")
}

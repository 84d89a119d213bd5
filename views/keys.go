package views

import (
	_ "embed" // of keys.txt
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/ui"
)

// own are the actions of this package's views, besides those that open a tab.
var own = []ui.Action{
	actBlame, actClearFilter, actContainer, actCopy, actCopyAll, actCopyName, actDelete, actFaster, actFilter,
	actFold, actFollow, actGroup, actLinks, actManagers, actMask, actNamespace, actNextChange, actNextFinding,
	actNextLayer, actNextTab, actNode, actObject, actOpen, actOwned, actOwner, actPlay,
	actPrevTab, actPrevious, actPreviousChange, actPreviousFinding, actRefresh, actReports, actReveal, actRights,
	actSave, actSearch, actSearchEnd, actSince, actSlower, actSortAge, actSortCPU, actSortFlip,
	actSortMemory, actSortName, actSortNext, actSortPrev, actSortSpace, actSortStarts, actSortStatus, actTimes,
	actTriage, actUnfold, actWide, actWrap, actWrong,
	actFilterLines, actFoldLines, actHistogram, actJumpTo, actLogEvents, actMarkLines, actRaw, actColumn,
	actPage, actToFile, actMenu, actEdit, actRestart, actScale, actYes, actChoice, actCommand,
	actShell, actAttach, actForward, actEndForward, actCopyURL,
}

// Actions are all actions that a key can be bound to, sorted.
func Actions() []ui.Action {
	all := slices.Clone(own)
	for _, s := range tabSpecs {
		all = append(all, s.id.action())
	}
	for _, keys := range [][]ui.Key{ui.Globals(), new(ui.Table).Keys(), new(ui.Pager).Keys()} {
		for _, k := range keys {
			all = append(all, k.Action)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// keysText is what TestKeysDocument collects from the screens: action, keys, the screens
// that have it, and what it does.
//
//go:embed keys.txt
var keysText string

// Binding is a default binding and the screens that have it.
type Binding struct {
	ui.Key
	screens []string // "*" is all of them
}

// Shares reports whether a screen has both bindings.
func (b Binding) Shares(other Binding) bool {
	return b.screens[0] == "*" || other.screens[0] == "*" ||
		slices.ContainsFunc(b.screens, func(s string) bool { return slices.Contains(other.screens, s) })
}

// Bindings are the default bindings of all screens.
func Bindings() []Binding {
	var out []Binding
	for line := range strings.Lines(keysText) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		out = append(out, Binding{
			ui.Key{Action: ui.Action(fields[0]), Keys: strings.Fields(fields[1]), Help: fields[3]}, strings.Fields(fields[2]),
		})
	}
	return out
}

// Help is how the help is ordered.
func Help() ui.HelpOptions {
	return ui.HelpOptions{
		First: []ui.Action{
			actOpen, ui.GoBack, ui.GoPalette, actFilter, actSearch, tabWhy.action(), "tab-describe", "tab-yaml",
			tabLogs.action(), "tab-events", ui.GoHelp,
		},
		Groups: []string{
			"Object", "Table", "Filter", "Sort", "Mark",
			"Hands", "Plugins", "Text", "Search", "Logs", "Triage", "Tree", "Changes", "Atlas", "Here",
			"Cluster", "Recording", "Move", "Everywhere", elsewhere,
		},
		Elsewhere: otherMeanings,
	}
}

// elsewhere heads what keys mean on other screens.
const elsewhere = "On other screens"

// otherMeanings are what the letters that are bound here mean on other screens, and the
// syntax of the filter where there is one.
func otherMeanings(bound []ui.Key) []ui.Key {
	var out []ui.Key
	all := Bindings()
	for _, here := range bound {
		for _, key := range here.Keys {
			if len(key) > 1 {
				continue
			}
			var means []string
			for _, b := range all {
				does := func(k ui.Key) bool { return slices.Contains(k.Keys, key) && (k.Action == b.Action || k.Help == b.Help) }
				if slices.Contains(b.Keys, key) && !slices.ContainsFunc(bound, does) && !slices.Contains(means, b.Help) {
					means = append(means, b.Help)
				}
			}
			if len(means) > 0 {
				out = append(out, ui.Key{Show: key, Help: strings.Join(means, "; "), Group: elsewhere})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Key) int { return strings.Compare(a.Show, b.Show) })
	out = slices.CompactFunc(out, func(a, b ui.Key) bool { return a.Show == b.Show })
	if slices.ContainsFunc(bound, func(k ui.Key) bool { return k.Action == actWrong }) { // It is a list.
		out = append(filterKeys(), out...)
	}
	if slices.ContainsFunc(bound, func(k ui.Key) bool { return k.Action == actGroup }) {
		out = append(findingKeys(), out...)
	}
	if slices.ContainsFunc(bound, func(k ui.Key) bool { return k.Action == actFilterLines }) {
		out = append(logFilterKeys(), out...)
	}
	return out
}

// moves are the keys of a table that move its cursor.
func moves(t *ui.Table) []ui.Key {
	return slices.DeleteFunc(t.Keys(), func(k ui.Key) bool { return k.Group != "Move" })
}

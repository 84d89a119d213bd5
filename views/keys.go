package views

import (
	"slices"

	"github.com/fathom-k8s/fathom/ui"
)

// own are the actions of this package's views, besides those that open a tab.
var own = []ui.Action{
	actClearFilter, actContainer, actCopy, actCopyAll, actDelete, actFilter, actFold, actFollow, actManagers,
	actFaster, actNamespace, actNextChange, actNextFinding, actNextTab, actNode, actOpen, actOwned, actOwner,
	actPlay, actPod, actPrevTab, actPrevious, actPreviousChange, actPreviousFinding, actRefresh,
	actReveal, actSave, actSearch, actSearchEnd, actSince, actSlower, actSortAge, actSortFlip, actSortName, actSortNext,
	actSortPrev, actSortSpace, actSortStatus, actTimes, actWide, actWrap, actWrong,
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

// Bindings are the default keys that are the same on every screen that has them:
// the shell's, those that move, and those that open tabs.
func Bindings() []ui.Key {
	out := slices.Concat(ui.Globals(), new(ui.Table).Keys(), new(ui.Pager).Keys())
	for _, s := range tabSpecs {
		out = append(out, ui.Key{Action: s.id.action(), Keys: []string{s.key}})
	}
	return out
}

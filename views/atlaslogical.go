package views

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

const rbacGroup = "rbac.authorization.k8s.io"

var (
	statefulSetKind = schema.GroupKind{Group: "apps", Kind: "StatefulSet"}
	jobKind         = schema.GroupKind{Group: "batch", Kind: "Job"}
	cronJobKind     = schema.GroupKind{Group: "batch", Kind: "CronJob"}
)

// logical is what the cluster runs.
func (w *atlasWriter) logical() []partGroup {
	workloads := []part{
		w.judged("deployments", "deployments", "pods that replace each other"),
		w.judged("statefulsets", "statefulsets", "pods with a name and a disk"),
		w.judged("daemonsets", "daemonsets", "a pod on each node"),
		w.judged("jobs", "jobs", "pods that come to an end"),
		w.judged("cronjobs", "cronjobs", "jobs by the clock"),
		w.judged("pods", "pods", "containers that run together"),
	}
	return []partGroup{
		{"workloads", "by their status", workloads},
		{"configuration and access", "counted", []part{
			w.numbers("configuration", "what the pods are given",
				schema.GroupKind{Kind: "ConfigMap"}, schema.GroupKind{Kind: "Secret"}),
			w.numbers("accounts", "whom pods sign in as", accountKind),
			w.numbers("roles", "what may be done, and who may",
				schema.GroupKind{Group: rbacGroup, Kind: "Role"}, schema.GroupKind{Group: rbacGroup, Kind: "ClusterRole"},
				schema.GroupKind{Group: rbacGroup, Kind: "RoleBinding"},
				schema.GroupKind{Group: rbacGroup, Kind: "ClusterRoleBinding"}),
		}},
	}
}

// judged is a kind of objects with how many of them are well, where they are loaded, else
// with their number.
func (w *atlasWriter) judged(id feedID, name, does string) part {
	gk := feedSpecs[id].GroupKind
	p := part{name: name, does: does, then: w.toList(id)}
	entries, why := w.loaded(id)
	switch {
	case why == "" || strings.HasPrefix(why, "only in "):
		failing, waiting, worst := trouble(entries)
		p.say(kinds.Quiet, numberText(int64(len(entries))))
		switch {
		case failing > 0:
			p.say(worst.Status.Level, strconv.Itoa(failing)+" not well: "+worst.Namespace+"/"+worst.Name+
				" "+ui.Truncate(worst.Status.Reason, 60))
		case len(entries) > 0 && waiting == 0:
			p.say(kinds.OK, "all well")
		}
		if waiting > 0 {
			p.say(kinds.Waiting, strconv.Itoa(waiting)+" on their way")
		}
		if len(entries) == 0 && w.session.isSaved() {
			return p.unseen(isNotShown, w.none(name))
		}
		p.note(why)
	case why == "loading":
		p = p.unseen(isLoading, w.number(gk).Text)
		p.note(why + " ...")
	case why == "hidden by your rights":
		p = p.unseen(isHidden, "hidden: you may not list "+w.plural(gk))
	default:
		p.says = append(p.says, w.number(gk))
		p.note("how they are is " + why)
	}
	return p
}

// number is how many objects of a kind there are, in words.
func (w *atlasWriter) number(gk schema.GroupKind) ui.Span {
	r, served := w.feeds.served(gk)
	count, known := w.feeds.counted[r.GroupVersionResource]
	text, role := "", themes.Text
	switch {
	case !served:
		text = "not served"
	case !known:
		text = "not counted yet"
	case count.Denied():
		text = "hidden"
	case count.Err != nil:
		text = "not counted: " + short(count.Err.Error())
	case count.More:
		return ui.Span{Text: "over " + numberText(count.N), Role: role}
	default:
		text = numberText(count.N)
		if r.Namespaced && count.Scope.Namespace != "" {
			text += " in " + count.Scope.Namespace
		}
		return ui.Span{Text: text, Role: role}
	}
	return ui.Span{Text: text, Role: themes.Muted}
}

// numbers is a part that is counted only: how many objects of each kind there are. It
// leads to the first of them.
func (w *atlasWriter) numbers(name, does string, gks ...schema.GroupKind) part {
	p := part{name: name, does: does, then: w.toTable(gks[0], w.countedIn(gks[0]))}
	hiddenOnes, known, total := []string(nil), 0, int64(0)
	for _, gk := range gks {
		r, served := w.feeds.served(gk)
		if !served {
			continue
		}
		said := w.number(gk)
		switch said.Text {
		case "hidden":
			hiddenOnes = append(hiddenOnes, r.Resource)
		case "not counted yet":
		default:
			known++
			total += w.feeds.counted[r.GroupVersionResource].N
			p.says = append(p.says, ui.Span{Text: r.Resource + " " + said.Text, Role: said.Role})
		}
	}
	switch {
	case known > 0 && total == 0 && w.session.isSaved():
		return p.unseen(isNotShown, w.none(name))
	case known == 0 && len(hiddenOnes) > 0:
		return p.unseen(isHidden, "hidden: you may not list "+strings.Join(hiddenOnes, ", "))
	case known == 0:
		return p.unseen(isLoading, "counting ...")
	case len(hiddenOnes) > 0:
		p.note(strings.Join(hiddenOnes, ", ") + " hidden by your rights")
	}
	return p
}

// plural is the resource of a kind: "persistentvolumeclaims".
func (w *atlasWriter) plural(gk schema.GroupKind) string {
	r, _ := w.feeds.served(gk)
	return r.Resource
}

// countedIn is the namespace that a kind was counted in; "" is all.
func (w *atlasWriter) countedIn(gk schema.GroupKind) string {
	r, _ := w.feeds.served(gk)
	return w.feeds.counted[r.GroupVersionResource].Scope.Namespace
}

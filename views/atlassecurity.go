package views

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// security is who we are, and who decides what may be done.
func (w *atlasWriter) security() []partGroup {
	return []partGroup{{"", "", []part{w.user(), w.signedIn(), w.rights(), w.authorizers(), w.admission()}}}
}

// user is whom the API server takes us for.
func (w *atlasWriter) user() part {
	p := part{name: "you", does: "", how: "SelfSubjectReview"}
	if w.session.isSaved() {
		return p.unseen(isNotShown, "not shown: a "+w.source()+" knows no user")
	}
	who := w.feeds.identity
	switch {
	case who == nil:
		return p.unseen(isLoading, "asking ...")
	case who.Identity.Err != nil:
		return p.unseen(isNotShown, "the API server does not say: "+short(who.Identity.Err.Error()))
	}
	p.say(kinds.Quiet, who.Identity.User)
	if len(who.Identity.Groups) > 0 {
		p.note("groups " + fewOf(who.Identity.Groups, 6))
	}
	return p
}

// expiresAtOnce is how long before its end a token is worth a look.
const expiresAtOnce = 10 * time.Minute

// signedIn is what requests carry.
func (w *atlasWriter) signedIn() part {
	p := part{name: "signed in by", how: "the kubeconfig"}
	if w.session.isSaved() {
		return p.unseen(isNotShown, "nothing: a "+w.source()+" is a file")
	}
	if w.feeds.identity == nil {
		return p.unseen(isLoading, "asking ...")
	}
	i := w.feeds.identity.Identity
	if i.By == "" {
		return p.unseen(isNotShown, "not shown")
	}
	p.say(kinds.Quiet, i.By)
	if i.Issuer != "" {
		p.note("issued by " + i.Issuer)
	}
	if i.Expires.IsZero() {
		p.note("it does not say when it ends")
		return p
	}
	left := i.Expires.Sub(w.now())
	w.wakeAt(kinds.NextCoarseAge(i.Expires, w.now()))
	text := "ends " + i.Expires.UTC().Format("2006-01-02 15:04") + " UTC, " + kinds.CoarseAge(-left)
	switch {
	case left <= 0:
		p.say(kinds.Failing, "ended "+w.ago(i.Expires)+" ago")
	case strings.HasPrefix(i.By, "client certificate") && left < expiresSoon:
		p.say(kinds.Degraded, text)
	case left < expiresAtOnce && !strings.HasPrefix(i.By, "credential plugin"):
		p.say(kinds.Waiting, text)
	default:
		p.say(kinds.OK, text)
	}
	return p
}

// rights is what we may do in a namespace.
func (w *atlasWriter) rights() part {
	p := part{name: "your rights", how: "SelfSubjectRulesReview"}
	if w.session.isSaved() {
		return p.unseen(isNotShown, "everything that the "+w.source()+" holds can be read, nothing changed")
	}
	who := w.feeds.identity
	switch {
	case who == nil, who.Rights.Namespace != w.feeds.rightsIn:
		return p.unseen(isLoading, "asking ...")
	case who.Rights.Err != nil:
		return p.unseen(isNotShown, "the API server does not say: "+short(who.Rights.Err.Error()))
	}
	p.then = openLines{w.session, "your rights in " + who.Rights.Namespace, rightsLines(&who.Rights)}
	reads, changes := coverage(&who.Rights, readVerbs), coverage(&who.Rights, changeVerbs)
	p.say(kinds.Quiet, "in "+who.Rights.Namespace+" you may read "+reads+" and change "+changes)
	if w.isAbsent(who.Rights.Namespace) {
		p.say(kinds.Waiting, "there is no namespace "+who.Rights.Namespace)
	}
	if !w.session.Cluster.Writable() {
		p.note("fathom is read-only")
	}
	if who.Rights.Incomplete {
		p.note("perhaps more: not every authorizer lists its rules")
	}
	p.note("n asks about another namespace")
	return p
}

// isAbsent reports whether a namespace is known not to exist.
func (w *atlasWriter) isAbsent(namespace string) bool {
	entries, why := w.loaded("namespaces")
	return why == "" && !slices.ContainsFunc(entries, func(e kube.DigestEntry) bool { return e.Record.Name == namespace })
}

var (
	readVerbs   = []string{"get", "list", "watch"}
	changeVerbs = []string{"create", "update", "patch", "delete", "deletecollection"}
)

// coverage names what some of the verbs are allowed for.
func coverage(rights *kube.Rights, verbs []string) string {
	var of []string
	for _, r := range rights.Resources {
		if !slices.Contains(r.Verbs, "*") && !slices.ContainsFunc(verbs, func(v string) bool {
			return slices.Contains(r.Verbs, v)
		}) {
			continue
		}
		for _, name := range r.Of {
			switch {
			case name == "*" && slices.Contains(r.Groups, "*"):
				return "everything"
			case isSelfReview(name): // that everybody may
			case name == "*":
				of = append(of, "all of "+groupNames(r.Groups))
			default:
				of = append(of, name)
			}
		}
	}
	slices.Sort(of)
	of = slices.Compact(of)
	if len(of) == 0 {
		return "nothing"
	}
	return fewOf(of, 5)
}

// groupNames names groups of the API; that of /api/v1 has no name of its own.
func groupNames(groups []string) string {
	names := slices.Clone(groups)
	if i := slices.Index(names, ""); i >= 0 {
		names[i] = "core"
	}
	return strings.Join(names, ", ")
}

func isSelfReview(resource string) bool { return strings.HasPrefix(resource, "selfsubject") }

// rightsLines are the rules, one a line.
func rightsLines(rights *kube.Rights) string {
	var b strings.Builder
	for _, r := range rights.Resources {
		b.WriteString(kinds.RuleText(r.Verbs, r.Groups, r.Of, r.Names) + "\n")
	}
	for _, r := range rights.Paths {
		b.WriteString(kinds.PathRuleText(r.Verbs, r.Of) + "\n")
	}
	if rights.Incomplete {
		b.WriteString("\nThere may be more: " + rights.Problem + "\n")
	}
	return b.String()
}

// authorizers are who decides what may be done, as far as it shows.
func (w *atlasWriter) authorizers() part {
	p := part{name: "authorizers", does: "decide what may be done"}
	if modes := w.argument("--authorization-mode="); modes != "" {
		p.say(kinds.Quiet, modes)
		p.how = "arguments of the kube-apiserver pod"
		return p
	}
	var found []string
	if c := w.feeds.checked; c != nil && c.Metrics != nil && len(c.Metrics.Authorizers) > 0 {
		found, p.how = append(found, c.Metrics.Authorizers...), "/metrics: those that have decided"
	} else {
		if _, ok := w.feeds.served(schema.GroupKind{Group: rbacGroup, Kind: "ClusterRole"}); ok {
			found = append(found, "RBAC is served")
		}
		if who := w.feeds.identity; who != nil {
			problem := strings.ToLower(who.Rights.Problem)
			for _, name := range []string{"webhook", "node"} {
				if strings.Contains(problem, name+" authorizer") {
					found = append(found, name)
				}
			}
		}
		p.how = "what the API shows; others may decide too"
	}
	if len(found) == 0 {
		return p.unseen(isNotShown, "not shown")
	}
	p.say(kinds.Quiet, strings.Join(found, ", "))
	return p
}

// argument is what a flag of the API server says, where its pods can be seen.
func (w *atlasWriter) argument(flag string) string {
	pods, _ := w.controlPods("kube-apiserver")
	for _, pod := range pods {
		for _, text := range pod.arguments {
			if value, ok := strings.CutPrefix(text, flag); ok {
				return value
			}
		}
	}
	return ""
}

// admission is what looks at each change before it is stored.
func (w *atlasWriter) admission() part {
	p := part{name: "admission", does: "judges each change"}
	policies := w.numbers("", "",
		schema.GroupKind{Group: admissionGroup, Kind: "ValidatingAdmissionPolicy"},
		schema.GroupKind{Group: admissionGroup, Kind: "MutatingAdmissionPolicy"})
	p.then = policies.then
	switch c := w.feeds.checked; {
	case c != nil && c.Metrics != nil && len(c.Metrics.Admission) > 0:
		p.say(kinds.Quiet, counted(len(c.Metrics.Admission), "plugins")+": "+fewOf(c.Metrics.Admission, 6))
		p.how = "/metrics: those that have judged"
		p.then = openLines{w.session, "admission plugins", strings.Join(c.Metrics.Admission, "\n") + "\n"}
	case w.argument("--enable-admission-plugins=") != "":
		p.say(kinds.Quiet, "the defaults and "+w.argument("--enable-admission-plugins="))
		p.how = "arguments of the kube-apiserver pod"
	case c != nil && c.MetricsErr != nil:
		p.note("plugins hidden: " + short(c.MetricsErr.Error()))
	default:
		p.note("plugins not shown")
	}
	if policies.sight == isSeen {
		p.says = append(p.says, policies.says...)
	}
	return p
}

package kinds

import (
	"cmp"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
)

// nameAndCreated are the columns of kinds for which the API server has no printer of
// their own (k8s.io/apiserver/pkg/registry/rest/table.go).
var nameAndCreated = []Column{{Name: "NAME"}, {Name: "CREATED AT"}}

func nameAndCreatedCells(r *Record) []Cell {
	return []Cell{ownCell(r.Name), ownCell(r.Created.UTC().Format(time.RFC3339))}
}

// addRules adds what a role allows, one line for each rule.
func (f *facts) addRules(rules []rbacv1.PolicyRule) {
	for i := range rules {
		r := &rules[i]
		if len(r.Resources) > 0 {
			f.add("Rule", RuleText(r.Verbs, r.APIGroups, r.Resources, r.ResourceNames))
		}
		if len(r.NonResourceURLs) > 0 {
			f.add("Rule", PathRuleText(r.Verbs, r.NonResourceURLs))
		}
	}
}

// PathRuleText is "get /healthz, /metrics", "any verb on any path".
func PathRuleText(verbs, paths []string) string {
	return anyOr(verbs, "any verb on") + " " + anyOr(paths, "any path")
}

// RuleText is "get, list deployments, daemonsets of apps", "get secrets named db",
// "any verb on any resource of any group".
func RuleText(verbs, groups, resources, names []string) string {
	text := anyOr(verbs, "any verb on") + " " + anyOr(resources, "any resource")
	if !slices.Equal(groups, []string{""}) || slices.Contains(resources, "*") {
		named := slices.Clone(groups)
		for i, g := range named {
			named[i] = firstOf(g, "core")
		}
		text += " of " + anyOr(named, "any group")
	}
	if len(names) > 0 {
		text += " named " + strings.Join(names, ", ")
	}
	return text
}

// anyOr lists values, or says everything in words.
func anyOr(values []string, everything string) string {
	if slices.Contains(values, "*") {
		return everything
	}
	return strings.Join(values, ", ")
}

// bindingColumns are those of a RoleBinding and of a ClusterRoleBinding.
var bindingColumns = []Column{
	{Name: "NAME"},
	{Name: "ROLE"},
	{Name: "AGE"},
	{Name: "USERS", Wide: true},
	{Name: "GROUPS", Wide: true},
	{Name: "SERVICEACCOUNTS", Wide: true},
}

const bindingLinksTo = "ClusterRole.rbac.authorization.k8s.io ServiceAccount"

// readBinding reads a binding of either kind.
func readBinding(role *rbacv1.RoleRef, subjects []rbacv1.Subject, r *Record) {
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(role.Kind + "/" + role.Name),
		AgeCell(r.Created),
		subjectCell(subjects, rbacv1.UserKind),
		subjectCell(subjects, rbacv1.GroupKind),
		subjectCell(subjects, rbacv1.ServiceAccountKind),
	}
	if to, ok := roleOf(role, r.Namespace); ok {
		r.linkTo(Grants, to, "")
	}
	for i := range subjects {
		s := &subjects[i]
		if s.Kind != rbacv1.ServiceAccountKind {
			continue
		}
		if account, ok := accountOf(s, r.Namespace); ok {
			r.linkTo(Binds, account, "")
		} else {
			r.Status = Status{Level: Degraded, Reason: Clean("service account " + s.Name + " " + bindsNobody)}
		}
	}
}

const bindsNobody = "has no namespace: it is not bound"

// accountOf names the ServiceAccount that a binding binds. One without a namespace is in
// that of the binding; the API server accepts no other, and its authorizer finds nobody
// (k8s.io/kubernetes/pkg/registry/rbac/validation/rule.go, appliesToUser).
func accountOf(s *rbacv1.Subject, namespace string) (to Ref, ok bool) {
	namespace = cmp.Or(s.Namespace, namespace)
	return core("ServiceAccount", namespace, s.Name), namespace != ""
}

// roleOf names the role that a binding grants. One in no namespace grants cluster roles only.
func roleOf(role *rbacv1.RoleRef, namespace string) (to Ref, ok bool) {
	switch {
	case role.Kind == "Role" && namespace != "":
		return ref(rbacv1.SchemeGroupVersion, "Role", namespace, role.Name), true
	case role.Kind == "ClusterRole":
		return ref(rbacv1.SchemeGroupVersion, "ClusterRole", "", role.Name), true
	}
	return Ref{}, false
}

func subjectCell(subjects []rbacv1.Subject, kind string) Cell {
	var names []string
	for i := range subjects {
		if s := &subjects[i]; s.Kind == kind {
			names = append(names, subjectName(s))
		}
	}
	return TextCell(strings.Join(names, ", "))
}

func subjectName(s *rbacv1.Subject) string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return s.Namespace + "/" + s.Name
	}
	return s.Name
}

func bindingDetails(role *rbacv1.RoleRef, subjects []rbacv1.Subject, namespace string) Details {
	var f facts
	if to, ok := roleOf(role, namespace); ok {
		f.link(role.Kind, to)
	} else {
		f.add(role.Kind, role.Name)
	}
	for i := range subjects {
		s := &subjects[i]
		account, ok := accountOf(s, namespace)
		switch {
		case s.Kind != rbacv1.ServiceAccountKind:
			f.add(s.Kind, s.Name)
		case ok:
			f.linkAs("Service account", account.Namespace+"/"+account.Name, account)
		default:
			f.addLevel("Service account", s.Name+" "+bindsNobody, Degraded)
		}
	}
	if len(subjects) == 0 {
		f.add("Subjects", "none: it grants nothing to anybody")
	}
	return Details{Facts: f}
}

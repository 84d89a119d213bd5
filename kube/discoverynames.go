package kube

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
)

// What discovery names ends in paths: of requests, and of files of the disk cache. So
// what the API itself would not accept as a name is passed over.

// groupAllowed reports whether a group's name is one that the API allows
// (kube-aggregator, pkg/apis/apiregistration/validation). The core group has none.
func groupAllowed(name string) bool {
	return name == "" || len(validation.IsDNS1123Subdomain(name)) == 0
}

// versionAllowed reports the same for a version.
func versionAllowed(name string) bool { return len(validation.IsDNS1035Label(name)) == 0 }

// resourceAllowed reports whether the name of a resource, or of a subresource behind it,
// can be a part of a path. That of a custom resource is a DNS label, but aggregated APIs
// name metrics.
func resourceAllowed(name string) bool {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || len(segment) > validation.DNS1123SubdomainMaxLength ||
			len(content.IsPathSegmentName(segment)) > 0 ||
			strings.ContainsFunc(segment, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return false
		}
	}
	return true
}

// dropForbiddenNames returns what the API allows of a discovery, and the rest in words
// (not clean).
func dropForbiddenNames(
	groups *metav1.APIGroupList, lists map[schema.GroupVersion]*metav1.APIResourceList,
) (*metav1.APIGroupList, map[schema.GroupVersion]*metav1.APIResourceList, []string) {
	allowed, dropped := groups.DeepCopy(), []string(nil)
	allowed.Groups = slices.DeleteFunc(allowed.Groups, func(g metav1.APIGroup) bool {
		if !groupAllowed(g.Name) {
			dropped = append(dropped, fmt.Sprintf("group %q", briefName(g.Name)))
		}
		return !groupAllowed(g.Name)
	})
	for i := range allowed.Groups {
		g := &allowed.Groups[i]
		g.Versions = slices.DeleteFunc(g.Versions, func(v metav1.GroupVersionForDiscovery) bool {
			if !versionAllowed(v.Version) {
				dropped = append(dropped, fmt.Sprintf("version %q of group %q", briefName(v.Version), g.Name))
			}
			return !versionAllowed(v.Version)
		})
		if !versionAllowed(g.PreferredVersion.Version) {
			g.PreferredVersion = metav1.GroupVersionForDiscovery{}
			if len(g.Versions) > 0 {
				g.PreferredVersion = g.Versions[0]
			}
		}
	}
	kept := map[schema.GroupVersion]*metav1.APIResourceList{}
	for gv, list := range lists {
		if !groupAllowed(gv.Group) || !versionAllowed(gv.Version) {
			continue
		}
		list = list.DeepCopy()
		list.APIResources = slices.DeleteFunc(list.APIResources, func(r metav1.APIResource) bool {
			if !resourceAllowed(r.Name) {
				dropped = append(dropped, fmt.Sprintf("resource %q of %s", briefName(r.Name), gv))
			}
			return !resourceAllowed(r.Name)
		})
		kept[gv] = list
	}
	slices.Sort(dropped)
	return allowed, kept, dropped
}

// briefName is a name that may be as long as a server likes.
func briefName(name string) string {
	const most = 60
	if len(name) > most {
		return name[:most] + "…"
	}
	return name
}

// reportForbiddenNames says what was passed over.
func (c *Cluster) reportForbiddenNames(dropped []string) {
	if len(dropped) == 0 {
		return
	}
	const most = 5
	text := strings.Join(dropped[:min(most, len(dropped))], ", ")
	if more := len(dropped) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	c.options.Messages.Add("warning", "discovery: passed over what the API does not allow as names: "+text)
}

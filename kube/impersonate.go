package kube

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// Impersonated is a user that a cluster is looked at as, in place of whom kubeconfig and flags name.
type Impersonated struct {
	User   string
	Groups []string
}

// ParseImpersonated reads "alice" or "alice,group1,group2".
func ParseImpersonated(text string) (*Impersonated, error) {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return nil, fmt.Errorf("%q is not USER or USER,GROUP,GROUP", kinds.Clean(text))
		}
		names = append(names, name)
	}
	return &Impersonated{User: names[0], Groups: slices.Clip(names[1:])}, nil
}

// String is "alice" or "alice in a, b". It is clean.
func (i *Impersonated) String() string {
	if len(i.Groups) == 0 {
		return kinds.Clean(i.User)
	}
	return kinds.Clean(i.User + " in " + strings.Join(i.Groups, ", "))
}

// impersonate makes requests be sent as somebody else. Groups that the kubeconfig names for its own
// as: are not theirs.
func (o Options) impersonate(config *rest.Config) {
	if o.As != nil {
		config.Impersonate = rest.ImpersonationConfig{UserName: o.As.User, Groups: o.As.Groups}
	}
}

// ActsAs is the user that requests are sent as, "" where that is nobody else. It is clean.
func (c *Cluster) ActsAs() string {
	if config := c.config.Load(); config != nil {
		return kinds.Clean(config.Impersonate.UserName)
	}
	return ""
}

// OnlyLooks reports whether the cluster was opened to look at it as somebody else, which is without
// write mode.
func (c *Cluster) OnlyLooks() bool { return c.options.As != nil }

// errOnlyLooks is why write mode is refused to an Impersonated.
func (c *Cluster) errOnlyLooks() error {
	return fmt.Errorf("%s is only viewed as %s, without write mode; start with --as to change it as them",
		c.name, c.ActsAs())
}

// MayImpersonate asks the API server whether we may act as the user that the cluster was opened for.
// It returns nil also where the answer does not come: each screen says that. Any goroutine may call
// it.
func (c *Cluster) MayImpersonate(ctx context.Context) error {
	var said authenticationv1.SelfSubjectReview
	err := c.review(ctx, authenticationv1.SchemeGroupVersion, "selfsubjectreviews",
		&authenticationv1.SelfSubjectReview{}, &said)
	// What alice may not do is alice's own; only who asks needs the right to impersonate.
	if apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot impersonate ") {
		return plain.Error("you may not act as "+c.options.As.String(), err)
	}
	return nil
}

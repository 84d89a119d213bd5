package memapi

import (
	"errors"
	"io"
	"net/http"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

const reviewMax = 1 << 20 // bytes that a review may be

// review answers what the user may do: read everything that is served.
func (a *API) review(req *http.Request, gv schema.GroupVersion, what string) (*http.Response, error) {
	text, err := io.ReadAll(io.LimitReader(req.Body, reviewMax))
	if err != nil {
		return nil, err
	}
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	switch review := obj.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		review.Status = a.access(review.Spec)
	case *authorizationv1.SelfSubjectRulesReview:
		all := []string{"*"}
		review.Status.ResourceRules = []authorizationv1.ResourceRule{{Verbs: verbs, APIGroups: all, Resources: all}}
		review.Status.NonResourceRules = []authorizationv1.NonResourceRule{{Verbs: []string{"get"}, NonResourceURLs: all}}
	case *authenticationv1.SelfSubjectReview:
		review.Status.UserInfo = authenticationv1.UserInfo{Username: "fathom", Groups: []string{"system:authenticated"}}
	default:
		resource := schema.GroupResource{Group: gv.Group, Resource: what}
		return nil, apierrors.NewForbidden(resource, "", errors.New("this API is read-only"))
	}
	obj.GetObjectKind().SetGroupVersionKind(gv.WithKind(kindOf(obj)))
	return answer(req, http.StatusCreated, jsonMedia, encode(obj)), nil
}

func kindOf(obj any) string {
	switch obj.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		return "SelfSubjectAccessReview"
	case *authorizationv1.SelfSubjectRulesReview:
		return "SelfSubjectRulesReview"
	}
	return "SelfSubjectReview"
}

func (a *API) access(spec authorizationv1.SelfSubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
	if path := spec.NonResourceAttributes; path != nil {
		return authorizationv1.SubjectAccessReviewStatus{Allowed: path.Verb == "get"}
	}
	ask := spec.ResourceAttributes
	if ask == nil || !slices.Contains(verbs, ask.Verb) {
		return authorizationv1.SubjectAccessReviewStatus{Reason: "this API is read-only"}
	}
	if ask.Subresource != "" && ask.Subresource != "status" && (ask.Resource != "pods" || ask.Subresource != "log") {
		return authorizationv1.SubjectAccessReviewStatus{Reason: "the API does not serve this subresource"}
	}
	for _, r := range a.served() {
		named := ask.Resource == r.name && slices.Contains(r.verbs, ask.Verb)
		if (ask.Group == "*" || ask.Group == r.gvk.Group) && (ask.Resource == "*" || named) {
			return authorizationv1.SubjectAccessReviewStatus{Allowed: true}
		}
	}
	return authorizationv1.SubjectAccessReviewStatus{Reason: "the API does not serve this resource"}
}

package kubetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// forbidden returns the refusal of RBAC (apiserver,
// pkg/endpoints/handlers/responsewriters/errors.go).
func forbidden(r *http.Request) *http.Response {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group, namespace, verb := "", "", "list"
	if parts[0] == "apis" {
		group = parts[1]
	}
	for i, part := range parts {
		if part == "namespaces" && i+2 < len(parts) {
			namespace = parts[i+1]
		}
	}
	resource := resourceOf(r.URL.Path)
	switch {
	case r.URL.Query().Get("watch") == "true":
		verb = "watch"
	case parts[len(parts)-1] != resource:
		verb = "get"
	}
	where := "at the cluster scope"
	if namespace != "" {
		where = fmt.Sprintf("in the namespace %q", namespace)
	}
	message := fmt.Sprintf("%s is forbidden: User %q cannot %s resource %q in API group %q %s",
		resource, "eve", verb, resource, group, where)
	body, err := json.Marshal(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden,
		Message: message,
	})
	if err != nil {
		panic(err) // A Status can be written.
	}
	return &http.Response{
		StatusCode: http.StatusForbidden, Status: "403 Forbidden", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}
}

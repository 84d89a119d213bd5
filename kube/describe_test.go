package kube

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

func TestDescribeFollowsTheObject(t *testing.T) {
	s := newServer(t)
	put := func(value string) {
		s.put(newObject("v1", "ConfigMap", "shop", "app", object{"data": object{"key": value}}))
	}
	put("first\x1b[2J")
	c := s.open(t)
	d := c.Describe(
		Resource{
			GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"},
			Kind:                 "ConfigMap",
			Namespaced:           true,
		},
		"shop",
		"app",
	)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	next := func(what string, reached func(Described) bool) Described {
		for {
			msg, err := d.Next(ctx)
			if err != nil {
				t.Fatalf("waited in vain for %s: %v", what, err)
			}
			if got := msg.(Described); reached(got) {
				return got
			}
		}
	}
	first := next("a description", func(Described) bool { return true })
	if first.Err != nil || !strings.Contains(first.Text, "first") || strings.Contains(first.Text, "\x1b") ||
		first.At.IsZero() {
		t.Errorf("described %+v", first)
	}
	put("second")
	next("the change", func(d Described) bool { return strings.Contains(d.Text, "second") })
	s.remove("ConfigMap", "app")
	gone := next("the end", func(d Described) bool { return d.Err != nil })
	if !apierrors.IsNotFound(gone.Err) || !strings.Contains(gone.Text, "second") {
		t.Errorf("after the end: %+v", gone)
	}
}

// TestDescribeHidesValues describes Secrets as they are, and as a server may send them against its own rules.
func TestDescribeHidesValues(t *testing.T) {
	marked := kubetest.NewMarked("shop")
	s := newServer(t)
	s.Apply(t, marked.Objects[:strings.LastIndex(marked.Objects, "---")])
	c := s.open(t)
	secrets := Resource{
		GroupVersionResource: corev1.SchemeGroupVersion.WithResource("secrets"), Kind: "Secret", Namespaced: true,
	}
	describe := func(name string) Described {
		t.Helper()
		msg, err := c.Describe(secrets, "shop", name).Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return msg.(Described)
	}
	for name, want := range map[string]string{
		"token": "token:  24 bytes\n", "copied": "example.com/value: <24 bytes hidden>\n", "tls": "tls.key:  79 bytes\n",
		"plain": "copy=<24 bytes hidden>\n",
	} {
		got := describe(name)
		if got.Err != nil || !strings.Contains(got.Text, want) {
			t.Errorf("%s: %v, want %q in\n%s", name, got.Err, want, got.Text)
		}
		if places := marked.Leaks([]byte(got.Text)); len(places) > 0 {
			t.Errorf("%s: shows the values of %q in\n%s", name, places, got.Text)
		}
	}
	for form, body := range map[string]string{
		"application/vnd.kubernetes.protobuf": "k8s\x00", "application/json": `["a"]`, "": `{"data`,
	} {
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/secrets/token") {
				return false
			}
			if accept := r.Header.Get("Accept"); accept != "application/json" {
				t.Errorf("a Secret was requested as %s", accept)
			}
			w.Header().Set("Content-Type", form)
			_, _ = io.WriteString(w, body)
			return true
		})
		if got := describe("token"); got.Err == nil || !strings.Contains(got.Err.Error(), "so its values cannot be hidden") {
			t.Errorf("%s: %v\n%s", form, got.Err, got.Text)
		}
	}
}

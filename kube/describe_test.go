package kube

import (
	"context"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
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

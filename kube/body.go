package kube

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Decode returns the whole object of a record: typed for kinds with New, else
// *unstructured.Unstructured.
func (c *Cluster) Decode(r *kinds.Record) (runtime.Object, error) { return nil, nil }

// Fields returns the whole object as `kubectl get -o json` prints it, with
// managedFields shrunk to who, when and what operation.
func (c *Cluster) Fields(r *kinds.Record) (map[string]any, error) { return nil, nil }

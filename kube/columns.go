package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// kindWithFile is the kind whose file reads exactly this resource in this version,
// or nil.
func kindWithFile(gvr schema.GroupVersionResource) *kinds.Kind {
	if gvr == kinds.HelmRelease.GVR() {
		return kinds.HelmRelease
	}
	all := kinds.All()
	i := slices.IndexFunc(all, func(k *kinds.Kind) bool { return k.GVR() == gvr })
	if i < 0 {
		return nil
	}
	return all[i]
}

// readerFor finds out how a listing's objects are read:
//
//	a kind with a file              typed, as protobuf; as JSON where it has no type;
//	                                a Helm release from its Secret
//	pods and nodes of metrics       as kinds.Metrics says
//	a CustomResourceDefinition      its printer columns, if the user may read it
//	everything else                 the API server's own Table
func (c *Cluster) readerFor(ctx context.Context, l *Listing) (*scopeReader, error) {
	s := &scopeReader{scope: l.scope, watchable: true, bodies: c.bodies.Codec(l.scope.GroupVersionResource)}
	gvr := l.scope.GroupVersionResource
	if s.kind = kindWithFile(gvr); s.kind != nil {
		if s.kind.New == nil {
			return s, s.connect(c, plainJSON)
		}
		var err error
		if s.mask, err = wire.NewFieldMask(s.kind.New(), s.kind.Skip); err != nil {
			return nil, err
		}
		if s.unjudged, err = wire.NewFieldMask(s.kind.New(), s.kind.Unjudged); err != nil {
			return nil, err
		}
		s.scope = l.scope.requested(s.kind)
		return s, s.connect(c, protobuf)
	}
	if err := c.WaitResources(ctx); err != nil {
		return nil, err
	}
	res, ok := c.Resources().byResource(gvr)
	if !ok {
		return nil, apierrors.NewNotFound(gvr.GroupResource(), "")
	}
	s.watchable = res.Can("watch")
	generation := int64(0)
	if gvr.Group == kinds.MetricsGroup && (gvr.Resource == "pods" || gvr.Resource == "nodes") {
		s.kind = kinds.Metrics(gvr, res.Kind, res.Namespaced)
	} else if !scheme.Scheme.IsVersionRegistered(gvr.GroupVersion()) {
		s.kind, generation = c.definedKind(ctx, res)
	}
	content := plainJSON
	if s.kind == nil {
		if err := c.tableKind(ctx, s, res); err != nil {
			return nil, err
		}
		if s.table {
			content = tables
		}
	}
	// The same columns as before keep the rows.
	if old := l.Kind(); old != nil && slices.Equal(old.Columns, s.kind.Columns) && l.generation.Load() == generation {
		s.kind = old
	}
	l.generation.Store(generation)
	return s, s.connect(c, content)
}

// requested returns the scope of the objects that hold those of a kind.
func (s Scope) requested(k *kinds.Kind) Scope {
	if k.In != nil {
		s.GroupVersionResource = k.In.GVR()
		s.Labels = strings.TrimSuffix(k.InLabels+","+s.Labels, ",")
	}
	return s
}

func (s *scopeReader) connect(c *Cluster, content rest.ContentConfig) (err error) {
	s.client, err = c.rest(s.scope.GroupVersion(), content)
	return err
}

// definition is the part of a CustomResourceDefinition that says how its
// objects are shown.
type definition struct {
	Metadata struct {
		Generation int64 `json:"generation"`
	} `json:"metadata"`
	Spec struct {
		Versions []struct {
			Name    string                `json:"name"`
			Columns []kinds.PrinterColumn `json:"additionalPrinterColumns"`
		} `json:"versions"`
	} `json:"spec"`
}

// definedKind reads the columns of a CustomResourceDefinition; nil when there is none,
// or it cannot be read.
func (c *Cluster) definedKind(ctx context.Context, res Resource) (*kinds.Kind, int64) {
	client, err := c.rest(definitions.GroupVersion(), plainJSON)
	if err != nil {
		return nil, 0
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	body, err := client.Get().Resource(definitions.Resource).Name(res.GroupResource().String()).Do(ctx).Raw()
	var d definition
	if err != nil || json.Unmarshal(body, &d) != nil {
		return nil, 0
	}
	for _, v := range d.Spec.Versions {
		if v.Name != res.Version {
			continue
		}
		kind, err := kinds.Generic(res.GroupVersionResource, res.Kind, res.Namespaced, v.Columns)
		if err != nil {
			c.options.Messages.Add("warning", plain.Error("", err).Error())
		}
		return kind, d.Metadata.Generation
	}
	return nil, 0
}

// tableKind asks for a Table of one row, for its columns. An API server that
// does not make Tables answers with a plain list.
func (c *Cluster) tableKind(ctx context.Context, s *scopeReader, res Resource) error {
	probe := &scopeReader{scope: s.scope, table: true}
	if err := probe.connect(c, tables); err != nil {
		return err
	}
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	answer, err := probe.request(metav1.ListOptions{Limit: 1}).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	list, err := openJSONList(answer, s.scope.GroupResource().String())
	if err != nil {
		return fmt.Errorf("read the columns: %w", err)
	}
	if s.table = list.isTable(); s.table {
		s.kind = kinds.FromTable(res.GroupVersionResource, res.Kind, res.Namespaced, list.columns)
		return nil
	}
	s.kind, err = kinds.Generic(res.GroupVersionResource, res.Kind, res.Namespaced, nil)
	return err
}

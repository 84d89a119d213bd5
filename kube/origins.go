package kube

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

// Origin says where a group version comes from.
type Origin struct {
	BuiltIn bool   // the API server itself has it
	Custom  bool   // CustomResourceDefinitions make it
	Service string // of the aggregated API server that has it: "kube-system/metrics-server:443"
	Problem string // why it is not available, in the API server's words; clean
}

// OriginsRead is what Origins yield.
type OriginsRead struct {
	From *Origins
	All  map[schema.GroupVersion]Origin
	Err  error // why All is old or missing; its text is clean
}

// Origins is a source of OriginsRead.
type Origins struct {
	cluster *Cluster
	changed <-chan struct{}
	all     map[schema.GroupVersion]Origin
}

// originsEvery is how old what is known of APIServices may get while somebody looks:
// whether one is available changes without the API doing so.
const originsEvery = 30 * time.Second

// Origins follows where the group versions come from. The APIServices say that, one for
// each group version: the API server marks those that it makes itself.
func (c *Cluster) Origins() *Origins { return &Origins{cluster: c} }

// Next waits for what is new.
func (o *Origins) Next(ctx context.Context) (any, error) {
	if o.changed == nil {
		changed, unsubscribe := o.cluster.discovery.wake.Subscribe()
		o.cluster.options.Messages.contain().StartWhenDone(ctx, "origins of the API", unsubscribe)
		o.changed = changed
	} else if !signal.Sleep(ctx, originsEvery, o.changed) {
		return nil, ctx.Err()
	}
	all, err := o.read(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		o.all = all
	}
	return OriginsRead{o, o.all, err}, nil
}

func (o *Origins) read(ctx context.Context) (all map[schema.GroupVersion]Origin, err error) {
	c := o.cluster
	defer c.options.Messages.Recover(apiServices.Resource, &err)
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	answer, err := c.requestMetadata(ctx, apiServices, "application/json", metav1.ListOptions{})
	if err != nil {
		return nil, plain.Error("", inWords(apiServices.Resource, err))
	}
	defer func() { _ = answer.Close() }()
	list, err := openJSONList(answer, apiServices.Resource)
	if err != nil {
		return nil, plain.Error(apiServices.Resource, err)
	}
	all = map[schema.GroupVersion]Origin{}
	var text []byte
	for {
		if text, err = list.Next(text[:0]); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, plain.Error(apiServices.Resource, err)
		}
		var s apiService
		if json.Unmarshal(text, &s) == nil {
			all[schema.GroupVersion{Group: s.Spec.Group, Version: s.Spec.Version}] = s.origin()
		}
	}
}

// apiService is what is read of an APIService.
type apiService struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Service *struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
			Port      int    `json:"port"`
		} `json:"service"`
	} `json:"spec"`
	Status struct {
		Conditions []struct {
			Type    string `json:"type"`
			Status  string `json:"status"`
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"conditions"`
	} `json:"status"`
}

// automanaged is how the API server marks the APIServices that it makes (kube-aggregator,
// pkg/controllers/autoregister): those of its own groups when it starts, those of
// CustomResourceDefinitions all the time.
const automanaged = "kube-aggregator.kubernetes.io/automanaged"

func (s *apiService) origin() Origin {
	o := Origin{}
	switch mark := s.Metadata.Labels[automanaged]; {
	case s.Spec.Service != nil:
		port := s.Spec.Service.Port
		if port == 0 {
			port = 443 // its default (kube-aggregator, pkg/apis/apiregistration/v1/defaults.go)
		}
		o.Service = kinds.Clean(s.Spec.Service.Namespace + "/" + s.Spec.Service.Name + ":" + strconv.Itoa(port))
	case mark == "true":
		o.Custom = true
	default:
		o.BuiltIn = true
	}
	for _, c := range s.Status.Conditions {
		if c.Type == "Available" && c.Status != "True" {
			o.Problem = kinds.Clean(c.Reason + ": " + c.Message)
		}
	}
	return o
}

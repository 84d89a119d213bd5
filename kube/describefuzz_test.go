package kube

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/describe"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// maker makes objects of any type. Bytes decide what is in them; where there are no more,
// everything that can be left out is.
type maker struct{ bytes []byte }

// choose returns a number below n.
func (m *maker) choose(n int) int {
	if len(m.bytes) == 0 {
		return 0
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return int(b) % n
}

// texts are what a text may be: names that find each other, and what is none of them.
var texts = []string{"", "a", "b", "shop", "TCP", "Indexed", "Resource", "RuntimeDefault", "Localhost", "v1", "-1",
	"日\t\n%s"}

// operators are those of label selectors and tolerations. With others there is nothing to
// describe.
var operators = []string{"Exists", "DoesNotExist", "In", "NotIn"}

// metricSources are the types of what an autoscaler looks at.
var metricSources = []string{"", "Resource", "ContainerResource", "Pods", "Object", "External", "x"}

// textsOf returns what a text of a type may be.
func textsOf(name string) []string {
	switch {
	case strings.HasSuffix(name, "Operator"):
		return operators
	case name == "MetricSourceType":
		return metricSources
	}
	return texts
}

const makerDepth = 12

// fill sets a value, as deep as there are bytes.
func (m *maker) fill(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case metav1.Time:
		v.Set(reflect.ValueOf(metav1.Unix(int64(m.choose(256))<<24, 0)))
		return
	case metav1.MicroTime:
		v.Set(reflect.ValueOf(metav1.MicroTime{Time: time.Unix(int64(m.choose(256))<<24, 0)}))
		return
	case resource.Quantity:
		v.Set(reflect.ValueOf(resource.MustParse([]string{"0", "1", "100m", "1Gi", "-1"}[m.choose(5)])))
		return
	case intstr.IntOrString:
		v.Set(reflect.ValueOf([]intstr.IntOrString{
			intstr.FromInt32(0), intstr.FromString("25%"), intstr.FromString("a"), intstr.FromInt32(-1),
		}[m.choose(4)]))
		return
	case runtime.RawExtension:
		v.Set(reflect.ValueOf(runtime.RawExtension{Raw: []byte([]string{"null", "{}", `"x"`}[m.choose(3)])}))
		return
	case metav1.FieldsV1:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if depth < makerDepth && m.choose(2) == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				m.fill(field, depth+1)
			}
		}
	case reflect.Slice:
		n := m.choose(3)
		if depth >= makerDepth || n == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			m.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		if depth >= makerDepth || m.choose(2) == 0 {
			return
		}
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		m.fill(key, depth+1)
		m.fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		all := textsOf(v.Type().Name())
		v.SetString(all[m.choose(len(all))])
	case reflect.Bool:
		v.SetBool(m.choose(2) == 1)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 80, 1 << 30}[m.choose(5)])
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(m.choose(2)))
	case reflect.Float64:
		v.SetFloat(float64(m.choose(2)))
	default:
	}
}

// object makes an object, called a in the namespace shop, as JSON has it.
func (m *maker) object(t testing.TB, gvk schema.GroupVersionKind, namespaced bool) memapi.Object {
	t.Helper()
	typed, err := scheme.Scheme.New(gvk)
	if err != nil {
		t.Fatal(err)
	}
	m.fill(reflect.ValueOf(typed).Elem(), 0)
	if csr, ok := typed.(*certificatesv1.CertificateSigningRequest); ok && m.choose(4) > 0 {
		csr.Spec.Request = signingRequest(t)
	}
	about, err := meta.Accessor(typed)
	if err != nil {
		t.Fatal(err)
	}
	about.SetName("a")
	about.SetNamespace("")
	if namespaced {
		about.SetNamespace("shop")
	}
	about.SetResourceVersion("")
	typed.GetObjectKind().SetGroupVersionKind(gvk)
	text, err := json.Marshal(typed)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	o, err := memapi.ObjectOf(u)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// signingRequest is one that can be read: of others there is nothing to describe.
func signingRequest(t testing.TB) []byte {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	der, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{DNSNames: []string{"a"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// related are the kinds that describers look up beside the object.
var related = []string{
	"Pod", "ReplicaSet", "Event", "EndpointSlice", "PersistentVolumeClaim", "ServiceAccount", "Secret", "Service",
	"ResourceQuota", "LimitRange", "Lease", "Node", "ReplicationController", "ControllerRevision", "Job", "StorageClass",
}

// describedKind is a kind that a Describe can be asked for.
type describedKind struct {
	Resource
	own bool // kubectl has a describer of its own for it
}

// describedKinds are all built-in kinds, by name, that the API in memory serves.
func describedKinds(t testing.TB, c *Cluster) (all []describedKind) {
	t.Helper()
	if err := c.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Resources().All() {
		gvk := r.GroupVersion().WithKind(r.Kind)
		if !scheme.Scheme.Recognizes(gvk) {
			continue
		}
		_, own := describe.DescriberFor(r.GroupKind(), &rest.Config{})
		all = append(all, describedKind{r, own})
	}
	slices.SortFunc(all, func(a, b describedKind) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// describeLimit is how long a description may take.
const describeLimit = 20 * time.Second

// describeMade makes an object and what is around it, and describes it.
func describeMade(
	t testing.TB, c *Cluster, api *memapi.API, all []describedKind, kind describedKind, data []byte,
) error {
	t.Helper()
	m := &maker{data}
	objects := []memapi.Object{m.object(t, kind.GroupVersion().WithKind(kind.Kind), kind.Namespaced)}
	for _, other := range all {
		if other.Kind != kind.Kind && slices.Contains(related, other.Kind) && m.choose(4) == 1 {
			objects = append(objects, m.object(t, other.GroupVersion().WithKind(other.Kind), other.Namespaced))
		}
	}
	if err := api.Replace(objects); err != nil {
		t.Fatal(err)
	}
	namespace := ""
	if kind.Namespaced {
		namespace = "shop"
	}
	done := make(chan error, 1)
	go func() {
		d := &Description{cluster: c, resource: kind.Resource, namespace: namespace, name: "a"}
		d.newDescriber = d.describer
		_, err := d.runDescriber()
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(describeLimit):
		t.Fatalf("%s: no description after %s", kind.Kind, describeLimit)
		return nil
	}
}

// checkDescribed holds that an error of a describer says in words what it is.
func checkDescribed(t *testing.T, kind describedKind, err error) {
	t.Helper()
	if err == nil {
		return
	}
	what := kind.GroupResource().String() + " "
	if strings.Contains(err.Error(), "panic: ") &&
		!strings.HasPrefix(err.Error(), "kubectl's describer cannot describe "+what) {
		t.Errorf("%s: %v", what, err)
	}
	if shown := plain.Error("", err).Error(); shown == "" || kinds.Clean(shown) != shown {
		t.Errorf("%s: %q", what, shown)
	}
}

// TestDescribersTakeAnyObject describes objects of every kind whose parts are left out at
// random. None may do more than be an error, and kubectl's describer must not trip over
// what kinds.SetDefaults can fill in: that is what is missing where a panic is named.
func TestDescribersTakeAnyObject(t *testing.T) {
	c, api := fromTape(t, func(o *Options) { o.Messages = NewMessages() })
	all := describedKinds(t, c)
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range all {
		rounds := 40
		if !kind.own || testing.Short() {
			rounds = 5
		}
		panicked := 0
		for range rounds {
			data := make([]byte, random.IntN(2000))
			for i := range data {
				data[i] = byte(random.Uint32())
			}
			err := describeMade(t, c, api, all, kind, data)
			checkDescribed(t, kind, err)
			if err != nil && strings.Contains(err.Error(), "panic: ") {
				panicked++
				t.Log(err)
			}
		}
		if panicked > 0 {
			t.Errorf("%s: %d of %d cannot be described", kind.GroupResource(), panicked, rounds)
		}
	}
}

// FuzzDescribe takes the kind by its place among all of them.
func FuzzDescribe(f *testing.F) {
	c, api := fromTape(f, func(o *Options) { o.Messages = NewMessages() })
	all := describedKinds(f, c)
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		chosen := all[int(kind)%len(all)]
		checkDescribed(t, chosen, describeMade(t, c, api, all, chosen, data))
	})
}

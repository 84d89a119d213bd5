package memapi

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// counted is Data that says how often it was read.
type counted struct {
	Raw
	reads int
}

func (c *counted) Bytes() ([]byte, error) {
	c.reads++
	return c.Raw, nil
}

// podObject is a pod as a recording holds it.
func podObject(t *testing.T, encoding Encoding, name string, version uint64, phase corev1.PodPhase) Object {
	t.Helper()
	pod := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name:            name,
			Namespace:       "shop",
			UID:             "uid-of-1",
			ResourceVersion: strconv.FormatUint(version, 10),
			Labels:          map[string]string{"app": "web"},
		},
		Status: corev1.PodStatus{Phase: phase},
	}
	data := encode(pod)
	if encoding == Protobuf {
		data, _ = pod.Marshal()
	}
	return Object{
		GVK: podKind, Namespace: "shop", Name: name, UID: pod.UID, Version: version, Labels: pod.Labels,
		Encoding: encoding, Data: Raw(data),
	}
}

func empty(t *testing.T, media string) (*API, *kubernetes.Clientset) {
	t.Helper()
	a, config, client := open(t, media)
	if err := a.Replace(nil); err != nil {
		t.Fatal(err)
	}
	_ = config
	return a, client
}

func TestPutServesEveryEncodingAsAskedFor(t *testing.T) {
	for _, held := range []Encoding{JSON, Protobuf} {
		for _, media := range []string{jsonMedia, protobufMedia} {
			t.Run(fmt.Sprint(held, media), func(t *testing.T) {
				a, client := empty(t, media)
				if err := a.Put(podObject(t, held, "x", 900, corev1.PodRunning)); err != nil {
					t.Fatal(err)
				}
				got, err := client.CoreV1().Pods("shop").Get(t.Context(), "x", metav1.GetOptions{})
				if err != nil || got.Status.Phase != corev1.PodRunning || got.ResourceVersion != "900" || got.UID != "uid-of-1" {
					t.Fatal(got, err)
				}
				list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{FieldSelector: "status.phase=Running"})
				if err != nil || len(list.Items) != 1 || !reflect.DeepEqual(list.Items[0].Status, got.Status) {
					t.Error(list, err)
				}
			})
		}
	}
}

func TestReplaceTellsTheDifferenceWithRisingVersions(t *testing.T) {
	for _, held := range []Encoding{JSON, Protobuf} {
		t.Run(fmt.Sprint(held), func(t *testing.T) {
			a, client := empty(t, protobufMedia)
			same := podObject(t, held, "same", 901, corev1.PodRunning)
			same.Data = &counted{Raw: same.Data.(Raw)}
			early := []Object{
				same,
				podObject(t, held, "moves", 902, corev1.PodPending),
				podObject(t, held, "early", 903, corev1.PodRunning),
			}
			late := []Object{
				same,
				podObject(t, held, "moves", 912, corev1.PodRunning),
				podObject(t, held, "late", 911, corev1.PodRunning),
			}
			if err := a.Replace(early); err != nil {
				t.Fatal(err)
			}
			list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			reads := same.Data.(*counted).reads
			w, err := client.CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Stop()
			last, _ := strconv.ParseUint(list.ResourceVersion, 10, 64)
			hear := func(n int) (heard []string) {
				for range n {
					e := next(t, w)
					pod := e.Object.(*corev1.Pod)
					version, _ := strconv.ParseUint(pod.ResourceVersion, 10, 64)
					if version <= last {
						t.Errorf("%s %s: version %d after %d", e.Type, pod.Name, version, last)
					}
					last = version
					heard = append(heard, fmt.Sprint(e.Type, " ", pod.Name, " ", pod.Status.Phase))
				}
				slices.Sort(heard)
				return heard
			}
			for _, jump := range []struct {
				to   []Object
				want []string
			}{
				{late, []string{"ADDED late Running", "DELETED early Running", "MODIFIED moves Running"}},
				{early, []string{"ADDED early Running", "DELETED late Running", "MODIFIED moves Pending"}},
				{late, []string{"ADDED late Running", "DELETED early Running", "MODIFIED moves Running"}},
			} {
				if err := a.Replace(jump.to); err != nil {
					t.Fatal(err)
				}
				if heard := hear(3); !slices.Equal(heard, jump.want) {
					t.Errorf("got %q, want %q", heard, jump.want)
				}
			}
			if again := same.Data.(*counted).reads; again != reads {
				t.Errorf("the object that stayed was read %d times", again-reads)
			}
		})
	}
}

func TestUpdateIsOneMoment(t *testing.T) {
	a, client := empty(t, protobufMedia)
	if err := a.Put(podObject(t, JSON, "a", 901, "")); err != nil {
		t.Fatal(err)
	}
	bad := podObject(t, JSON, "b", 902, "")
	bad.Namespace = ""
	gone := []Ref{{podKind.GroupKind(), "shop", "a"}}
	if err := a.Update([]Object{podObject(t, JSON, "c", 903, ""), bad}, gone); err == nil {
		t.Error("a pod without namespace was put")
	}
	list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Name != "a" {
		t.Error("something of a refused update was done:", list, err)
	}
}

func TestJumpLargerThanHistoryIsHeardWhole(t *testing.T) {
	a, client := empty(t, protobufMedia) // which keeps 20 changes
	list, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var many []Object
	for n := range 50 {
		many = append(many, podObject(t, Protobuf, fmt.Sprint("p", n), uint64(1000+n), ""))
	}
	if err := a.Replace(many); err != nil {
		t.Fatal(err)
	}
	w, err := client.CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for range many {
		if e := next(t, w); e.Type != watch.Added {
			t.Fatal(e)
		}
	}
}

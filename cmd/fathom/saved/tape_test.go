package saved

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/tape"
)

func TestWhatATapeCannotShowIsReported(t *testing.T) {
	var out bytes.Buffer
	about := tape.About{Cluster: "prod-eu", Started: time.Now(), Logs: "none"}
	w, err := tape.NewWriter(&out, about, func() time.Time { return about.Started })
	if err != nil {
		t.Fatal(err)
	}
	definitions := tape.Resource{GroupVersionResource: schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	}, Kind: "CustomResourceDefinition"}
	_ = w.Put(tape.Object{
		Resource: &definitions, Name: "widgets.example.com", Body: []byte(`{"spec":{"versions":"v1"}}`),
	}, tape.Step)
	_ = w.Mark(tape.Complete, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var reported []string
	c, err := Loop(out.Bytes(), "x.tape", 1, Options{
		Paused: true, Report: func(level, text string) { reported = append(reported, level+": "+text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const want = "warning: x.tape: not shown: the CustomResourceDefinition widgets.example.com cannot be read: "
	if len(reported) != 1 || !strings.HasPrefix(reported[0], want) || strings.Contains(reported[0], "\n") {
		t.Errorf("reported: %q", reported)
	}
}

package kube

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// filledIn sets in a Backend's answers what an API server always sets: kubectl's describer
// reads it without a look. It is below what reads times and hides values.
type filledIn struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (f filledIn) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := f.next.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK || req.URL.Query().Has("watch") ||
		!strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	body = withDefaults(body)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return res, nil
}

// withDefaults fills in an object, or the items of a list. What it does not know stays as
// it was.
func withDefaults(body []byte) []byte {
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		return body
	}
	changed := kinds.SetDefaults(obj)
	if meta.IsListType(obj) {
		_ = meta.EachListItem(obj, func(item runtime.Object) error {
			changed = kinds.SetDefaults(item) || changed
			return nil
		})
	}
	if !changed {
		return body
	}
	filled, err := json.Marshal(obj)
	if err != nil {
		return body
	}
	return filled
}

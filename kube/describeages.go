package kube

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube/transport"

	"k8s.io/client-go/rest"
)

// describeAt lets kubectl's describer read a Backend's objects, in which the defaults are
// filled in, and count ages from its now. It counts them from the wall clock, and nothing
// else that it prints depends on that, so the times behind those ages are moved by the
// difference of the two clocks.
func describeAt(config *rest.Config, now func() time.Time) {
	config.ContentType, config.AcceptContentTypes = "application/json", "application/json"
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &movedTimes{filledIn{next}, now} })
}

type movedTimes struct {
	next http.RoundTripper
	now  func() time.Time
}

// agedFields are the times that the describer prints only as ages (kubectl,
// pkg/describe, translateTimestampSince), by resource.
var agedFields = map[string][][]string{
	"events":                 {{"eventTime"}, {"firstTimestamp"}, {"lastTimestamp"}, {"series", "lastObservedTime"}},
	"pods":                   {{"metadata", "deletionTimestamp"}},
	"persistentvolumes":      {{"metadata", "deletionTimestamp"}},
	"persistentvolumeclaims": {{"metadata", "deletionTimestamp"}},
}

// agedInNode is the age of the pods in the description of a node.
var agedInNode = [][]string{{"metadata", "creationTimestamp"}}

// RoundTrip implements http.RoundTripper.
func (m *movedTimes) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := m.next.RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	fields := agedIn(req)
	if fields == nil {
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	moved := moveTimes(body, fields, time.Since(m.now()))
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(moved)), int64(len(moved))
	res.Header.Del("Content-Length")
	return res, nil
}

// agedIn returns which fields of the answer are read as ages.
func agedIn(req *http.Request) [][]string {
	path, ok := transport.APIPath(req.URL, "")
	if !ok || len(path) < 3 || path[0] != "api" {
		return nil
	}
	path = path[2:]
	if path[0] == "namespaces" && len(path) > 2 {
		path = path[2:]
	}
	if path[0] == "pods" && len(path) == 1 && strings.Contains(req.URL.Query().Get("fieldSelector"), "spec.nodeName=") {
		return agedInNode
	}
	return agedFields[path[0]]
}

// moveTimes adds to the times at the paths of an object, or of a list's items.
// What it does not understand stays as it was.
func moveTimes(body []byte, fields [][]string, by time.Duration) []byte {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return body
	}
	objects := []any{object}
	if items, ok := object["items"].([]any); ok {
		objects = items
	}
	for _, o := range objects {
		for _, field := range fields {
			moveTime(o, field, by)
		}
	}
	moved, err := json.Marshal(object)
	if err != nil {
		return body
	}
	return moved
}

func moveTime(object any, field []string, by time.Duration) {
	at, ok := object.(map[string]any)
	for _, name := range field[:len(field)-1] {
		if !ok {
			return
		}
		at, ok = at[name].(map[string]any)
	}
	if !ok {
		return
	}
	last := field[len(field)-1]
	text, _ := at[last].(string)
	stamp, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return
	}
	layout := time.RFC3339
	if strings.Contains(text, ".") {
		layout = "2006-01-02T15:04:05.000000Z07:00"
	}
	at[last] = stamp.Add(by).Format(layout)
}

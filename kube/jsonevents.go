package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/transport"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// jsonEvents reads the body of a watch in JSON:
//
//	{"type": "MODIFIED", "object": {…}}
//	{"type": "DELETED", "object": {…}}
//
// client-go's own reader would hold an event of any size.
type jsonEvents struct {
	decoder *json.Decoder
	budget  *transport.Budget
	what    string // is watched: "pods"
}

func newJSONEvents(body io.Reader, what string) *jsonEvents {
	budget := &transport.Budget{From: body, Limit: transport.ObjectMax, What: "event about " + what}
	return &jsonEvents{json.NewDecoder(budget), budget, what}
}

// next reads an event. The error of an event that says ERROR is the API server's own.
func (e *jsonEvents) next() (kind watch.EventType, object json.RawMessage, err error) {
	e.budget.Reset()
	var event struct {
		Type   watch.EventType `json:"type"`
		Object json.RawMessage `json:"object"`
	}
	if err := e.decoder.Decode(&event); err != nil {
		return "", nil, e.explain(err)
	}
	switch event.Type {
	case watch.Added, watch.Modified, watch.Deleted, watch.Bookmark, watch.Error:
	default:
		return "", nil, fmt.Errorf("watched %s, and the API server sent an event of the unknown type %q",
			e.what, kinds.Clean(string(event.Type)))
	}
	if len(event.Object) == 0 || event.Object[0] != '{' {
		return "", nil, fmt.Errorf("watched %s, and the API server sent an event without an object", e.what)
	}
	return event.Type, event.Object, nil
}

// status reads the object of an event that says ERROR.
func (e *jsonEvents) status(object json.RawMessage) (*metav1.Status, error) {
	status := &metav1.Status{}
	if json.Unmarshal(object, status) != nil || status.Kind != "Status" {
		return nil, fmt.Errorf("watched %s, and the API server sent an error that is not a Status", e.what)
	}
	wire.Explain(status)
	return status, nil
}

// explain makes an error of the decoder say what was read.
func (e *jsonEvents) explain(err error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, other := errors.AsType[*json.UnmarshalTypeError](err)
	if syntax || other {
		return fmt.Errorf("watched %s, and the API server sent what is not an event", e.what)
	}
	return err
}

package kube

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/transport"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// jsonList cuts a list or a Table in JSON into its objects while it arrives, as
// wire.ListStream does for protobuf:
//
//	{"kind": "PodList", "metadata": {…}, "items": [{…}, …]}
//	{"kind": "Table", "metadata": {…}, "columnDefinitions": […], "rows": [{"cells": […], "object": {…}}, …]}
type jsonList struct {
	decoder  *json.Decoder
	budget   *transport.Budget
	what     string // was asked for: "pods"
	listKind string // of a list whose objects need not say what they are; "" is any
	inItems  bool
	kind     string
	metadata metav1.ListMeta
	columns  []metav1.TableColumnDefinition
	rest     map[string]json.RawMessage // the other fields, as a Status has them
}

// openJSONList reads up to the first object. An answer that is not a list is an error:
// the API server's own when the answer is a Status.
func openJSONList(from io.Reader, what string) (*jsonList, error) {
	body := bufio.NewReaderSize(from, streamBuffer)
	budget := &transport.Budget{From: body, Limit: transport.ObjectMax, What: "object among " + what}
	l := &jsonList{decoder: json.NewDecoder(budget), budget: budget, what: what, rest: map[string]json.RawMessage{}}
	// What is not an object is short, or known by how it begins.
	head, err := body.Peek(headPeeked)
	if other := nameOther(head); other != "" && (len(head) > 0 || errors.Is(err, io.EOF)) {
		return nil, l.otherAnswer(other)
	}
	if _, err := l.decoder.Token(); err != nil {
		return nil, l.explain(err)
	}
	if err := l.readFields(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case l.isTable(), strings.HasSuffix(l.kind, "List"), l.kind == "" && l.inItems:
		return l, nil
	case l.kind == "Status":
		return nil, l.statusError()
	}
	if l.kind == "" {
		return nil, l.otherAnswer("an object without a kind")
	}
	return nil, l.otherAnswer("a " + shortened(l.kind))
}

// headPeeked is how much of an answer is looked at to name what it is.
const headPeeked = 64

// nameOther says in words what an answer is that begins like this; "" for an object.
func nameOther(head []byte) string {
	text := bytes.TrimSpace(head)
	if len(text) == 0 {
		return "nothing"
	}
	switch text[0] {
	case '{':
		return ""
	case '<':
		return "HTML"
	case '[':
		return "a JSON array"
	case '"':
		return "a JSON string"
	}
	if json.Valid(text) {
		return "a JSON value: " + shortened(string(text))
	}
	return "what is not JSON"
}

// isTable reports whether the objects are rows.
func (l *jsonList) isTable() bool { return l.kind == "Table" }

// otherAnswer is the error of an answer that is not a list.
func (l *jsonList) otherAnswer(came string) error {
	return fmt.Errorf("asked for a list of %s, and the API server answered with %s", l.what, kinds.Clean(came))
}

// explain makes an error of the decoder say what was read.
func (l *jsonList) explain(err error) error {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return l.otherAnswer("JSON that is damaged")
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return l.otherAnswer("a list that has " + kind.Value + " where it should have another value")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}

// readFields reads fields of the list up to its objects, or to its end: then the error
// is io.EOF.
func (l *jsonList) readFields() error {
	for l.decoder.More() {
		name, err := l.decoder.Token()
		if err != nil {
			return l.explain(err)
		}
		if begun, err := l.readField(name.(string)); begun || err != nil {
			return l.explain(err)
		}
	}
	if _, err := l.decoder.Token(); err != nil {
		return l.explain(err)
	}
	if _, err := l.decoder.Token(); !errors.Is(err, io.EOF) {
		return l.otherAnswer("a list and something after it")
	}
	return io.EOF
}

// readField reads a field, or the start of the objects: then begun is true.
func (l *jsonList) readField(name string) (begun bool, err error) {
	switch name {
	case "kind":
		return false, l.decoder.Decode(&l.kind)
	case "metadata":
		return false, l.decoder.Decode(&l.metadata)
	case "columnDefinitions":
		return false, l.decoder.Decode(&l.columns)
	case "items", "rows":
		start, err := l.decoder.Token()
		if err == nil && start != json.Delim('[') && start != nil {
			err = l.otherAnswer(fmt.Sprintf("a list whose %s are not a list", name))
		}
		l.inItems = start == json.Delim('[')
		return l.inItems, err
	}
	var value json.RawMessage
	err = l.decoder.Decode(&value)
	l.rest[name] = value
	return false, err
}

func (l *jsonList) statusError() error {
	text, err := json.Marshal(l.rest)
	if err != nil {
		return err
	}
	status := metav1.Status{}
	if json.Unmarshal(text, &status) != nil || status.Status == metav1.StatusSuccess {
		return l.otherAnswer("a Status")
	}
	wire.Explain(&status)
	return apierrors.FromObject(&status)
}

// Next appends the next object to a buffer. The error io.EOF says that the list is
// complete.
func (l *jsonList) Next(to []byte) ([]byte, error) {
	if !l.inItems {
		return to, io.EOF
	}
	l.budget.Reset()
	if l.decoder.More() {
		var object json.RawMessage
		if err := l.decoder.Decode(&object); err != nil {
			return to, l.explain(err)
		}
		if object[0] != '{' {
			return to, l.otherAnswer("a list that has " + shortened(string(object)) + " for an object")
		}
		if l.kind != "" && l.listKind != "" && l.kind != l.listKind && !saysKind(object) {
			return to, l.otherAnswer("a " + shortened(l.kind))
		}
		return append(to, object...), nil
	}
	if _, err := l.decoder.Token(); err != nil {
		return to, l.explain(err)
	}
	l.inItems = false
	err := l.readFields()
	if err == nil {
		err = l.otherAnswer("a list that has its objects twice")
	}
	return to, err
}

// saysKind reports whether an object says what it is.
func saysKind(object json.RawMessage) bool {
	var about metav1.TypeMeta
	return json.Unmarshal(object, &about) == nil && about.Kind != ""
}

// shortened is the start of a text, to be shown.
func shortened(text string) string {
	const most = 40
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

package kube

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube/transport"
)

// readList reads a list in JSON to its end.
func readList(body io.Reader) (objects []string, l *jsonList, err error) {
	if l, err = openJSONList(body, "pods"); err != nil {
		return nil, nil, err
	}
	for {
		object, err := l.Next(nil)
		if errors.Is(err, io.EOF) {
			return objects, l, nil
		}
		if err != nil {
			return objects, l, err
		}
		objects = append(objects, string(object))
	}
}

func TestJSONList(t *testing.T) {
	for _, body := range []string{
		`{"kind":"PodList","metadata":{"resourceVersion":"7","continue":"c"},"items":[{"a":1},{"b":{"c":[]}}]}`,
		` {"items" : [ {"a":1} , {"b":{"c":[]}} ] ,"metadata":{"continue":"c","resourceVersion":"7"},` +
			`"kind":"PodList"} ` + "\n",
		`{"apiVersion":"v1","more":{"items":[1]},"kind":"List","metadata":{"resourceVersion":"7",` +
			`"continue":"c"},"items":[{"a":1},{"b":{"c":[]}}],"after":[{"items":[]}]}`,
	} {
		objects, l, err := readList(strings.NewReader(body))
		if err != nil || !slices.Equal(objects, []string{`{"a":1}`, `{"b":{"c":[]}}`}) ||
			l.metadata.ResourceVersion != "7" || l.metadata.Continue != "c" {
			t.Errorf("%s: %q, %+v, %v", body, objects, l, err)
		}
	}
	for _, body := range []string{
		`{"kind":"PodList","metadata":{},"items":null}`, `{"kind":"PodList"}`,
		`{"kind":"PodList","metadata":null,"items":[]}`,
	} {
		if objects, _, err := readList(strings.NewReader(body)); err != nil || len(objects) > 0 {
			t.Errorf("%s: %q, %v", body, objects, err)
		}
	}
	rows, l, err := readList(strings.NewReader(
		`{"kind":"Table","columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["a"],"object":{}}]}`))
	if err != nil || len(rows) != 1 || !l.isTable() || l.columns[0].Name != "Name" {
		t.Errorf("table: %q, %+v, %v", rows, l, err)
	}
}

func TestAnAnswerThatIsNotAList(t *testing.T) {
	const (
		asked  = "asked for a list of pods, and the API server answered with "
		denied = `{"kind":"Status","status":"Failure","message":"no","reason":"Forbidden","code":403}`
	)
	long := strings.Repeat("x", 99)
	for body, want := range map[string]string{
		``:                                  asked + "nothing",
		`{"kind":"PodList","items":[{}`:     "the API server's answer was cut off: unexpected EOF",
		`{"kind":"PodList","items":[{}]`:    "the API server's answer was cut off: unexpected EOF",
		`<html>`:                            asked + "HTML",
		`null`:                              asked + "a JSON value: null",
		`[]`:                                asked + "a JSON array",
		`"x"`:                               asked + "a JSON string",
		`{}`:                                asked + "an object without a kind",
		`{"kind":"Pod","metadata":{}}`:      asked + "a Pod",
		`{"kind":"P\u001bod"}`:              asked + "a P␛od",
		`{"kind":5}`:                        asked + "a list that has number where it should have another value",
		`{"kind":"PodList","items":{}}`:     asked + "a list whose items are not a list",
		`{"kind":"PodList","items":[null]}`: asked + "a list that has null for an object",
		`{"kind":"PodList","items":[[]]}`:   asked + "a list that has [] for an object",
		`{"kind":"PodList","items":[{}]}{`:  asked + "a list and something after it",
		`{"kind":"PodList","items":[],"rows":[{}]}`:   asked + "a list that has its objects twice",
		`{"kind":"PodList","items":["` + long + `"]}`: asked + `a list that has "` + long[:39] + "… for an object",
		`{"kind":"Status","status":"Success"}`:        asked + "a Status",
		denied:                                        "no",
	} {
		if _, _, err := readList(strings.NewReader(body)); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", body, err, want)
		}
	}
	_, _, err := readList(strings.NewReader(denied))
	if !apierrors.IsForbidden(err) {
		t.Errorf("a Status: %v", err)
	}
}

// forever is a text and then a piece without end. It counts.
type forever struct {
	io.Reader
	piece string
	read  int64
}

func (f *forever) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		f.Reader = strings.NewReader(strings.Repeat(f.piece, 4096))
		n, err = f.Reader.Read(p)
	}
	f.read += int64(n)
	return n, err
}

func TestJSONWithoutEnd(t *testing.T) {
	for start, piece := range map[string]string{
		`{"kind":"`:                              "a",
		`{"x":{"y":[`:                            "1,",
		`{"kind":"PodList","items":[{"a":"`:      "a",
		`{"kind":"PodList","items":[{},{"a":[`:   "{},",
		`{"kind":"PodList","items":[`:            " ",
		`{"kind":"PodList","items":[],"more":"x`: "x",
	} {
		body := &forever{Reader: strings.NewReader(start), piece: piece}
		if _, _, err := readList(body); !errors.Is(err, transport.ErrTooLarge) || body.read > 3*transport.ObjectMax {
			t.Errorf("a list that goes on %s%s…: %v after %d bytes", start, piece, err, body.read)
		}
		body = &forever{Reader: strings.NewReader(start), piece: piece}
		events := newJSONEvents(body, "pods")
		_, _, err := events.next()
		for err == nil {
			_, _, err = events.next()
		}
		if body.read > 3*transport.ObjectMax {
			t.Errorf("an event that goes on %s%s…: %v after %d bytes", start, piece, err, body.read)
		}
	}
}

func TestJSONEvents(t *testing.T) {
	events := newJSONEvents(strings.NewReader(`{"type":"ADDED","object":{"a":1}}`+"\n"+
		` {"object":{"kind":"Status","message":"gone"},"type":"ERROR"}`), "pods")
	kind, object, err := events.next()
	if kind != "ADDED" || string(object) != `{"a":1}` || err != nil {
		t.Error(kind, string(object), err)
	}
	kind, object, err = events.next()
	if kind != "ERROR" || err != nil {
		t.Error(kind, string(object), err)
	}
	if status, err := events.status(object); err != nil || status.Message != "gone" {
		t.Error(status, err)
	}
	if _, _, err = events.next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	const watched = "watched pods, and the API server sent "
	for body, want := range map[string]string{
		`{"type":"ADDED"}`:                watched + "an event without an object",
		`{"type":"ADDED","object":null}`:  watched + "an event without an object",
		`{"type":"ADDED","object":[]}`:    watched + "an event without an object",
		`{"object":{}}`:                   watched + `an event of the unknown type ""`,
		`{"type":"MOVED","object":{}}`:    watched + `an event of the unknown type "MOVED"`,
		`{"type":5,"object":{}}`:          watched + "what is not an event",
		`null`:                            watched + `an event of the unknown type ""`,
		`<html>`:                          watched + "what is not an event",
		`{"type":"ADDED","object":{"a":1`: "unexpected EOF",
	} {
		_, _, err := newJSONEvents(strings.NewReader(body), "pods").next()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, object := range []string{`{}`, `{"kind":"Pod"}`, `{"kind":"Status","message":5}`} {
		status, err := events.status([]byte(object))
		if err == nil || !strings.Contains(err.Error(), "sent an error that is not a Status") {
			t.Errorf("%s: %v, %v", object, status, err)
		}
	}
}

func TestPaging(t *testing.T) {
	var p Paging
	for i, token := range []string{"a", "b", "c"} {
		if err := p.Next(token); err != nil {
			t.Error(token, err)
		}
		if pause, err := p.Received(500, 500-i, 500); pause != 0 || err != nil {
			t.Error(pause, err)
		}
	}
	if err := p.Next("a"); !errors.Is(err, errRepeats) {
		t.Error(err)
	}
	if _, err := p.Received(500, 0, 500); !errors.Is(err, errNothingNew) {
		t.Error(err)
	}
	for _, objects := range []int{0, 1, 49} {
		if pause, err := p.Received(objects, objects, 500); pause != shortPagePause || err != nil {
			t.Errorf("%d objects: %v, %v", objects, pause, err)
		}
	}
	p = Paging{}
	for n := range emptyPagesMax + 1 {
		err := p.Next(fmt.Sprint(n))
		if _, err := p.Received(0, 0, 500); (err != nil) != (n == emptyPagesMax) {
			t.Errorf("empty page %d: %v", n, err)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

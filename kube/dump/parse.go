package dump

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// parser makes objects of texts. One goroutine uses it.
type parser struct {
	problems *problems
	w        *objectWriter
	block    *blockReader
	json     *jsonReader
	last     schema.GroupVersionKind // of the object before: the next is usually of the same kind
	out      *parsedBatch
	onList   func() // is called for lists and events, which may leave nothing
}

func newParser(problems *problems, before time.Time) *parser {
	w := newObjectWriter(before)
	return &parser{
		problems: problems, w: w, block: newBlockReader(w), json: &jsonReader{w: w, keys: interned{}}, out: newParsedBatch(),
	}
}

// parse reads a text, which usually holds one object. What is wrong becomes a problem.
func (p *parser) parse(q queuedObject, text []byte) {
	if p.parseQuickly(text, q.kind) {
		p.queueWritten(q)
		return
	}
	object, err := parse(text)
	if err != nil && len(q.anchors) > 0 {
		if whole, known := parseLast(q, text); known {
			object, err = whole, nil
		}
	}
	if _, list := object["items"]; list || object["object"] != nil {
		p.onList()
	}
	if err == nil && len(object) > 0 { // else there is nothing but comments
		err = eachObject(object, q.kind, func(object map[string]any, kind schema.GroupVersionKind, event string) error {
			return p.writeParsed(object, kind, event, q)
		})
	}
	if isForeign(object, err) {
		p.problems.reportForeign(q.origin.file, q.origin.line)
		return
	}
	if err == nil {
		return
	}
	line := q.origin.line
	if at, known := errors.AsType[lineError](err); known {
		line += at.line - 1
	}
	p.problems.reportLost(q.origin.file, line, "%v", err)
}

// parseQuickly reads an object without a library, and reports whether it could. kind is
// what its list says about it.
func (p *parser) parseQuickly(text []byte, kind schema.GroupVersionKind) bool {
	guess := p.last
	if kind.Kind != "" {
		guess = kind
	}
	for range 2 {
		if strings.HasSuffix(guess.Kind, "List") || successorOf(guess) != "" {
			return false
		}
		p.w.reset(guess)
		var read bool
		if start := bytes.TrimLeft(text, " \t\r\n"); len(start) > 0 && start[0] == '{' {
			read = p.json.read(text)
		} else {
			read = p.block.read(text)
		}
		if read && p.w.complete(kind) {
			p.last = guess
			return true
		}
		if p.w.stop != otherKind {
			return false
		}
		guess = schema.FromAPIVersionAndKind(p.w.apiVersion, p.w.kind)
	}
	return false
}

// complete reports whether everything is known about an object that was read, and adds
// to it what its list says about it.
func (w *objectWriter) complete(kind schema.GroupVersionKind) bool {
	if w.stop != goOn || w.name == "" || len(w.frames) > 0 {
		return false
	}
	if w.apiVersion != "" && w.kind != "" {
		return true
	}
	if w.apiVersion != "" || w.kind != "" || kind.Kind == "" || kind != w.guess {
		return false
	}
	w.text = append(w.text[:len(w.text)-1], `,"apiVersion":`...)
	w.text = append(appendString(w.text, kind.GroupVersion().String()), `,"kind":`...)
	w.text = append(appendString(w.text, kind.Kind), '}')
	return true
}

// writeParsed makes an object from one that a library has read.
func (p *parser) writeParsed(object map[string]any, kind schema.GroupVersionKind, event string, q queuedObject) error {
	was := schema.FromAPIVersionAndKind(textOf(object, "apiVersion"), textOf(object, "kind"))
	u, err := objectIn(object, kind)
	if err != nil {
		return err
	}
	p.w.reset(u.GroupVersionKind())
	p.w.value(u.Object)
	if !p.w.complete(kind) {
		return errNoObject
	}
	p.queueWritten(q)
	p.out.objects[len(p.out.objects)-1].event = event
	is := u.GroupVersionKind()
	if was.Kind == is.Kind && was.GroupVersion() != is.GroupVersion() && was.Version != "" {
		p.out.objects[len(p.out.objects)-1].upgraded = fmt.Sprintf(
			"%s of %s, no longer served, shown as %s", was.Kind, was.GroupVersion(), is.GroupVersion())
	}
	return nil
}

// value writes what a library has read.
func (w *objectWriter) value(value any) {
	switch value := value.(type) {
	case map[string]any:
		w.beginObject()
		for _, key := range slices.Sorted(maps.Keys(value)) {
			w.key(key)
			w.value(value[key])
		}
		w.endCollection()
	case []any:
		w.beginList()
		for _, element := range value {
			w.value(element)
		}
		w.endCollection()
	case string:
		w.string([]byte(value))
	case bool:
		w.bool(value)
	case int64:
		w.number(strconv.AppendInt(nil, value, 10))
	case float64:
		w.number(strconv.AppendFloat(nil, value, 'g', -1, 64))
	default:
		w.null()
	}
}

// queueWritten passes the object that was written on to the collector.
func (p *parser) queueWritten(q queuedObject) {
	w := p.w
	f := parsedObject{origin: q.origin, latest: w.latestTime, server: w.server, from: len(p.out.text)}
	p.out.text = append(p.out.text, w.text...)
	f.to = len(p.out.text)
	f.object = memapi.Object{
		GVK: w.guess, Namespace: w.namespace, Name: w.name, UID: types.UID(w.uid), Labels: w.labels, Encoding: memapi.JSON,
	}
	f.object.Version, _ = strconv.ParseUint(w.version, 10, 64)
	if w.selects {
		f.object.Fields = memapi.Fields(w.guess, w.selectable)
	}
	if w.guess.Group == "" && w.guess.Kind == "Pod" {
		f.containers = w.containerList()
	}
	p.out.objects = append(p.out.objects, f)
	for _, misfit := range w.misfits {
		p.problems.reportAltered(q.origin.file, q.origin.line, "%s %s: %s", w.guess.Kind, w.name, misfit)
	}
}

func textOf(object map[string]any, field string) string {
	text, _ := object[field].(string)
	return text
}

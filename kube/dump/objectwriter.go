package dump

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// objectWriter writes an object as JSON while it is read, and notes what has to be
// known about it. What the fields of its kind cannot hold is left out, since it would
// spoil every list that has the object.
//
// One goroutine uses it, for one object after another.
type objectWriter struct {
	before time.Time // later times are not believed
	names  interned

	guess   schema.GroupVersionKind // the kind whose fields are expected
	text    []byte
	frames  []frame
	keys    []string // of the objects that are open
	skipped int      // how many brackets are open in a value that is left out
	stop    stopReason
	known   map[customText]bool
	lists   map[string][]string // of containers' names: pods have the same ones
	// selects means that the kind has field selectors, whose values are noted
	// in selectable, as deep as they stand.
	selects    bool
	selectable map[string]any
	deeper     map[string]map[string]any

	about
}

// about is what is noted about an object.
type about struct {
	apiVersion, kind string
	name, namespace  string
	uid, version     string
	labels           map[string]string
	latest           string // the newest time, as text
	latestTime       time.Time
	containers       []string
	image            string
	server           string
	misfits          []string
	containerName    bool // the open container has one
}

// stopReason is why an object cannot be read on the quick way.
type stopReason uint8

const (
	goOn      stopReason = iota
	otherKind            // it is of another kind than was guessed
	slowWay              // it says something that only the slow way understands
)

// frame is an object or a list that is open.
type frame struct {
	shape   *shape
	list    bool
	filled  bool   // it has a value already
	ordered bool   // its keys came in order
	key     string // of the value that is read
	keys    int    // where its keys begin
	from    int    // where it begins in the text, with its comma and key
	value   int    // where its own text begins
	place   place
}

// place is where in an object a value stands, as far as it matters.
type place uint8

const (
	elsewhere place = iota
	atRoot
	inMetadata
	inLabels
	inSpec
	inContainers
	inContainer
	inFree // users write there what they like
)

// customText is a value that a field's type decodes by itself.
type customText struct {
	of   reflect.Type
	text string
}

// misfitsMax bounds what is reported about one object.
const misfitsMax = 8

func newObjectWriter(before time.Time) *objectWriter {
	return &objectWriter{
		before: before, names: interned{}, known: map[customText]bool{}, lists: map[string][]string{},
		selectable: map[string]any{}, deeper: map[string]map[string]any{},
	}
}

// reset begins an object that is assumed to be of a kind.
func (w *objectWriter) reset(guess schema.GroupVersionKind) {
	if guess != w.guess {
		w.guess, w.selects = guess, memapi.Fields(guess, nil) != nil
		clear(w.deeper)
	}
	clear(w.selectable)
	for _, fields := range w.deeper {
		clear(fields)
	}
	w.text, w.frames, w.keys = w.text[:0], w.frames[:0], w.keys[:0]
	w.skipped, w.stop, w.about = 0, goOn, about{containers: w.containers[:0]}
}

// beginValue writes what stands before a value, and returns the shape that the
// value must have.
func (w *objectWriter) beginValue() (want *shape, from int) {
	from = len(w.text)
	if len(w.frames) == 0 {
		return shapeOf(w.guess), from
	}
	f := &w.frames[len(w.frames)-1]
	if f.filled {
		w.text = append(w.text, ',')
	}
	if f.list {
		if f.shape != nil {
			want = f.shape.element
		}
		return want, from
	}
	w.text = append(appendString(w.text, f.key), ':')
	return f.shape.field(f.key), from
}

// filled notes that the open object or list has a value.
func (w *objectWriter) filled() {
	if len(w.frames) > 0 {
		w.frames[len(w.frames)-1].filled = true
	}
}

// key begins a value of the open object.
func (w *objectWriter) key(key string) {
	if w.skipped > 0 {
		return
	}
	f := &w.frames[len(w.frames)-1]
	if f.ordered = f.ordered && (len(w.keys) == f.keys || key > f.key); !f.ordered {
		if slices.Contains(w.keys[f.keys:], key) {
			w.stop = slowWay
			return
		}
	}
	f.key = key
	w.keys = append(w.keys, key)
}

func (w *objectWriter) beginObject() { w.beginCollection('{', "an object", structure, mapOf) }
func (w *objectWriter) beginList()   { w.beginCollection('[', "a list", listOf, listOf) }

func (w *objectWriter) beginCollection(bracket byte, what string, kinds ...shapeKind) {
	if w.skipped > 0 {
		w.skipped++
		return
	}
	want, from := w.beginValue()
	if want != nil && want.kind != custom && want.kind != kinds[0] && want.kind != kinds[1] {
		w.dropMisfit(from, what)
		w.skipped = 1
		return
	}
	at := w.placeInside()
	w.frames = append(w.frames, frame{
		shape: want, list: bracket == '[', ordered: true, keys: len(w.keys), from: from, value: len(w.text), place: at,
	})
	w.text = append(w.text, bracket)
	if at == inContainer {
		w.image, w.containerName = "", false
	}
}

// placeInside returns the place of an object or a list that begins.
func (w *objectWriter) placeInside() place {
	if len(w.frames) == 0 {
		return atRoot
	}
	switch f := &w.frames[len(w.frames)-1]; {
	case f.place == inFree || f.place == inLabels:
		return inFree
	case f.place == inMetadata && f.key == "labels":
		return inLabels
	case f.list && f.place == inContainers:
		return inContainer
	case f.list:
		return elsewhere
	case f.place == atRoot && f.key == "metadata":
		return inMetadata
	case f.place == atRoot && f.key == "spec" && w.guess.Kind == "Pod" && w.guess.Group == "":
		return inSpec
	case f.place == inSpec && containerLists[f.key]:
		return inContainers
	case free[f.key]:
		return inFree
	}
	return elsewhere
}

var containerLists = map[string]bool{"initContainers": true, "containers": true, "ephemeralContainers": true}

func (w *objectWriter) endCollection() {
	if w.skipped > 0 {
		w.skipped--
		return
	}
	f := w.frames[len(w.frames)-1]
	w.frames = w.frames[:len(w.frames)-1]
	w.keys = w.keys[:f.keys]
	bracket := byte('}')
	if f.list {
		bracket = ']'
	}
	w.text = append(w.text, bracket)
	if f.place == inContainer && f.key != "" {
		w.endContainer()
	}
	if f.shape != nil && f.shape.kind == custom && !w.accepts(f.shape, w.text[f.value:]) {
		w.dropMisfit(f.from, "what it is")
		return
	}
	w.filled()
}

// endContainer notes a container of a pod, and the version of an API server.
func (w *objectWriter) endContainer() {
	if !w.containerName {
		w.containers = append(w.containers, "")
	}
	if strings.Contains(w.image, "kube-apiserver") {
		_, tag, _ := strings.Cut(w.image[strings.LastIndexByte(w.image, '/')+1:], ":")
		w.server, _, _ = strings.Cut(tag, "@")
	}
}

// string writes a text.
func (w *objectWriter) string(value []byte) {
	if w.skipped > 0 {
		return
	}
	want, from := w.beginValue()
	if want != nil && want.kind != text {
		switch want.kind {
		case base64Text:
			w.base64(value)
			return
		case instant:
			if !isInstant(value) {
				w.dropMisfit(from, "“"+string(value[:min(len(value), 40)])+"”")
				return
			}
		case custom:
			value := appendString(nil, value)
			if !w.accepts(want, value) {
				w.dropMisfit(from, string(value[:min(len(value), 40)]))
				return
			}
		default:
			w.dropMisfit(from, "a string")
			return
		}
	}
	w.text = appendString(w.text, value)
	w.filled()
	w.note(value)
}

// base64 writes a value that must be Base64. A value that is not, as in a redacted
// Secret, is encoded, so that it is shown as it is.
func (w *objectWriter) base64(value []byte) {
	decoded := len(w.text) // what is decoded goes after the text
	w.text = append(w.text, make([]byte, base64.StdEncoding.DecodedLen(len(value)))...)
	_, err := base64.StdEncoding.Decode(w.text[decoded:], value)
	w.text = w.text[:decoded]
	if err != nil {
		w.noteMisfit(w.path() + " is not Base64: shown as it is")
		value = base64.StdEncoding.AppendEncode(nil, value)
	}
	w.text = appendString(w.text, value)
	w.filled()
}

// null writes null, which every field accepts.
func (w *objectWriter) null() {
	if w.skipped > 0 {
		return
	}
	w.beginValue()
	w.text = append(w.text, "null"...)
	w.filled()
}

func (w *objectWriter) bool(value bool) {
	w.literal(strconv.AppendBool(nil, value), "a bool", boolean, func(*shape) bool { return true })
}

// number writes a number as JSON writes it.
func (w *objectWriter) number(value []byte) {
	kind := integer
	for _, c := range value {
		if c == '.' || c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(string(value), 64)
			if err != nil {
				w.stop = slowWay
				return
			}
			if value, err = json.Marshal(f); err != nil {
				w.stop = slowWay
				return
			}
			break
		}
	}
	w.literal(value, "a number", kind, func(want *shape) bool {
		n, err := strconv.ParseInt(string(value), 10, 64)
		return err == nil && float64(n) >= want.min && float64(n) < want.max
	})
}

func (w *objectWriter) literal(value []byte, what string, kind shapeKind, fits func(*shape) bool) {
	if w.skipped > 0 {
		return
	}
	want, from := w.beginValue()
	switch {
	case want == nil, want.kind == kind && fits(want), want.kind == float && kind == integer:
	case want.kind == base64Text:
		w.base64(value)
		return
	case want.kind == custom && w.accepts(want, value):
	default:
		w.dropMisfit(from, what)
		return
	}
	w.text = append(w.text, value...)
	w.filled()
	w.noteSelectable(value)
}

// accepts reports whether a type that decodes its own JSON accepts a value.
func (w *objectWriter) accepts(want *shape, value []byte) bool {
	if fits, ok := w.known[customText{want.of, string(value)}]; ok {
		return fits
	}
	fits := json.Unmarshal(value, reflect.New(want.of).Interface()) == nil
	if len(w.known) < internedMax && len(value) < internedLength {
		w.known[customText{want.of, string(value)}] = fits
	}
	return fits
}

// dropMisfit leaves out the value that began at an offset.
func (w *objectWriter) dropMisfit(from int, what string) {
	w.text = w.text[:from]
	w.noteMisfit(w.path() + " cannot be " + what + ": left out")
}

func (w *objectWriter) noteMisfit(problem string) {
	if len(w.misfits) < misfitsMax {
		w.misfits = append(w.misfits, problem)
	}
}

// path names the value that is read, by its keys.
func (w *objectWriter) path() string {
	var keys []string
	for _, f := range w.frames {
		if !f.list {
			keys = append(keys, f.key)
		}
	}
	return strings.Join(keys, ".")
}

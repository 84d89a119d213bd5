package tape

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// small is a little tape with everything on it.
func small(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	_ = w.Documents(Document{Path: "/version", ContentType: "application/json", Body: []byte("{}")})
	list := w.List(widgets, "")
	for n := range 3 {
		_ = list.Put(widget(n, n+1), Step)
	}
	_ = list.Done(Step)
	_ = w.Mark(Complete, "")
	_ = w.Put(widget(1, 10), Finding)
	_ = w.Log(LogOf{"shop", "web", "app", false}, false, LogLine{Time: began, Text: "hello"})
	w.mu.Lock()
	w.flush()
	w.key()
	w.mu.Unlock()
	_ = w.Put(widget(1, 11), Step)
	_ = w.Delete(widget(2, 12), Quiet)
	_ = w.Mark(Ended, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAsFarAsItGoes opens what may be a tape and reads all that is on it. It must
// not panic, and an error must be one line.
func readAsFarAsItGoes(t *testing.T, data []byte) *Tape {
	t.Helper()
	tape, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if text := err.Error(); text == "" || strings.Contains(text, "\n") {
			t.Errorf("error %q", text)
		}
		return nil
	}
	for _, at := range []int64{tape.start, (tape.start + tape.end) / 2, tape.end, 0} {
		if s, err := tape.at(at); err == nil {
			for _, o := range s.objects {
				_, _ = o.now.Bytes()
			}
		}
		_, _ = tape.logsAt(at)
	}
	_, _ = tape.Documents(tape.End())
	tape.Marks()
	tape.Resources()
	return tape
}

func TestCutAnywhere(t *testing.T) {
	data := small(t)
	whole := open(t, data)
	at, frames := int64(prefixSize), 0 // ends of frames
	ends := map[int]bool{prefixSize: true}
	for at < int64(len(data)) {
		f, ok := parseFrame(data[at:])
		if !ok {
			t.Fatal("a frame of a whole tape is damaged")
		}
		at += headerSize + int64(f.size)
		ends[int(at)] = true
		frames++
	}
	if frames < 9 {
		t.Fatalf("%d frames", frames)
	}
	opened := 0
	for cut := range data {
		tape := readAsFarAsItGoes(t, data[:cut])
		if tape == nil {
			continue
		}
		opened++
		if (tape.Cut() == "") != ends[cut] {
			t.Errorf("cut at %d: %q", cut, tape.Cut())
		}
		if tape.End().After(whole.End()) || tape.about.Cluster != "prod" {
			t.Errorf("cut at %d: reaches to %v", cut, tape.End())
		}
		// What is there before the cut is there as in the whole tape.
		same(t, tape.end, objectsAt(t, open(t, data), tape.end), objectsAt(t, tape, tape.end))
	}
	if opened < len(data)*3/4 {
		t.Errorf("opened at %d of %d cuts only", opened, len(data))
	}
}

func TestFlippedAnywhere(t *testing.T) {
	data := small(t)
	for at := range data {
		for _, bit := range []byte{0x01, 0x80, 0xff} {
			damaged := bytes.Clone(data)
			damaged[at] ^= bit
			tape := readAsFarAsItGoes(t, damaged)
			if tape != nil && tape.Cut() == "" && at >= len(magic)+2 && at != prefixSize-1 && at != prefixSize-2 {
				t.Errorf("byte %d: damage was not noticed", at)
			}
		}
	}
}

// TestHostileText damages the text and gives it valid checksums, as an attacker would.
func TestHostileText(t *testing.T) {
	data := small(t)
	decoder, encoder := newDecoder(), newEncoder(1)
	for at := int64(prefixSize); at < int64(len(data)); {
		f, _ := parseFrame(data[at:])
		text, err := f.unpack(decoder, data[at+headerSize:at+headerSize+int64(f.size)])
		if err != nil {
			t.Fatal(err)
		}
		next := at + headerSize + int64(f.size)
		for i := range text {
			for _, with := range []byte{0x00, 0x7f, 0xff} {
				changed := bytes.Clone(text)
				changed[i] = with
				for _, changed := range [][]byte{changed, changed[:i]} {
					g := f
					payload := encoder.EncodeAll(changed, nil)
					g.size, g.raw, g.sum = uint32(len(payload)), uint32(len(changed)), checksum(payload)
					hostile := append(bytes.Clone(data[:at]), append(g.append(nil), payload...)...)
					readAsFarAsItGoes(t, append(hostile, data[next:]...))
				}
			}
		}
		at = next
	}
}

func FuzzRead(f *testing.F) {
	data := small(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(appendPrefix(nil))
	f.Fuzz(func(t *testing.T, data []byte) { readAsFarAsItGoes(t, data) })
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("the quick brown fox jumps over the lazy dog"), []byte("the quick red fox jumps over the lazy cat"))
	f.Add(pod(1, 1).Body, pod(1, 2).Body)
	f.Add([]byte{}, []byte("x"))
	f.Fuzz(func(t *testing.T, base, text []byte) {
		var d deltas
		delta := d.append(nil, base, text)
		got, ok := applyDelta(base, delta, len(text))
		if !ok || !bytes.Equal(got, text) {
			t.Errorf("%q of %q by %q is %q %v", text, base, delta, got, ok)
		}
		_, _ = applyDelta(text, base, len(base)) // must not panic
	})
}

// asksEverything plays a tape that may be made by hand and asks its API for what is on
// it. It must not panic; errors are of one line.
func asksEverything(t *testing.T, data []byte) {
	t.Helper()
	tape := readAsFarAsItGoes(t, data)
	if tape == nil {
		return
	}
	p, err := NewPlayer(tape, PlayerOptions{Paused: true, At: tape.End()})
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q", err)
		}
		return
	}
	defer p.Close()
	paths := []string{"/api", "/apis", "/version", "/openapi/v3", "/openapi/v3/api/v1", "/api/v1", "/apis/example.com/v1"}
	for _, r := range tape.Resources() {
		if r.Group == "" {
			paths = append(paths, "/api/"+r.Version+"/"+r.Resource)
		} else {
			paths = append(paths, "/apis/"+r.Group+"/"+r.Version+"/"+r.Resource)
		}
	}
	for _, path := range paths {
		for _, accept := range []string{"application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"} {
			req := &http.Request{
				Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: "tape", Path: path},
				Header: http.Header{"Accept": {accept}},
			}
			res, err := p.API().RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}
}

// TestPartsThatAreNullOrMissing has what JSON allows and no server sends.
func TestPartsThatAreNullOrMissing(t *testing.T) {
	definitions := Resource{schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	}, "CustomResourceDefinition", false}
	nameless := Resource{schema.GroupVersionResource{Version: "v1", Resource: "things"}, "", true}
	for name, write := range map[string]func(*Writer){
		"null as discovery": func(w *Writer) {
			_ = w.Documents(Document{Path: DiscoveryPath, Body: []byte("null")})
		},
		"null as a list of it": func(w *Writer) {
			_ = w.Documents(Document{Path: DiscoveryPath, Body: []byte("[null, {}]")})
		},
		"null as the version": func(w *Writer) {
			_ = w.Documents(Document{Path: VersionPath, Body: []byte("null")})
		},
		"null as a schema": func(w *Writer) {
			_ = w.Documents(Document{Path: OpenAPIPrefix + "api/v1", Body: []byte("null")})
		},
		"no document at all": func(w *Writer) { _ = w.Documents(Document{}) },
		"null as an object": func(w *Writer) {
			_ = w.Put(Object{Resource: &widgets, Namespace: "a", Name: "b", Body: []byte("null")}, Step)
		},
		"nothing as an object": func(w *Writer) {
			_ = w.Put(Object{Resource: &pods, Namespace: "a", Name: "b"}, Step)
		},
		"nothing as protobuf": func(w *Writer) {
			_ = w.Put(Object{Resource: &pods, Namespace: "a", Name: "b", Protobuf: true}, Step)
		},
		"null as a pod": func(w *Writer) {
			_ = w.Put(Object{Resource: &pods, Namespace: "a", Name: "b", Body: []byte("null")}, Step)
		},
		"parts of a pod": func(w *Writer) {
			body := []byte(`{"metadata":null,"spec":null,"status":{"conditions":[null],"containerStatuses":null}}`)
			_ = w.Put(Object{Resource: &pods, Namespace: "a", Name: "b", Body: body}, Step)
		},
		"null as a definition": func(w *Writer) {
			_ = w.Put(Object{Resource: &definitions, Name: "b", Body: []byte("null")}, Step)
		},
		"parts of a definition": func(w *Writer) {
			body := []byte(`{"spec":{"names":null,"versions":[null],"version":"v1","additionalPrinterColumns":[null]}}`)
			_ = w.Put(Object{Resource: &definitions, Name: "b", Body: body}, Step)
		},
		"a kind without a name": func(w *Writer) {
			_ = w.Put(Object{Resource: &nameless, Namespace: "a", Name: "b"}, Step)
		},
		"an object without one":   func(w *Writer) { _ = w.Put(Object{Resource: &pods}, Step) },
		"a pod without namespace": func(w *Writer) { _ = w.Put(Object{Resource: &pods, Name: "b"}, Step) },
		"a log of nobody":         func(w *Writer) { _ = w.Log(LogOf{}, false, LogLine{}) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := newWriter(t, &out, time.Millisecond)
			write(w)
			_ = w.Mark(Complete, "")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			asksEverything(t, out.Bytes())
		})
	}
}

// TestADocumentThatIsNone holds that the error says in words which one it is.
func TestADocumentThatIsNone(t *testing.T) {
	for _, body := range []string{`"x"`, "7", "{}", "", "<html>", `[{"resources": 7}]`, "[", `[["a"]]`} {
		var out bytes.Buffer
		w := newWriter(t, &out, time.Millisecond)
		_ = w.Documents(Document{Path: DiscoveryPath, Body: []byte(body)})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := NewPlayer(open(t, out.Bytes()), PlayerOptions{Paused: true})
		if err == nil || err.Error() != "/apis on the tape is not a list of the server's resources" {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// FuzzText changes what is in a frame and gives it valid checksums, which never happens
// by accident.
func FuzzText(f *testing.F) {
	data := small(f)
	decoder := newDecoder()
	for at := int64(prefixSize); at < int64(len(data)); {
		frame, _ := parseFrame(data[at:])
		text, err := frame.unpack(decoder, data[at+headerSize:at+headerSize+int64(frame.size)])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(frame.kind), frame.flags, text)
		at += headerSize + int64(frame.size)
	}
	f.Add(uint8(documentsFrame), uint8(0), appendDocument(nil, Document{Path: DiscoveryPath, Body: []byte("[null]")}))
	f.Fuzz(func(t *testing.T, what, flags uint8, text []byte) {
		payload := newEncoder(1).EncodeAll(text, nil)
		last, _ := parseFrame(data[prefixSize:])
		hostile := frame{
			kind: kind(what), flags: flags, size: uint32(len(payload)), raw: uint32(len(text)), count: 1,
			first: last.last + 1e9, last: last.last + 1e9, sum: checksum(payload),
		}
		asksEverything(t, append(hostile.append(bytes.Clone(data)), payload...))
	})
}

package redact

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const value = "correct horse/battery+\"staple\""

var (
	std = base64.StdEncoding.EncodeToString
	raw = base64.RawURLEncoding.EncodeToString
)

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// bomb is some kilobytes that unpack to a gigabyte.
var bomb = func() string {
	text := gzipped(strings.Repeat("\x00", 64<<20))
	return std([]byte(strings.Repeat(text, 16)))
}()

func TestCopiesOfValues(t *testing.T) {
	object := `{"apiVersion":"v1","kind":"Secret","stringData":{"p":"x"}}`
	values := ValuesOf("shop", "db", map[string][]byte{
		"password": []byte(value), "pin": []byte("7"), "name": []byte("db\n"), "empty": {}, "user": []byte("root"),
		"binary": {0, 1, 0xff, 0xfe, 'x', 'y', 'z'},
	}, map[string]string{"token": "s3cr\u00e9t-token"})
	for text, hides := range map[string]bool{
		// Objects, whatever they are.
		object: true, " \n" + object: true, "\ufeff" + object: true, object[:30]: true, `["a"]`: true, "[": true,
		"kind: Secret\nstringData:\n  p: x\n": true, "---\n- a: b": true, "stringData: {p: x}": true, "\"a b\": c": true,
		std([]byte(object)): true, raw([]byte(object)): true, std([]byte(std([]byte(object)))): true,
		std([]byte("data:\n  p: eA==\n")): true, hex.EncodeToString([]byte(object)): true, quoted(object): true,
		url.QueryEscape(object): true, std([]byte(object))[:20] + "\n" + std([]byte(object))[20:]: true,
		std([]byte(gzipped(object))): true, raw([]byte(gzipped("anything"))): true,
		std([]byte("\x28\xb5\x2f\xfdzstd")): true, std([]byte("x\x9c zlib, of some length")): false,
		std([]byte("\x78\x9c zlib, of some length")): true, std([]byte(std([]byte(gzipped("a"))))): true, bomb: true,
		strings.Repeat("long ", 20_000): true,
		// Values, in what they may be written in.
		value: true, "it is " + value + "!": true, quoted(value): true, std([]byte(value)): true, raw([]byte(value)): true,
		"auth " + std([]byte("u:"+value)) + " x": true, std([]byte("uv:" + value + "w")): true,
		std([]byte("abc" + value)): true, hex.EncodeToString([]byte(value)): true,
		strings.ToUpper(hex.EncodeToString([]byte(value))): true, url.PathEscape(value): true,
		"postgres://db:" + url.QueryEscape(value) + "@host": true, "7": true, " 7\n": true, "root": true,
		"as root, here": true, "the s3cr\u00e9t-token": true, std([]byte("root")): true,
		std([]byte{0, 1, 0xff, 0xfe, 'x', 'y', 'z'}): true, "binary \x00\x01\xff\xfexyz": true,
		// What only says something.
		"": false, " ": false, "stays": false, "true": false, "77": false, "version 7": false, "db": false, "shop": false,
		"db-primary": false, "example": false, "exam": false, "https://example.com/a?b=%20c": false,
		"2026-11-23T14:02:11Z": false, "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": false,
		"a.example.com,b.example.com": false, "Team A, see wiki": false, "roo": false, "correct horse": false,
	} {
		if values.budget = workMax; values.Copied(text) != hides {
			t.Errorf("%.60q is hidden: %v, want %v", text, !hides, hides)
		}
	}
}

func TestHideKeepsKeys(t *testing.T) {
	m := map[string]string{"a": value, "b": "stays"}
	before := maps.Clone(m)
	got := ValuesOf("", "", map[string][]byte{"p": []byte(value)}, nil).Hide(m)
	if want := map[string]string{"a": Words(len(value)), "b": "stays"}; !maps.Equal(got, want) || !maps.Equal(m, before) {
		t.Errorf("got %v from %v", got, m)
	}
}

// parsed reads an object as tapes do.
func parsed(t testing.TB, text string) map[string]any {
	t.Helper()
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return object
}

func TestObject(t *testing.T) {
	manifest := `{"kind":"Secret","data":{"p":"eHl6enk="}}`
	secret := `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","labels":{"l":"xyzzy","m":"m"},` +
		`"annotations":{"a":` + quoted(manifest) + `,"n":"n"},"managedFields":[{"fieldsV1":{"f:data":{"f:p":{}}}}],` +
		`"odd":["xyzzy",1]},"type":"T","data":{"p":"eHl6enk=","n":null,"i":12345,"b":"not Base64"},` +
		`"stringData":{"q":"plugh"},"extra":{"deep":["xyzzy",true]}}`
	hidden := `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","labels":{"l":"<5 bytes hidden>","m":"m"},` +
		`"annotations":{"a":"<41 bytes hidden>","n":"n"},"managedFields":[{"fieldsV1":{"f:data":{"f:p":{}}}}],` +
		`"odd":["<5 bytes hidden>",1]},"type":"T",` +
		`"data":{"p":"<5 bytes hidden>","n":null,"i":"<5 bytes hidden>","b":"<10 bytes hidden>"},` +
		`"stringData":{"q":"<5 bytes hidden>"},"extra":{"deep":["<5 bytes hidden>","<4 bytes hidden>"]}}`
	widget := func(annotations, spec string) string {
		return `{"kind":"Widget","metadata":{"annotations":` + annotations + `},"spec":` + spec + `}`
	}
	for name, test := range map[string]struct{ fields, want string }{
		"a Secret":          {secret, hidden},
		"in a List":         {`{"kind":"List","items":[1,` + secret + `]}`, `{"kind":"List","items":[1,` + hidden + `]}`},
		"without a version": {`{"kind":"Secret","data":{"p":"eA=="}}`, `{"kind":"Secret","data":{"p":"<1 bytes hidden>"}}`},
		"data of no map": {
			`{"kind":"Secret","data":"x","metadata":[1],"type":{"x":1}}`, `{"kind":"Secret"}`},
		"in a custom resource": {
			widget(`{"a":"xyzzy and","b":"{}","c":"c"}`, secret), widget(`{"a":"<9 bytes hidden>","b":"{}","c":"c"}`, hidden)},
		"only in an annotation": {
			widget(`{"a":`+quoted(`{"items":[`+manifest+`]}`)+`}`, `{}`), widget(`{"a":"<53 bytes hidden>"}`, `{}`)},
		"cut in an annotation": {
			widget(`{"a":`+quoted(manifest[:30])+`}`, `{}`), widget(`{"a":"<30 bytes hidden>"}`, `{}`)},
		"in a text in an annotation": {
			widget(`{"a":`+quoted(`{"x":`+quoted(manifest)+`}`)+`}`, `{}`), widget(`{"a":"<59 bytes hidden>"}`, `{}`)},
		"as YAML": {
			widget(`{"a":"apiVersion: v1\nkind: \"Secret\"\nstringData:\n  p: x"}`, `{}`),
			widget(`{"a":"<48 bytes hidden>"}`, `{}`)},
		"packed": {
			widget(`{"a":`+quoted(std([]byte(gzipped(manifest))))+`}`, `{}`),
			widget(fmt.Sprintf(`{"a":"<%d bytes hidden>"}`, len(std([]byte(gzipped(manifest))))), `{}`)},
		"a bomb": {
			widget(`{"a":`+quoted(bomb)+`}`, `{}`), widget(fmt.Sprintf(`{"a":"<%d bytes hidden>"}`, len(bomb)), `{}`)},
		// What is not a Secret with values stays.
		"a reference":  {widget(`{}`, `{"kind":"Secret","apiVersion":"v1","name":"s"}`), ""},
		"another kind": {widget(`{"a":"{\"kind\":\"Secret\",\"name\":\"s\"}","b":"kind: Secret"}`, `{"data":{"p":"eA=="}}`), ""},
		"another API":  {`{"apiVersion":"x/v1","kind":"Secret","spec":{"data":{"a":"b"}},"metadata":{}}`, ""},
		"nothing":      {`{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fields := parsed(t, test.fields)
			got, found := Object(fields, Plain)
			if found != (test.want != "") {
				t.Fatalf("found %v", found)
			}
			if test.want == "" {
				test.want = test.fields
			}
			if want := parsed(t, test.want); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if !reflect.DeepEqual(fields, parsed(t, test.fields)) {
				t.Errorf("the fields were changed: %v", fields)
			}
		})
	}
	if got := Secret(parsed(t, strings.Replace(secret, `"kind":"Secret"`, `"kind":""`, 1)), Plain); !reflect.DeepEqual(
		got, parsed(t, strings.Replace(hidden, `"kind":"Secret"`, `"kind":""`, 1))) {
		t.Errorf("as a Secret: %v", got)
	}
}

// TestWorkIsBounded hides a Secret of as many values as an object can have, and annotations that take long to compare.
func TestWorkIsBounded(t *testing.T) {
	data, annotations := map[string][]byte{}, map[string]string{}
	for i := range 100_000 {
		data[fmt.Sprint(i)] = fmt.Appendf(nil, "value-%d", i)
	}
	for i := range 4 {
		annotations[fmt.Sprint(i)] = strings.Repeat("a-z ", 15_000)
	}
	began := time.Now()
	got := ValuesOf("", "", data, nil).Hide(annotations)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if texts := slices.Collect(maps.Values(got)); slices.Contains(texts, annotations["0"]) {
		t.Error("what was not looked at is shown")
	}
}

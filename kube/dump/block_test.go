package dump

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// blockTexts are texts of the style, and of its edges.
var blockTexts = []string{
	"a: b\n",
	"a:\n- b\n- c: d\n  e: 1\n-\n- - x\n  - y\nf:\n",
	"a:\n  - b\n",
	"a: 'it''s'\nb: \"x\\\"\\n\\ty\"\n",
	"a: |\n  x\n   y\n\n  z\nb: |-\n  q\nc: |+\n  r\n\nd: 1\n",
	"a: b\n  c d\n  e\nf: 'g\n  h'\ni: \"j\\\n  \\ k\n  l\"\n",
	"a: {}\nb: []\nc: null\nd: true\ne: ~\nf: yes\ng: 0x1\nh: 1e3\ni: 10Gi\nj: 10.0.0.1\nk: 012\nl: 1_000\nm: -5\n" +
		"n: -0\n",
	"a: 2026-01-02\nb: 2026-01-02T03:00:00Z\nc: \"2026-01-02T03:00:00Z\"\nd: 1:30\ne: 0b1-2\nf: 7d9f\ng: 7e9\n" +
		"h: 7e-9\ni: 7e-9-1\n",
	"f:metadata:\n  f:labels:\n    .: {}\n    'k:{\"a\":\"b\"}': {}\n    \"x\": {}\n",
	"  a: 1\n  b: 2\n",
	"a: 1\na: 2\n",
	"a:  x\n",
	"a: x # y\n",
	"a: x: y\n",
	"- a\n",
	"a: &x b\nc: *x\n",
	"a: !!str 1\n",
	"a: >\n  x\n",
	"a\n",
	"a: |\n\n  x\n",
	"a: \n",
	"on: 1\n1: 2\n",
	"a: x\n b: y\n",
	"a:\n   b: 1\n  c: 2\n",
	"? a\n: b\n",
	"a: 'x'y\n",
	"a: \"x\" \n",
	"a: - b\n",
	"a: b\n- c\n",
	"a:\n- b\n c: d\n",
	"a: |\n  x\n # y\nb: z\n",
	"a: 'b\n\n  c'\n",
	"a: 99999999999999999999\n",
	"a: 'b: c'\n'd: e': f\n",
	"<<: {}\n",
	"a: ''\nb: \"\"\n",
	"a: -\n",
	"a: @x\n",
	"a :\n",
	"a b: c\n",
	"--- a: b\n",
	"a: --b\nc: -d\ne: -.inf\nf: ---\ng:\n- -h\n- --i=j\n- ---\n",
	"a: b\n  -c\n",
	"a: -inf\n",
	"a: x\n  - y\n",
	"a: x\n  y: z\n",
	"a: x\n  #y\n",
	"a:\n-  b: c\n   d: e\n",
	"a:\n- |\n  x\n- 'y'\n",
	"a: |\n  x\n   \n  y\n",
	"a: 0\nb: 00\nc: .5\nd: +1\ne: 1.\nf: .inf\n",
	"a: %x\n",
	"a: b\n...\n",
	"---\na: b\n",
	"a:\n  'b'\n",
	"a:\n  b\n",
	"a: x'y\"z\n",
	"a: 0o7\nb: 1.2.3\nc: 1/2\nd: 5m\ne: 1d\n",
}

// sameAsTheLibrary fails when the reader disagrees with the library. When it gives up,
// the library is asked anyway.
func sameAsTheLibrary(t *testing.T, text []byte) (read bool) {
	t.Helper()
	w := newObjectWriter(time.Time{})
	w.reset(schema.GroupVersionKind{})
	w.frames = append(w.frames, frame{list: true}) // nothing is expected of what is in a list of anything
	if !newBlockReader(w).read(text) {
		return false
	}
	var got map[string]any
	if err := utiljson.Unmarshal(w.text, &got); err != nil {
		t.Fatalf("%q is written as %q: %v", text, w.text, err)
	}
	want, err := parseAny(text)
	if err != nil {
		t.Fatalf("%q is read as %v, and is none: %v", text, got, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", text, diff)
	}
	return true
}

func TestBlockReaderIsTheLibrary(t *testing.T) {
	read := 0
	for _, text := range blockTexts {
		if sameAsTheLibrary(t, []byte(text)) {
			read++
		}
	}
	if read < 12 {
		t.Errorf("read only %d of %d", read, len(blockTexts))
	}
}

// TestBlockReaderReadsWhatKubectlWrites holds that the quick way can read an object
// with everything that kubectl's style has.
func TestBlockReaderReadsWhatKubectlWrites(t *testing.T) {
	text := `apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"v1","kind":"Pod"}
  creationTimestamp: "2026-01-02T03:00:00Z"
  labels:
    app.kubernetes.io/name: web
    pod-template-hash: 7d9f8c6b5
  name: web-7d9f8c6b5-x2x9z
  namespace: shop
  uid: 36a7ca0f-0a3c-4c1e-9d0a-5a5a5a5a5a5a
spec:
  containers:
  - args:
    - --port=8080
    - -c
    env:
    - name: A
      value: ""
    image: registry.example.com/web:v1.2.3
    imagePullPolicy: IfNotPresent
    ports:
    - containerPort: 8080
      protocol: TCP
    resources:
      limits:
        cpu: 500m
        memory: 128Mi
    securityContext: {}
  tolerations:
  - effect: NoExecute
    key: node.kubernetes.io/not-ready
    operator: Exists
    tolerationSeconds: 300
status:
  conditions:
  - lastProbeTime: null
    message: 'containers with unready status: [app]'
    status: "False"
  containerStatuses:
  - ready: false
    restartCount: 12
    state:
      waiting:
        message: back-off 5m0s restarting failed container=app pod=web-7d9f8c6b5-x2x9z_shop(36a7ca0f-0a3c)
          and more of it
  hostIP: 10.0.0.1
  podIPs:
  - ip: 10.1.2.3
`
	for _, part := range strings.SplitAfter(text, "\n") {
		part = strings.TrimLeft(part, " -")
		if part == "" || strings.HasSuffix(part, ":\n") || strings.HasSuffix(part, "|\n") {
			continue
		}
		sameAsTheLibrary(t, []byte(part))
	}
	if !sameAsTheLibrary(t, []byte(text)) {
		t.Error("it is not read the quick way")
	}
}

// FuzzBlockReader holds that the reader never disagrees with the library, which is
// asked whenever the reader is in doubt.
func FuzzBlockReader(f *testing.F) {
	for _, text := range blockTexts {
		f.Add([]byte(text))
	}
	f.Add([]byte(pod("shop", "a")))
	f.Fuzz(func(t *testing.T, text []byte) { sameAsTheLibrary(t, text) })
}

package dump

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// misfits are fields that their kinds cannot hold.
var misfits = []struct {
	name, version, kind, resource, text string
	want                                string // what the answer has, without white space
	told                                []string
}{
	{
		"a Secret that was redacted",
		"v1",
		"Secret",
		"secrets",
		"data:\n  token: <hidden>\n  user: YWRtaW4=\n",
		`"data":{"token":"PGhpZGRlbj4=","user":"YWRtaW4="}`,
		[]string{"x.yaml:1: Secret a: data.token is not Base64: shown as it is"},
	},
	{"a Secret with numbers and nothing", "v1", "Secret", "secrets", "data:\n  pin: 1234567\n  gone: null\n",
		`"data":{"gone":null,"pin":"MTIzNDU2Nw=="}`, []string{"x.yaml:1: Secret a: data.pin is not Base64: " +
			"shown as it is"}},
	{
		"binaryData that was cut",
		"v1",
		"ConfigMap",
		"configmaps",
		"binaryData:\n  logo: iVBORw0KGgo...\ndata:\n  a: b\n",
		`"binaryData":{"logo":"aVZCT1J3MEtHZ28uLi4="},"data":{"a":"b"}`,
		[]string{"x.yaml:1: ConfigMap a: binaryData.logo is not Base64: shown as it is"},
	},
	{"a text where a list is", "v1", "Pod", "pods", "spec:\n  containers: REDACTED\n  nodeName: n1\n",
		`"spec":{"nodeName":"n1"}`, []string{"x.yaml:1: Pod a: spec.containers cannot be a string: left out"}},
	{"an object where a name is", "v1", "Pod", "pods", "spec:\n  containers:\n  - name:\n      x: y\n" +
		"    image: web\n",
		`"containers":[{"image":"web"}]`, []string{"x.yaml:1: Pod a: spec.containers.name cannot be an object: " +
			"left out"}},
	{"a label that is not text", "v1", "Pod", "pods", "spec:\n  nodeSelector:\n    ssd: true\n    zone: b\n",
		`"nodeSelector":{"zone":"b"}`, []string{"x.yaml:1: Pod a: spec.nodeSelector.ssd cannot be a bool: left " +
			"out"}},
	{"not a time", "v1", "Pod", "pods", "status:\n  startTime: some time ago\n  phase: Running\n",
		`"status":{"phase":"Running"}`, []string{"x.yaml:1: Pod a: status.startTime cannot be “some time ago”: " +
			"left out"}},
	{
		"not a quantity",
		"v1",
		"Pod",
		"pods",
		"spec:\n  containers:\n  - name: c\n    resources:\n      limits: {cpu: lots, memory: 1Gi}\n",
		`"limits":{"memory":"1Gi"}`,
		[]string{`x.yaml:1: Pod a: spec.containers.resources.limits.cpu cannot be "lots": left out`},
	},
	{
		"a number that is too large",
		"apps/v1",
		"Deployment",
		"deployments",
		"spec:\n  replicas: 3000000000\n  paused: true\n",
		`"spec":{"paused":true}`,
		[]string{"x.yaml:1: Deployment a: spec.replicas cannot be a number: left out"},
	},
	{"a number with a point", "apps/v1", "Deployment", "deployments", "spec:\n  replicas: 2.5\n  paused: true\n",
		`"spec":{"paused":true}`, []string{"x.yaml:1: Deployment a: spec.replicas cannot be a number: left out"}},
	{"a spec that is text", "v1", "Pod", "pods", "spec: gone\nstatus:\n  phase: Failed\n",
		`"status":{"phase":"Failed"}`, []string{"x.yaml:1: Pod a: spec cannot be a string: left out"}},
	{
		"annotations of another kind",
		"water.test/v1",
		"Lake",
		"lakes",
		"metadata: {name: a, namespace: shop, annotations: [x], labels: {a: b}}\nspec: 5\n",
		`"spec":5`,
		[]string{"x.yaml:1: Lake a: metadata.annotations cannot be a list: left out"},
	},
}

// TestMisfits holds that of an object, only the fields that its kind cannot hold are
// lost.
func TestMisfits(t *testing.T) {
	const begin = "kind: %KIND\nmetadata: {name: a, namespace: shop}\n"
	for _, test := range misfits {
		t.Run(test.name, func(t *testing.T) {
			text := "apiVersion: " + test.version + "\n" + strings.Replace(begin, "%KIND", test.kind, 1) + test.text
			if strings.Contains(test.text, "metadata:") {
				text = "apiVersion: " + test.version + "\nkind: " + test.kind + "\n" + test.text
			}
			d := open(t, write(t, "x.yaml", []byte(text)))
			prefix := "/apis/"
			if test.version == "v1" {
				prefix = "/api/"
			}
			got := d.get(t, prefix+test.version+"/namespaces/shop/"+test.resource+"/a")
			if !strings.Contains(got, test.want) {
				t.Errorf("%s", got)
			}
			if !slices.Equal(d.problemTexts(), test.told) || d.Lost() != 0 {
				t.Errorf("problems %q", d.problemTexts())
			}
			d.get(t, prefix+test.version+"/"+test.resource)
		})
	}
}

// FuzzShape holds that whatever the writer lets pass can be decoded into the kind's Go
// type, and that what fits is not left out.
func FuzzShape(f *testing.F) {
	for _, text := range []string{
		`{"metadata":{"name":"a","labels":{"a":1}},"spec":{"containers":[{"name":"c","ports":[{"containerPort":"x"}]}]}}`,
		`{"spec":{"containers":[{"livenessProbe":{"httpGet":{"port":{"a":1}}}}],"nodeSelector":[]},"status":{"startTime":1}}`,
		`{"METADATA":{"Name":5},"Spec":{"hostNetwork":"yes","tolerations":[{"tolerationSeconds":1e3}]}}`,
		`{"spec":{"volumes":[{"secret":{"defaultMode":420}},null,5]},` +
			`"metadata":{"managedFields":[{"fieldsV1":{"a":{}},"time":""}]}}`,
	} {
		f.Add([]byte(text))
	}
	gvk := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	f.Fuzz(func(t *testing.T, text []byte) {
		w := newObjectWriter(time.Time{})
		w.reset(gvk)
		if r := (jsonReader{w: w, keys: interned{}}); !r.read(text) {
			return
		}
		obj, err := scheme.Scheme.New(gvk)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(w.text, obj); err != nil {
			t.Fatalf("%s was let pass of %s: %v", w.text, text, err)
		}
		if json.Unmarshal(text, obj) == nil && len(w.misfits) > 0 {
			t.Fatalf("%s: %q", text, w.misfits)
		}
		var whole, written unstructured.Unstructured
		if len(w.misfits) == 0 && json.Unmarshal(text, &whole.Object) == nil {
			if err := json.Unmarshal(w.text, &written.Object); err != nil || !sameJSON(whole.Object, written.Object) {
				t.Fatalf("%s became %s", text, w.text)
			}
		}
	})
}

func sameJSON(a, b any) bool {
	one, errA := json.Marshal(a)
	other, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(one) == string(other)
}

package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const blamed = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, team: a}
  finalizers: [x/a, x/b]
  managedFields:
  - manager: helm
    time: "2026-01-01T10:00:00Z"
    fieldsV1:
      f:metadata: {f:labels: {.: {}, f:app: {}}, f:finalizers: {'v:"x/a"': {}}}
      f:spec:
        f:replicas: {}
        f:template:
          f:spec:
            f:containers:
              'k:{"name":"app"}':
                .: {}
                f:image: {}
                f:command: {}
                f:ports:
                  'k:{"containerPort":80,"protocol":"TCP"}': {.: {}, f:containerPort: {}}
  - manager: kubectl-edit
    time: "2026-01-01T11:00:00Z"
    fieldsV1:
      f:metadata: {f:labels: {f:team: {}}}
      f:spec: {f:replicas: {}, f:template: {f:spec: {f:containers: {'k:{"name":"proxy"}': {f:image: {}}}}}}
  - {manager: without, time: "2026-01-01T12:00:00Z"}
spec:
  replicas: 5
  paused: true
  template:
    spec:
      containers:
      - {name: proxy, image: envoy}
      - {name: app, image: web, command: [a, b], ports: [{containerPort: 80}]}
`

// owners are the paths of an object and the managers that Blame names for each.
func owners(t *testing.T, object string) (out []string) {
	t.Helper()
	owned, err := Blame(parsed(t, object))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range owned {
		var by []string
		for _, m := range o.By {
			by = append(by, m.Name)
		}
		out = append(out, strings.Join(o.Path, ".")+" "+strings.Join(by, "+"))
	}
	slices.Sort(out)
	return out
}

func TestBlame(t *testing.T) {
	got := owners(t, blamed)
	want := []string{
		"metadata.finalizers.0 helm", "metadata.labels.app helm", "metadata.labels.team kubectl-edit",
		"spec.replicas kubectl-edit+helm",
		"spec.template.spec.containers.0.image kubectl-edit",
		"spec.template.spec.containers.1.command.0 helm", "spec.template.spec.containers.1.command.1 helm",
		"spec.template.spec.containers.1.image helm",
		"spec.template.spec.containers.1.ports.0.containerPort helm",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// uglyBlame has a manager that writes the object and its status, a list of numbers that is a
// set, an atomic map, items by their index, an item that lacks the key's default, keys with
// dots and slashes, and values that nobody set.
const uglyBlame = `
metadata:
  name: web
  annotations: {example.org/a.b: x, 'with "quotes"': y}
  managedFields:
  - manager: controller
    operation: Update
    time: "2026-01-01T10:00:00Z"
    fieldsV1:
      f:metadata: {f:annotations: {'f:example.org/a.b': {}}}
      f:spec:
        f:selector: {}
        f:numbers: {'v:3': {}, 'v:5': {}}
        f:rules: {'i:1': {f:host: {}}}
        f:ports: {'k:{"port":80,"protocol":"TCP"}': {.: {}, f:port: {}, f:name: {}}}
        f:empty: {}
        f:emptyList: {}
  - manager: controller
    operation: Update
    subresource: status
    time: "2026-01-01T12:00:00Z"
    fieldsV1:
      f:status: {f:ready: {}, f:conditions: {.: {}, 'k:{"type":"Ready"}': {.: {}, f:status: {}, f:type: {}}}}
  - manager: person
    operation: Apply
    time: "2026-01-01T11:00:00Z"
    fieldsV1: {f:spec: {f:selector: {}}, 'f:gone': {f:x: {}}, f:metadata: {f:annotations: {'f:with "quotes"': {}}}}
spec:
  selector: {app: web, tier: front}
  numbers: [5, 4, 3]
  rules: [{host: a}, {host: b}]
  ports: [{port: 80, name: http, targetPort: 8080}, {port: 80, protocol: UDP}]
  empty: {}
  emptyList: []
  defaulted: true
status:
  ready: 1
  conditions: [{type: Ready, status: "True", reason: Fine}, {type: Other, status: "True"}]
`

func TestBlameOfUglyObjects(t *testing.T) {
	owned, err := Blame(parsed(t, uglyBlame))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range owned {
		line := strings.Join(o.Path, " > ") + ":"
		for _, m := range o.By {
			line += " " + m.Name + " " + m.At.Format("15h") + m.Subresource
		}
		got = append(got, line)
	}
	slices.Sort(got)
	want := []string{
		"metadata > annotations > example.org/a.b: controller 10h",
		`metadata > annotations > with "quotes": person 11h`,
		"spec > empty: controller 10h", "spec > emptyList: controller 10h",
		"spec > numbers > 0: controller 10h", "spec > numbers > 2: controller 10h",
		"spec > ports > 0 > name: controller 10h", "spec > ports > 0 > port: controller 10h",
		"spec > rules > 1 > host: controller 10h",
		"spec > selector > app: person 11h controller 10h", "spec > selector > tier: person 11h controller 10h",
		"status > conditions > 0 > status: controller 12hstatus", "status > conditions > 0 > type: controller 12hstatus",
		"status > ready: controller 12hstatus",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTheNearestOwnerIsBlamed holds that who only made the map or the item around a field is not
// blamed for what another has set inside.
func TestTheNearestOwnerIsBlamed(t *testing.T) {
	const object = `
metadata:
  managedFields:
  - {manager: apply, time: "2026-01-01T10:00:00Z", fieldsV1: {%s}}
  - {manager: patch, time: "2026-01-01T11:00:00Z", fieldsV1: {%s}}
  - {manager: scale, time: "2026-01-01T09:00:00Z", subresource: scale, fieldsV1: {%s}}
data: {MODE: turbo, LEVEL: info}
list: [{name: a, image: x, tag: y}, {name: b, image: z}]
set: [p, q]
empty: {}
`
	for name, c := range map[string]struct{ apply, patch, scale, want string }{
		"the map is all that is left": {"'f:data': {}", "'f:data': {'f:MODE': {}}", "", "data.MODE patch"},
		"the map and a key": {
			"'f:data': {.: {}, 'f:LEVEL': {}}", "'f:data': {'f:MODE': {}}", "", "data.LEVEL apply, data.MODE patch",
		},
		"several of one field": {
			"'f:data': {'f:MODE': {}}", "'f:data': {'f:MODE': {}}", "'f:data': {}", "data.MODE patch+apply",
		},
		"all of it at once": {"'f:data': {}", "", "'f:data': {}", "data.LEVEL apply+scale, data.MODE apply+scale"},
		"an item": {
			"'f:list': {'k:{\"name\":\"a\"}': {}}", "'f:list': {'k:{\"name\":\"a\"}': {'f:image': {}}}", "'f:list': {}",
			"list.0.image patch",
		},
		"the item, and the whole list before": {
			"'f:list': {}", "'f:list': {'k:{\"name\":\"a\"}': {.: {}, 'f:name': {}}}", "", "list.0.name patch",
		},
		"values of a set": {"'f:set': {}", "'f:set': {'v:\"q\"': {}}", "", "set.1 patch"},
		"an empty map":    {"'f:empty': {}", "'f:empty': {'f:gone': {}}", "", "empty apply"},
	} {
		got := owners(t, fmt.Sprintf(object, c.apply, c.patch, c.scale))
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: it says %s\n    wanted %s", name, text, c.want)
		}
	}
}

func TestBlameOfWhatIsBroken(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":        "{}",
		"no field sets":  "{metadata: {managedFields: [{manager: a}]}}",
		"other types":    "{metadata: {managedFields: [1, x, {fieldsV1: 3}]}}",
		"not a list":     "{metadata: {managedFields: {}}}",
		"a set of noise": "{metadata: {managedFields: [{manager: a, fieldsV1: {'f:spec': {}, 'f:nothing': {}}}]}, spec: {}}",
	} {
		owned, err := Blame(parsed(t, text))
		if err != nil || len(owned) > 1 {
			t.Errorf("%s: %v %v", name, owned, err)
		}
	}
	broken := "{metadata: {managedFields: [{manager: a, fieldsV1: {'k:{': {}}}]}}"
	if owned, err := Blame(parsed(t, broken)); err == nil {
		t.Errorf("a broken key says %v", owned)
	}
}

// TestNarrow names the fields of a manager whose write nothing else remembers.
func TestNarrow(t *testing.T) {
	object := parsed(t, uglyBlame)
	owned, err := Blame(object)
	if err != nil {
		t.Fatal(err)
	}
	changes := Rebuild(kinds.Ref{Name: "web"}, object)
	Narrow(changes, owned)
	var got []string
	for _, c := range changes {
		got = append(got, c.Who+": "+c.Text)
	}
	want := []string{
		"controller: metadata.annotations.example.org/a.b, spec.empty, spec.emptyList or 6 more were set",
		`person: metadata.annotations.with "quotes", spec.selector.app or spec.selector.tier was set`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWhatWasSet reads how the fields of a write are named.
func TestWhatWasSet(t *testing.T) {
	for fields, want := range map[string]string{
		"containers.0.image": "containers.0.image was set",
		"a b":                "a or b was set",
		"a b c":              "a, b or c was set",
		"a b c d":            "a, b, c or 1 more was set",
		"a b c d e":          "a, b, c or 2 more were set",
	} {
		if got := setText(strings.Fields(fields)); got != want {
			t.Errorf("%s: %q, not %q", fields, got, want)
		}
	}
}

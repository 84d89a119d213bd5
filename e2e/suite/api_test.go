package suite

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestAPIResources compares the resources that are printed with kubectl's, cell by cell,
// and looks for each on the screen.
func TestAPIResources(t *testing.T) {
	for _, wide := range [][]string{nil, {"-o", "wide"}} {
		want := tableLines(kubectl(t, append([]string{"api-resources"}, wide...)...))
		out, problems, code := run(t, nil, world.fathom, append([]string{"--once", "api"}, wide...)...)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, problems)
		}
		got := tableLines(out)
		if len(want) < 50 {
			t.Fatalf("kubectl knows %d resources", len(want))
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%v: fathom does not print %q", wide, line)
			}
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("%v: only fathom prints %q", wide, line)
			}
		}
		if !slices.Equal(got, want) && !t.Failed() {
			t.Errorf("%v: the order differs", wide)
		}
	}
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 200, Rows: 300})
	f.WaitFor("● live", limit)
	goTo(f, "api")
	f.WaitFor("apps/v1", limit)
	f.Keys("a")
	f.WaitFor("deployments", limit)
	shown := f.WaitIdle(time.Second, limit).String()
	for _, line := range tableLines(kubectl(t, "api-resources", "-o", "wide"))[1:] {
		cells := strings.Split(line, "|")
		if !onOneLine(shown, cells[0], cells[4], cells[5]) {
			t.Errorf("the screen has no line with %q, %q and %q", cells[0], cells[4], cells[5])
		}
	}
}

// tableLines are the lines of a table with a mark between their cells, however wide the
// columns are.
func tableLines(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var begins []int
	for i := range lines[0] {
		if lines[0][i] != ' ' && (i == 0 || lines[0][i-1] == ' ') {
			begins = append(begins, i)
		}
	}
	for n, line := range lines {
		var cells []string
		for i, begin := range begins {
			end := len(line)
			if i+1 < len(begins) {
				end = min(end, begins[i+1])
			}
			cells = append(cells, strings.TrimSpace(line[min(begin, end):end]))
		}
		lines[n] = strings.Join(cells, "|")
	}
	return lines
}

// onOneLine reports whether some line of a screen has all the words.
func onOneLine(text string, words ...string) bool {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(fields, w) }) {
			return true
		}
	}
	return false
}

// explained are kinds and fields of all sorts: of the core group and others, with lists,
// maps, enums, fields that contain themselves, and a custom resource.
var explained = []string{
	"pods", "pods.spec", "pod.spec.containers", "pods.spec.volumes.projected.sources", "deploy",
	"deployments.spec.strategy", "deployments.spec.strategy.type", "sts.spec.volumeClaimTemplates",
	"cronjobs.spec.jobTemplate.spec", "services.spec", "svc.spec.ports", "ingresses.spec.rules",
	"networkpolicies.spec.egress", "nodes.status", "pv.spec", "secrets", "configmaps", "events",
	"endpointslices.endpoints", "hpa.spec.metrics", "roles.rules", "storageclasses", "csidrivers.spec",
	"validatingwebhookconfigurations.webhooks", "customresourcedefinitions.spec.versions.schema",
	"leases.spec", "apiservices", "flowschemas.spec", "storefronts",
}

// TestExplain compares what is said of fields with what kubectl explain says: names,
// types, what is required, values and descriptions.
func TestExplain(t *testing.T) {
	for _, what := range explained {
		for _, recursive := range []bool{false, true} {
			args := []string{"explain", what}
			if recursive {
				args = append(args, "--recursive")
			}
			want := words(kubectl(t, args...))
			out, problems, code := run(t, nil, world.fathom, append([]string{"--once"}, args...)...)
			if code != 0 {
				t.Errorf("%q: exit %d: %s", args, code, problems)
				continue
			}
			compareWords(t, strings.Join(args, " "), words(out), want)
		}
	}
}

// words are those of a text, whatever is between them.
func words(text string) []string { return strings.Fields(text) }

// compareWords says where two texts begin to differ.
func compareWords(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) < 10 {
		t.Fatalf("%s: kubectl says only %q", what, want)
	}
	around := func(text []string) string { return strings.Join(text[:min(20, len(text))], " ") }
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(got) > 0 && len(want) > 0 && got[0] == want[0]:
			got, want = got[1:], want[1:]
		case len(want) > 1 && want[0] == "<no" && want[1] == "description>":
			// fathom has what is said of the field's type.
			if want = want[2:]; len(want) == 0 {
				return
			}
			got = got[max(0, slices.Index(got, want[0])):]
		default:
			t.Errorf("%s:\n got ... %s ...\nwant ... %s ...", what, around(got), around(want))
			return
		}
	}
}

// TestExplainOnTheScreen opens a field from the command line and from the palette.
func TestExplainOnTheScreen(t *testing.T) {
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 80, Rows: 24}, "explain", "deploy.spec.template")
	f.WaitFor("spec.template  PodTemplateSpec  required", limit)
	f.WaitFor("▾ template", limit)
	f.Keys(":")
	f.Type("explain ing.spec.rules.http.paths.pathType")
	f.Keys("enter")
	f.WaitFor("spec.rules.http.paths.pathType  string  required", limit)
	f.WaitFor("one of   Exact, ImplementationSpecific, Prefix", limit)
}

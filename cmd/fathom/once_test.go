package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// longEvent is a dump of an event whose message is longer than any terminal, of
// a Deployment and of a Secret.
const longEvent = `apiVersion: v1
kind: Event
metadata: {name: e, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z"}
involvedObject: {kind: Pod, namespace: shop, name: p}
reason: R
type: Warning
lastTimestamp: "2026-01-01T00:00:00Z"
message: ` + "LONG" + `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, managedFields: [{manager: m}]}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
data: {password: c2VjcmV0}
`

func longDump(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all.yaml")
	text := strings.Replace(longEvent, "LONG", strings.Repeat("word ", 60)+"needle", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOnceIsAsWideAsItComes(t *testing.T) {
	dump := longDump(t)
	for columns, want := range map[string]bool{"": true, "400": true, "x": true, "0": true, "80": false} {
		t.Setenv("COLUMNS", columns)
		out, err := runOpen(t, dump, "events")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out, "needle") != want {
			t.Errorf("COLUMNS=%q: the whole message is there: %v", columns, !want)
		}
		for line := range strings.Lines(out) {
			if strings.HasSuffix(line, " \n") {
				t.Errorf("COLUMNS=%q: a line is padded: %q", columns, line)
			}
		}
	}
}

func TestOnceOutputs(t *testing.T) {
	dump := longDump(t)
	for name, c := range map[string]struct {
		args      []string
		want, not string // in what is printed, or in the error
	}{
		"names":                   {[]string{"-o", "name", "deploy"}, "deployment.apps/web\n", "shop"},
		"names of the core group": {[]string{"-o", "name", "events"}, "event/e\n", ""},
		"names of Secrets":        {[]string{"-o", "name", "secrets"}, "secret/s\n", ""},
		"wide":                    {[]string{"-o", "wide", "deploy"}, "SELECTOR", ""},
		"not wide":                {[]string{"deploy"}, "UP-TO-DATE", "SELECTOR"},
		"a list in YAML":          {[]string{"-o", "yaml", "deploy"}, "kind: List", "managedFields"},
		"one in YAML":             {[]string{"-o", "yaml", "deploy/web"}, "kind: Deployment", "kind: List"},
		"one in JSON":             {[]string{"-o", "json", "deploy", "web"}, `    "kind": "Deployment",`, "List"},
		"Secrets in YAML":         {[]string{"-o", "yaml", "secrets"}, "kubectl get secret -o yaml", "c2VjcmV0"},
		"one Secret in JSON":      {[]string{"-o", "json", "secret/s"}, "whose values stay hidden", "c2VjcmV0"},
		"no such object":          {[]string{"-o", "yaml", "deploy/gone"}, `no namespace has a deployment "gone"`, ""},
		"no such output":          {[]string{"-o", "jsn", "deploy"}, "-o jsn: valid outputs are wide, json, yaml, name", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("COLUMNS", "")
			out, err := runOpen(t, append([]string{dump}, c.args...)...)
			if err != nil {
				out += err.Error()
			}
			if !strings.Contains(out, c.want) || c.not != "" && strings.Contains(out, c.not) {
				t.Errorf("got %s, want %q and no %q", out, c.want, c.not)
			}
		})
	}
}

// TestOnceListsParse reads lists as a script does.
func TestOnceListsParse(t *testing.T) {
	dump := longDump(t)
	for output, parse := range map[string]func([]byte, any) error{
		"json": json.Unmarshal,
		"yaml": func(data []byte, to any) error { return yaml.Unmarshal(data, to) },
	} {
		for kind, want := range map[string]int{"events": 1, "deployments": 1, "pods": 0} {
			out, err := runOpen(t, dump, "-o", output, kind)
			var list struct {
				Kind  string
				Items []map[string]any
			}
			if err == nil {
				err = parse([]byte(out), &list)
			}
			if kind == "pods" && err != nil {
				continue // The dump has none: that may be said in place of a list.
			}
			if err != nil || list.Kind != "List" || len(list.Items) != want {
				t.Errorf("%s of %s: %+v, %v", output, kind, list, err)
			}
			if output == "json" && out != indented(t, out) {
				t.Errorf("not indented as kubectl does: %s", out)
			}
		}
	}
}

// indented is JSON with the keys and the indentation of kubectl.
func indented(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(value, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + "\n"
}

// TestObjectsMoveNoCursor prints text that a terminal would obey, or show as other text.
func TestObjectsMoveNoCursor(t *testing.T) {
	text := "a\u009b2J \u202e \x7f \x1b[2J \U000e0041 ü 日本 <&>"
	object := map[string]any{
		"text": text, "lines": text + "\nand\r\n" + text, text: "key", "list": []any{text, "\u2066x"},
	}
	for _, test := range []struct {
		output   string
		terminal bool
		parse    func([]byte, any) error
	}{
		{outputJSON, false, json.Unmarshal},
		{outputJSON, true, json.Unmarshal},
		{outputYAML, true, func(data []byte, to any) error { return yaml.Unmarshal(data, to) }},
	} {
		var out strings.Builder
		if err := encode(console.New(&out), object, test.output, test.terminal); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if r != '\n' && kinds.Clean(string(r)) != string(r) {
				t.Errorf("%s: %q is in %q", test.output, r, out.String())
			}
		}
		var back map[string]any
		if err := test.parse([]byte(out.String()), &back); err != nil || !reflect.DeepEqual(back, object) {
			t.Errorf("%s: it comes back as %q, %v", test.output, back, err)
		}
	}
}

// TestYAMLInAPipe checks that it is kubectl's, whatever is in it.
func TestYAMLInAPipe(t *testing.T) {
	object := map[string]any{"spoof": "a\u202egnp.exe", "kind": "ConfigMap"}
	var out strings.Builder
	if err := encode(console.New(&out), object, outputYAML, console.New(&out).IsTerminal()); err != nil {
		t.Fatal(err)
	}
	if want := "kind: ConfigMap\nspoof: a\u202egnp.exe\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestOutputNeedsOnce(t *testing.T) {
	for _, args := range [][]string{{"-o", "yaml"}, {"demo", "-o", "yaml"}, {"open", longDump(t), "-o", "yaml"}} {
		cmd := rootCommand("fathom")
		cmd.SetArgs(args)
		if err := cmd.ExecuteContext(t.Context()); !isUsage(err) || !strings.Contains(err.Error(), "add --once") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// TestOnceSelects prints the objects that have labels, which the server chooses.
func TestOnceSelects(t *testing.T) {
	server := kubetest.New(t, time.Now())
	server.Apply(t, `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: shop, labels: {app: db}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-2, namespace: other, labels: {app: web}}}
`)
	kubeconfig := served(t, server.ServeHTTP)
	for args, c := range map[string]struct {
		want string // the pods, or a part of what is said
		code int
	}{
		"--once pods -l app=web -o name":            {"pod/web-1\n", 0},
		"--once pods -A --selector app=web -o name": {"pod/web-2\npod/web-1\n", 0},
		"--once pods -l app!=web -o name":           {"pod/db-1\n", 0},
		"--once pods -l app=none":                   {"no pods in shop with app=none", 0},
		"--once -l app=web -o name":                 {"pod/web-1\n", 0},
		"--once pods -l app=web=":                   {"-l app=web=: found '='", 2},
		"pods -l app=web":                           {"-l applies only to --once and a kind; on a screen / filters", 2},
		"--once pod/web-1 -l app=web":               {"-l applies only to --once and a kind", 2},
		"--once top pods -l app=web":                {"-l applies only to --once and a kind", 2},
		"triage -l app=web":                         {"", 2},
	} {
		t.Run(args, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", kubeconfig)
			t.Setenv("COLUMNS", "")
			cmd, out := rootCommand("fathom"), &bytes.Buffer{}
			cmd.SetOut(out)
			cmd.SetErr(out)
			cmd.SetArgs(strings.Fields(args))
			err := cmd.ExecuteContext(t.Context())
			if err != nil {
				out.WriteString(err.Error())
			}
			exact := strings.HasSuffix(c.want, "\n")
			if codeOf(err) != c.code || exact && out.String() != c.want || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit code %d, want %d, and %q, want %q", codeOf(err), c.code, out, c.want)
			}
		})
	}
	if asked := server.Requests("labelSelector=app%3Dweb"); len(asked) == 0 {
		t.Error("the server was not asked for them")
	}
}

// TestConnectionFlagsAreHidden where they cannot matter, but accepted.
func TestConnectionFlagsAreHidden(t *testing.T) {
	for _, sub := range []string{"demo", "open"} {
		cmd, _, err := rootCommand("fathom").Find([]string{sub})
		if err != nil {
			t.Fatal(err)
		}
		usage := cmd.Flags().FlagUsages()
		for _, flag := range []string{"--kubeconfig", "--token", "--as", "--write", "--kuberc", "--context"} {
			if strings.Contains(usage, flag+" ") {
				t.Errorf("%s --help lists %s", sub, flag)
			}
			if cmd.Flags().Lookup(strings.TrimPrefix(flag, "--")) == nil {
				t.Errorf("%s does not take %s", sub, flag)
			}
		}
		for _, flag := range []string{"--namespace", "--once", "--theme"} {
			if !strings.Contains(usage, flag) {
				t.Errorf("%s --help does not list %s", sub, flag)
			}
		}
	}
}

// TestFlagErrors has one clear line for each.
func TestFlagErrors(t *testing.T) {
	for args, want := range map[string]string{
		"--once=maybe":                "--once maybe: give true or false",
		"record -o x --for soon":      "--for soon: give a duration such as 30s or 5m",
		"logs x --tail abc":           "--tail abc: give a number",
		"--nosuch":                    "unknown flag: --nosuch; see --help",
		"open":                        "open: give a file, a folder or -",
		"version now":                 `version: takes no arguments, but was given "now"`,
		"demo a b c":                  "demo: give KIND, KIND/NAME or KIND NAME, not 3 arguments",
		"open x --write":              "x cannot be changed; omit --write",
		"record -o x --logs sometime": "valid values are failing, all, none",
	} {
		cmd := rootCommand("fathom")
		cmd.SetArgs(strings.Fields(args))
		err := cmd.ExecuteContext(t.Context())
		if !isUsage(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("fathom %s: %v, want %q", args, err, want)
		}
	}
}

func TestUnknownKindsAreSuggested(t *testing.T) {
	dump := longDump(t)
	for typed, want := range map[string]string{
		"deploymnet": "did you mean deployment?", "evnts": "did you mean events?", "qqqqqqqq": "`fathom` and then : lists",
	} {
		if _, err := runOpen(t, dump, typed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", typed, err, want)
		}
	}
	for typed, n := range map[string]int{"pods": 0, "pdos": 1, "pod": 1, "podss": 1, "opd": 2, "": 4} {
		if got := ui.Typos(typed, "pods"); got != n {
			t.Errorf("%q: %d typing errors, want %d", typed, got, n)
		}
	}
}

// TestOnceWaitsOnlyForLiveClusters checks that what was saved has no limit of time.
func TestOnceWaitsOnlyForLiveClusters(t *testing.T) {
	p := newProgram()
	if ctx, stop := p.onceContext(t.Context()); true {
		if until, limited := ctx.Deadline(); !limited || time.Until(until) > onceWait {
			t.Error("a live cluster is waited for without end")
		}
		stop()
	}
	if err := p.app.useDemo(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.app.saved.Close)
	ctx, stop := p.onceContext(t.Context())
	defer stop()
	if _, limited := ctx.Deadline(); limited {
		t.Error("a saved cluster has a limit of time")
	}
}

// TestOnceHasNoMarks prints a table and an object: nothing is indented, and no column is
// marked as the sorted one.
func TestOnceHasNoMarks(t *testing.T) {
	dump := longDump(t)
	for _, what := range []string{"deploy", "deploy/web"} {
		out, err := runOpen(t, dump, what)
		if err != nil || strings.ContainsAny(out, "▲▼›") || strings.HasPrefix(out, " ") {
			t.Errorf("%s: %v:\n%s", what, err, out)
		}
	}
	if out, err := runOpen(t, dump, "pods", "-n", "shop"); err == nil && strings.Contains(out, "NAME") {
		t.Errorf("heads of nothing:\n%s", out)
	}
}

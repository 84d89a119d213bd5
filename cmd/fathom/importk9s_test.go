package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
)

// k9sFolder writes a config of k9s.
func k9sFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func translated(t *testing.T, dir string) (text, notes string) {
	t.Helper()
	var out, said bytes.Buffer
	if err := importK9s(dir, false, console.New(&out), console.New(&said)); err != nil {
		t.Fatal(err)
	}
	if _, err := parseConfig(out.Bytes()); err != nil {
		t.Fatalf("what was printed is not a config: %v\n%s", err, out.String())
	}
	return out.String(), said.String()
}

// k9sFiles is a config of k9s with what can be translated and what cannot.
var k9sFiles = map[string]string{
	"aliases.yaml": `aliases:
  dp: apps/v1/deployments
  pp: v1/pods
  jo: batch/v1/jobs
  web: pods shop app=web
  "a b": pods
  cr: acme.io/v1alpha1/widgets
`,
	"hotkeys.yaml": `hotKeys:
  f5:
    shortCut: F5
    description: the pods
    command: pods
  shift-1: {shortCut: Shift-1, description: nodes, command: nodes}
  ctrl-u: {shortCut: Ctrl-G, command: v1/services shop}
  broken: {shortCut: F6}
  odd: {shortCut: Wheel-1, command: pods}
`,
	"views.yaml": `views:
  v1/pods:
    sortColumn: AGE:asc
    columns:
      - NAMESPACE
      - NAME
      - STATUS
      - "%CPU/R"
      - ZONE:.metadata.labels.topology\.kubernetes\.io/zone|WR
      - QOS
      - PF
      - IP:.status.podIP
      - BAD:.a[|W
  v1/services@kube-.*:
    columns: [NAME, TYPE|W]
  acme.io/v1/widgets: {columns: [NAME, SIZE]}
  v1/nodes: {columns: 7}
`,
	"plugins.yaml": `plugins:
  stern:
    shortCut: F9
    description: stern it
    scopes: [apps/v1/deployments, sts]
    command: stern
    args: ["--context", $CONTEXT, -n, "${NAMESPACE}_x", "$RESOURCE_NAME.$RESOURCE_GROUP", $COL-READY, "5$"]
    background: true
  exec: {shortCut: Shift-9, scopes: [containers], command: kubectl, args: [exec, $POD, -c, $NAME]}
  taken: {shortCut: F5, scopes: [all], command: "true", confirm: true}
  same key: {shortCut: F9, scopes: [deploy], command: "true"}
  script: {command: bash, args: [-c, "kubectl get pods | head -$1"]}
  pasted: {command: bash, args: [-c, "kubectl get pod $NAME | less"]}
  filter: {command: a, args: [$FILTER]}
  not: {command: a, args: [$!COL-READY]}
  pod: {command: a, args: [$POD]}
  piped: {command: a, pipes: [less]}
  asks: {command: a, inputs: [{name: x}]}
  nothing: {shortCut: F8}
  text: 7
`,
	"skins/dark.yaml": "k9s: {}\n",
}

// k9sAsConfig is what becomes of it.
const k9sAsConfig = `keys: k9s
aliases:
  dp: deployments.apps
  pp: pods
  jo: jobs.batch
  web: pods shop app=web
  cr: widgets.acme.io
hotkeys:
  f5: {go: pods, help: the pods}
  ctrl-g: services shop
columns:
  pods:
    - NAMESPACE
    - NAME
    - STATUS
    - CPU/R
    - {name: ZONE, path: .metadata.labels.topology\.kubernetes\.io/zone, wide: true, right: true}
    - {name: QOS, path: .status.qosClass}
    - -*
  services -n kube-*:
    - NAME
    - {name: TYPE, wide: true}
    - -*
  widgets.acme.io:
    - NAME
    - SIZE
    - -*
plugins:
  stern:
    key: f9
    help: stern it
    kinds: [deployments.apps, sts]
    command: [stern, --context, $CONTEXT, -n, '${NAMESPACE}_x', $RESOURCE.$GROUP, '$COL{READY}', 5$$]
  exec:
    key: shift-9
    kinds: [containers]
    command: [kubectl, exec, $NAME, -c, $CONTAINER]
    output: terminal
  taken:
    command: ["true"]
    output: terminal
  same-key:
    kinds: [deploy]
    command: ["true"]
    output: terminal
  script:
    # review: it runs a shell script
    command: [bash, -c, kubectl get pods | head -$$1]
    output: terminal
`

func TestImportOfK9s(t *testing.T) {
	text, notes := translated(t, k9sFolder(t, k9sFiles))
	if text != k9sAsConfig {
		t.Errorf("got\n%s\nwant\n%s", text, k9sAsConfig)
	}
	for _, part := range []string{
		`aliases.yaml:6: `, `alias "a b"`, `hotkeys.yaml:6: `, `hotkey ! is the key of "triage"`,
		"hotkeys.yaml:8: hotkey broken has no", `hotkeys.yaml:9: `, `unknown key "wheel-1"`,
		"views.yaml:2: sortColumn AGE:asc", `column "PF": pods has no column PF`,
		`views.yaml:12: column "IP:.status.podIP": the kind`,
		`column "BAD:.a[|W": path`, "views.yaml:17: v1/nodes has no list",
		"plugins.yaml:10: it has no key: plugin taken: f5 is a hotkey",
		"plugins.yaml:11: it has no key: plugin same-key: f9 is the key of plugin stern",
		"plugins.yaml:12: plugin script runs a shell script; review it",
		"plugins.yaml:13: plugin pasted: $NAME in a script would be read as a part of it",
		"plugins.yaml:14: plugin filter: $FILTER is not", "plugins.yaml:15: plugin not: $!COL-READY is not",
		"plugins.yaml:16: plugin pod: $POD is not", "plugin piped: pipes are not", "plugin asks: inputs are not",
		"plugins.yaml:19: plugin nothing: it has no command", "plugins.yaml:20: plugin text: it has no command",
		"skins: --skin NAME prints one",
	} {
		if !strings.Contains(notes, part) {
			t.Errorf("%q is not said:\n%s", part, notes)
		}
	}
}

func TestImportOfLittle(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":          {},
		"empty files":      {"aliases.yaml": "", "hotkeys.yaml": "hotKeys:\n", "views.yaml": "views: []\n"},
		"of another shape": {"aliases.yaml": "aliases: 7\n", "views.yaml": "views: {v1/pods: [NAME]}\n"},
		"null":             {"aliases.yaml": "null\n", "hotkeys.yaml": "hotKeys: {a: null}\n"},
		"text that a terminal obeys": {
			"aliases.yaml": "aliases: {\"a\\u001b[1m\": pods}\n", "hotkeys.yaml": "hotKeys: {\"\\u001b]0;x\\a\": {}}\n",
		},
	} {
		text, notes := translated(t, k9sFolder(t, files))
		if text != "keys: k9s\n" || strings.ContainsAny(notes, "\x1b\a") {
			t.Errorf("%s: got %q, %q", name, text, notes)
		}
	}
	broken := k9sFolder(t, map[string]string{"aliases.yaml": "aliases: ["})
	var out bytes.Buffer
	if err := importK9s(broken, false, console.New(&out), console.New(&out)); err == nil ||
		!strings.Contains(err.Error(), "aliases.yaml: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if err := importK9s(filepath.Join(broken, "none"), false, console.New(&out), console.New(&out)); err == nil {
		t.Error("a missing folder is not an error")
	}
}

func TestImportSaves(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	dir := k9sFolder(t, map[string]string{"aliases.yaml": "aliases: {dp: v1/pods}\n"})
	var out bytes.Buffer
	if err := importK9s(dir, true, console.New(&out), console.New(&out)); err != nil {
		t.Fatal(err)
	}
	if err := importK9s(dir, true, console.New(&out), console.New(&out)); err == nil {
		t.Error("a config was overwritten")
	}
	file := strings.TrimSpace(strings.TrimPrefix(out.String(), "wrote "))
	c, err := readConfig(file)
	if err != nil || len(c.Aliases) != 1 || len(c.Keys) == 0 {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestOfferOfK9sKeys(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("K9S_CONFIG_DIR", t.TempDir())
	if said := newProgram().offerK9s(); said != "" {
		t.Errorf("without k9s: got %q", said)
	}
	t.Setenv("K9S_CONFIG_DIR", k9sFolder(t, map[string]string{"config.yaml": "k9s: {}\n"}))
	chosen := newProgram()
	chosen.config.Keys = bindings{}
	printed := newProgram()
	printed.app.flags.once = true
	for _, p := range []*program{chosen, printed} {
		if said := p.offerK9s(); said != "" {
			t.Errorf("who has keys, or no screen: got %q", said)
		}
	}
	if first, second := newProgram().offerK9s(), newProgram().offerK9s(); first == "" || second != "" {
		t.Errorf("got %q, then %q", first, second)
	}
}

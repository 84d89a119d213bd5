package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const kubercText = `apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
defaults:
- command: get
  options: [{name: output, default: wide}, {name: sort-by, default: .metadata.name}]
- command: logs
  options:
  - {name: tail, default: "100"}
  - {name: timestamps, default: "true"}
  - {name: prefix, default: "true"}
  - {name: since, default: soon}
- command: top pod
  options: [{name: containers, default: "true"}]
- command: delete
  options: [{name: interactive, default: "true"}]
- command: explain
  options: [{name: recursive, default: perhaps}]
aliases:
- name: getn
  command: get
  prependArgs: [nodes]
  options: [{name: output, default: json}]
- name: shop
  command: get
  appendArgs: [-n, shop]
  prependArgs: [pods]
  options: [{name: context, default: prod}]
- name: klogs
  command: logs
  options: [{name: tail, default: "5"}, {name: ignore-errors, default: "true"}]
- name: sorted
  command: get
  appendArgs: [--sort-by=.metadata.name]
- name: watched
  command: get
  appendArgs: [pods, -w]
- name: tree
  command: get
- name: demo
  command: get
- name: runx
  command: run
  options: [{name: image, default: nginx}]
- name: tp
  command: top po
`

// writeKuberc makes a file the kuberc file of a test.
func writeKuberc(t *testing.T, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kuberc")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBERC", path)
	t.Setenv("KUBECTL_KUBERC", "")
}

func TestKubercArgs(t *testing.T) {
	writeKuberc(t, kubercText)
	for typed, want := range map[string]string{
		"":                           "",
		"pods":                       "pods",
		"pods --once":                "--output=wide pods --once",
		"--once":                     "--output=wide --once",
		"--once -o name pods":        "--once -o name pods",
		"--once top pods":            "--containers=true --once top pods",
		"--once top po":              "--containers=true --once top po",
		"--once top nodes":           "--once top nodes",
		"top pods":                   "top pods",
		"--once explain pods":        "--once explain pods",
		"--once tree pod/web":        "--once tree pod/web",
		"--once why pod/web":         "--once why pod/web",
		"--once triage":              "--once triage",
		"logs web":                   "--tail=100 --timestamps=true logs web",
		"logs web --tail 3":          "--timestamps=true logs web --tail 3",
		"-n shop logs web":           "--tail=100 --timestamps=true -n shop logs web",
		"logs":                       "--tail=100 --timestamps=true logs",
		"getn":                       "nodes",
		"getn n1":                    "nodes n1",
		"getn n1 --once":             "--output=json nodes n1 --once",
		"--once getn -o wide":        "--output=json --once nodes -o wide",
		"shop":                       "--context=prod pods -n shop",
		"shop web --context dev":     "--context=prod pods web --context dev -n shop",
		"-n shop shop":               "--context=prod -n shop pods -n shop",
		"--namespace shop shop":      "--context=prod --namespace shop pods -n shop",
		"klogs web":                  "logs --tail=5 web",
		"klogs web --tail 9 -f":      "logs --tail=5 web --tail 9 -f",
		"-n shop klogs web":          "logs --tail=5 -n shop web",
		"tp -n shop":                 "top pods -n shop",
		"runx web":                   "runx web",
		"demo pods":                  "demo pods",
		"tree pod/web":               "tree pod/web",
		"GETN":                       "GETN",
		"record -o x.tape":           "record -o x.tape",
		"__complete getn":            "__complete getn",
		"sorted pods":                "! sorted is an alias of the kuberc file with --sort-by, which fathom does not have there",
		"watched":                    "! watched is an alias of the kuberc file with -w, which fathom does not have there",
		"logs --kuberc /nosuch web":  "logs --kuberc /nosuch web",
		"logs web --kuberc=/nosuch/": "logs web --kuberc=/nosuch/",
	} {
		args, err := kubercArgs(rootCommand("fathom"), strings.Fields(typed))
		got := strings.Join(args, " ")
		if err != nil {
			got = "! " + err.Error()
		}
		if strings.HasPrefix(want, "! ") != isUsage(err) || !strings.HasPrefix(got, want) || err == nil && got != want {
			t.Errorf("fathom %s\n got %s\nwant %s", typed, got, want)
		}
	}
}

// TestKubercArgsAreTaken has the command line parse what a kuberc file adds to it.
func TestKubercArgsAreTaken(t *testing.T) {
	writeKuberc(t, kubercText)
	for _, typed := range []string{"logs web --tail 3", "klogs web --tail 9", "--once getn", "shop", "tp -n x"} {
		args, err := kubercArgs(rootCommand("fathom"), strings.Fields(typed))
		if err != nil {
			t.Fatal(err)
		}
		cmd := rootCommand("fathom")
		sub, rest, err := cmd.Find(args)
		if err != nil {
			t.Fatal(err)
		}
		if err := sub.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", typed, err)
		}
		if tail := sub.Flags().Lookup("tail"); sub.Name() == "logs" && !strings.HasSuffix(typed, tail.Value.String()) {
			t.Errorf("%s: --tail %s", typed, tail.Value)
		}
	}
}

// TestBrokenKubercCostsItself reads files that say nothing.
func TestBrokenKubercCostsItself(t *testing.T) {
	for name, text := range map[string]string{
		"broken": "kind: [\n", "empty": "", "another kind": "apiVersion: v1\nkind: Pod\n", "null": "null\n",
		"an unknown version": "apiVersion: kubectl.config.k8s.io/v9\nkind: Preference\naliases: [{name: getn, command: get}]\n",
		"no command":         strings.Split(kubercText, "defaults:")[0] + "aliases: [{name: getn}]\ndefaults: [{}]\n",
	} {
		writeKuberc(t, text)
		args, err := kubercArgs(rootCommand("fathom"), []string{"getn"})
		if err != nil || !slices.Equal(args, []string{"getn"}) {
			t.Errorf("%s: %q, %v", name, args, err)
		}
	}
	t.Setenv("KUBERC", filepath.Join(t.TempDir(), "none"))
	if args, err := kubercArgs(rootCommand("fathom"), []string{"logs", "web"}); err != nil || len(args) != 2 {
		t.Errorf("without a file: %q, %v", args, err)
	}
	writeKuberc(t, kubercText)
	t.Setenv("KUBECTL_KUBERC", "false")
	if args, err := kubercArgs(rootCommand("fathom"), []string{"logs", "web"}); err != nil || len(args) != 2 {
		t.Errorf("with the gate off: %q, %v", args, err)
	}
}

// TestWhatOfKubercIsNotUnderstood is a message for each thing, and none for other commands.
func TestWhatOfKubercIsNotUnderstood(t *testing.T) {
	writeKuberc(t, kubercText)
	a := newApp()
	if err := a.readKuberc(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range a.messages.All() {
		said = append(said, m.Text)
	}
	want := []string{
		"kuberc: defaults of get: fathom has no --sort-by there",
		"kuberc: defaults of logs: fathom has no --prefix there",
		`kuberc: defaults of logs: --since cannot be "soon" here`,
		`kuberc: defaults of explain: --recursive cannot be "perhaps" here`,
		"kuberc: alias klogs: fathom has no --ignore-errors there",
		"kuberc: alias sorted: fathom has no --sort-by there",
		"kuberc: alias watched: fathom has no -w there",
		"kuberc: alias tree: fathom has a word of that name",
		"kuberc: alias demo: fathom has a word of that name",
	}
	slices.Sort(said)
	slices.Sort(want)
	if !slices.Equal(said, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/recorder"
	"github.com/fathom-k8s/fathom/kube/tape"
)

// runRecord runs `fathom record` against a server in this process.
func runRecord(t *testing.T, args ...string) (told string, err error) {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Apply(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: app}]}")
	return runRecordOf(t, server, args...)
}

func runRecordOf(t *testing.T, server *kubetest.Server, args ...string) (told string, err error) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	cmd := rootCommand("fathom")
	var out bytes.Buffer
	cmd.SetErr(&out)
	cmd.SetArgs(append([]string{"record", "--server", server.Listen(t).URL}, args...))
	err = cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRecordCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tape")
	told, err := runRecord(t, "-o", path, "--for", "1500ms",
		"-n", "shop", "-n", "other", "--kinds", "pods,cm", "--logs", "none")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "recorded "+path) || !strings.Contains(told, "1 objects  0 changes") {
		t.Error(told)
	}
	tape, err := tape.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tape.Close()
	about := tape.About()
	if len(about.Namespaces) != 2 || about.Logs != recorder.LogsNone || len(tape.Marks()) < 2 {
		t.Errorf("%+v %v", about, tape.Marks())
	}
}

func TestRecordCommandRefuses(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		want  string
		usage bool
	}{
		"no file":          {nil, "-o names the file to write", true},
		"the file exists":  {[]string{"-o", there}, "already exists; name a new file", false},
		"other logs":       {[]string{"-o", "x", "--logs", "some"}, "valid values are failing, all, none", true},
		"an argument":      {[]string{"-o", "x", "pods"}, `record: takes no arguments, but was given "pods"`, true},
		"a time that was":  {[]string{"-o", "x", "--for", "-1s"}, "give a time to come", true},
		"an unknown kind":  {[]string{"-o", filepath.Join(t.TempDir(), "y"), "--kinds", "podz"}, `no kind "podz"`, false},
		"an unknown place": {[]string{"-o", filepath.Join(t.TempDir(), "no", "y")}, "no such file or directory", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := runRecord(t, c.args...)
			oneLine := err != nil && !strings.Contains(err.Error(), "\n")
			if !oneLine || !strings.Contains(err.Error(), c.want) || isUsage(err) != c.usage {
				t.Error(err)
			}
		})
	}
	if text, _ := os.ReadFile(there); string(text) != "mine" {
		t.Error("the file was touched")
	}
}

func TestProgressIsOneLine(t *testing.T) {
	var out bytes.Buffer
	at := progressPrinter{out: console.New(&out), path: "x.tape", drawn: true}
	p := recorder.Progress{Elapsed: 1500 * time.Millisecond, Listed: 3, Resources: 50}
	p.Objects, p.Bytes = 1234567, 20<<20
	at.show(p)
	p.Listed, p.Notes, p.Lines = 50, []string{"nodes is forbidden"}, 3
	at.show(p)
	at.endLine()
	want := "\rreading 3 of 50 kinds  1s  1,234,567 objects  0 changes  20 MiB\x1b[K\nnodes is forbidden\n" +
		"\rrecording x.tape  1s  1,234,567 objects  0 changes  20 MiB  3 log lines\x1b[K\n"
	if out.String() != want {
		t.Errorf("%q", out.String())
	}
}

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
)

// TestMain captures what libraries say before any cluster runs, as the program
// does: a cluster of an earlier test may still log when another one begins.
func TestMain(m *testing.M) {
	restore, err := kube.CaptureStderr(kube.NewMessages())
	if err != nil {
		panic(err)
	}
	restore()
	os.Exit(m.Run())
}

// TestKubectlsVerbsWithOtherKeys names the keys that a config has.
func TestKubectlsVerbsWithOtherKeys(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", folder)
	file := filepath.Join(folder, "fathom", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("keys: {tab-changes: [ctrl+j]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]string{
		"changes": "those of an object are ctrl+j there", "changes pod/web": "try `fathom pod/web`, then ctrl+j",
		"yaml": "yaml needs an object: `fathom KIND/NAME`, then y",
	} {
		if err := rejectVerb(nil, strings.Fields(verb)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", verb, err, want)
		}
	}
}

// TestKubectlsVerbs tries what people type who are used to kubectl.
func TestKubectlsVerbs(t *testing.T) {
	for args, want := range map[string]string{
		"get pods":              "try `fathom pods`",
		"get":                   "try `fathom pods`",
		"describe pod web-1":    "try `fathom pod/web-1`, then d",
		"describe pod/web-1":    "try `fathom pod/web-1`, then d",
		"pods web-1 and others": "give KIND, KIND/NAME or KIND NAME, not 4 arguments",
	} {
		cmd := rootCommand("fathom")
		cmd.SetArgs(strings.Fields(args))
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		if err := cmd.Execute(); !isUsage(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("fathom %s: %v, want %q", args, err, want)
		}
	}
}

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// pipeOf makes a pipe and writes a text to it once.
func pipeOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		// Opening waits for the reader.
		if pipe, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, _ = pipe.WriteString(text)
			_ = pipe.Close()
		}
	}()
	return path
}

// TestAKubeconfigThatIsAPipe holds that a pipe is read once, and that what it said serves
// the first context, the list of them, another context, and the watch of changes.
func TestAKubeconfigThatIsAPipe(t *testing.T) {
	two := strings.ReplaceAll(oneContext, "SERVER", "https://127.0.0.1:1")
	two = strings.Replace(two, "contexts: [", "contexts: [{name: b, context: {cluster: a, user: a}}, ", 1)
	for _, flag := range []bool{true, false} {
		t.Setenv("HOME", t.TempDir())
		a, file := newApp(), filepath.Join(t.TempDir(), "file")
		a.places = newPlaces(t.TempDir())
		if err := os.WriteFile(file, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("KUBECONFIG", file+":"+pipeOf(t, two))
		if flag {
			t.Setenv("KUBECONFIG", "")
			*a.flags.kube.KubeConfig = pipeOf(t, two)
		}
		if err := a.holdKubeconfig(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"", "b"} {
			if _, _, err := a.connect(name); err != nil {
				t.Errorf("context %q: %v", name, err)
			}
		}
		if all, current, err := a.contexts(); err != nil || len(all) != 2 || current != "a" {
			t.Errorf("%v, current %q, %v", all, current, err)
		}
		watch := newKubeconfigWatch(a)
		if news, changed := watch.look(); changed || watch.broken {
			t.Errorf("changed: %v; broken: %v", news, watch.broken)
		}
		a.close()
		a.release()
	}
}

// TestAPipeThatIsNotAKubeconfig names the pipe that was given.
func TestAPipeThatIsNotAKubeconfig(t *testing.T) {
	a, path := newApp(), pipeOf(t, "contexts: [")
	*a.flags.kube.KubeConfig = path
	if err := a.holdKubeconfig(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}

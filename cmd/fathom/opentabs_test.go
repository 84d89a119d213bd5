package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// TestWhoKeepsTabs holds that a run that names what to look at leaves the kept tabs alone.
func TestWhoKeepsTabs(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want bool
	}{
		{nil, true}, {[]string{"--write"}, true}, {[]string{"--theme=mono"}, true},
		{[]string{"pods"}, false}, {[]string{"-n", "shop"}, false}, {[]string{"-A"}, false},
		{[]string{"--context=dev"}, false}, {[]string{"--kubeconfig=other"}, false},
		{[]string{"--as=jane"}, false}, {[]string{"--server=https://127.0.0.1:1"}, false}, {[]string{"-n", "a,b"}, false},
	} {
		p := newProgram()
		p.config.Restore = true
		cmd := &cobra.Command{Use: "fathom"}
		p.app.flags.addConnection(cmd)
		p.app.flags.addScreen(cmd)
		if err := cmd.ParseFlags(tt.args); err != nil {
			t.Fatal(err)
		}
		if err := p.app.flags.checkFor(nil); err != nil {
			t.Fatal(err)
		}
		rest := cmd.Flags().Args()
		if got := p.keepsTabs(rest, ""); got != tt.want {
			t.Errorf("fathom %s: keeps its tabs: %v", strings.Join(tt.args, " "), got)
		}
		p.config.Restore = false
		if p.keepsTabs(rest, "") {
			t.Errorf("fathom %s keeps tabs although the config does not ask for it", strings.Join(tt.args, " "))
		}
	}
}

// TestReadTabs reads what may stand in the file.
func TestReadTabs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tabs.json")
	if got := readTabs(file); len(got.Tabs) > 0 {
		t.Errorf("of no file, there are %v", got)
	}
	kept := keptTabs{At: 1, Tabs: []views.OpenTab{{Context: "a", View: "api"}, {Context: "b", Object: "web"}}}
	if err := writeWhole(file, kept); err != nil {
		t.Fatal(err)
	}
	if got := readTabs(file); cmp.Diff(got, kept) != "" {
		t.Error(cmp.Diff(got, kept))
	}
	for range ui.TabsMax {
		kept.Tabs = append(kept.Tabs, kept.Tabs[0])
	}
	if err := writeWhole(file, kept); err != nil {
		t.Fatal(err)
	}
	if got := readTabs(file); len(got.Tabs) != ui.TabsMax {
		t.Errorf("there are %d tabs", len(got.Tabs))
	}
	for _, text := range []string{"", "{", "[]", `{"tabs":[{"context":"a\u001b[2J"}]}`, `{"tabs":"x"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readTabs(file); len(got.Tabs) > 0 {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

package provider

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInotify raises the setting for two clusters and restores it with the last.
func TestInotify(t *testing.T) {
	folder := t.TempDir()
	setting, remembered := filepath.Join(folder, "setting"), filepath.Join(folder, "inotify")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(setting); err != nil || string(got) != want {
			t.Errorf("the setting is %q, %v, want %q", got, err, want)
		}
	}
	write(setting, "128\n")
	for _, name := range []string{"one", "two"} {
		if err := raiseInotify(setting, remembered); err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(folder, name, "state.json"), "{}")
		is("1024")
	}
	for _, test := range []struct{ name, want string }{{"one", "1024"}, {"two", "128\n"}} {
		if err := restoreInotify(setting, remembered, filepath.Join(folder, test.name)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(folder, test.name)); err != nil {
			t.Fatal(err)
		}
		is(test.want)
	}
	write(setting, "8192\n")
	if err := raiseInotify(setting, remembered); err != nil {
		t.Fatal(err)
	}
	is("8192\n")
}

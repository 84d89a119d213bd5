package memory

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestGroupsMost(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"memory.max":                          "max\n",
		"user.slice/memory.max":               "2147483648\n",
		"user.slice/session/memory.max":       "max\n",
		"broken/memory.max":                   "many\n",
		"memory/pods/a/memory.limit_in_bytes": "1048576\n",
		"memory/memory.limit_in_bytes":        "9223372036854771712\n",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for groups, want := range map[string]uint64{
		"":                         math.MaxUint64,
		"0::/\n":                   math.MaxUint64,
		"0::/user.slice/session\n": 2 << 30,
		"0::/user.slice\n":         2 << 30,
		"0::/../../x\n":            math.MaxUint64,
		"0::/broken\n":             math.MaxUint64,
		"0::/gone\n":               math.MaxUint64,
		"nonsense\n":               math.MaxUint64,
		"5:cpu:/user.slice\n4:memory:/pods/a\n0::/\n": 1 << 20,
	} {
		if got := groupsMost(groups, root); got != want {
			t.Errorf("%q: %d, want %d", groups, got, want)
		}
	}
}

package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesAreTested finds every test that docs/security.md names.
func TestPromisesAreTested(t *testing.T) {
	root := os.DirFS("../..")
	text, err := fs.ReadFile(root, "docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err = fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && file != "." {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path.Base(file), "_test.go") {
			return nil
		}
		code, err := fs.ReadFile(root, file)
		for _, match := range declared.FindAllSubmatch(code, -1) {
			there[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllSubmatch(text, -1)
	if len(named) < 40 {
		t.Errorf("%d tests are named", len(named))
	}
	for _, match := range named {
		if name := string(match[1]); !there[name] {
			t.Errorf("docs/security.md names %s, which is not a test here", name)
		}
	}
}

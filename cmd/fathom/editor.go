package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/views"
)

// editor shows a text in $KUBE_EDITOR or $EDITOR, as kubectl does, from a file that is gone
// afterwards: it may be a Secret's.
type editor struct {
	words []string
	name  string
	text  string
}

func newEditor(name, text string) views.Editor {
	for _, variable := range []string{"KUBE_EDITOR", "EDITOR"} {
		if words := strings.Fields(os.Getenv(variable)); len(words) > 0 {
			return &editor{words, name, text}
		}
	}
	return &editor{[]string{defaultEditor()}, name, text}
}

// String says what is done. It is clean.
func (e *editor) String() string { return "edit it in " + kinds.Clean(e.words[0]) }

// CommandLine is what is run; clean.
func (e *editor) CommandLine() string { return kinds.Clean(strings.Join(e.words, " ")) }

// Text is the text as it was when the editor ended.
func (e *editor) Text() string { return e.text }

// RunOn runs the editor until it ends or ctx does.
func (e *editor) RunOn(ctx context.Context, in, out *os.File) (err error) {
	path, err := exec.LookPath(e.words[0])
	if err != nil {
		return fmt.Errorf("no program %s; KUBE_EDITOR or EDITOR names another", kinds.Clean(e.words[0]))
	}
	folder, err := os.MkdirTemp("", "fathom-edit-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := filepath.Join(folder, fileSafe(e.name))
	if err := os.WriteFile(file, []byte(e.text), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, append(e.words[1:], file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", kinds.Clean(e.words[0]), err)
	}
	text, err := os.ReadFile(file)
	e.text = string(text)
	return err
}

func defaultEditor() string {
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

// fileSafe is a name without what leads elsewhere.
func fileSafe(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:`, r) {
			return '-'
		}
		return r
	}, name)
}

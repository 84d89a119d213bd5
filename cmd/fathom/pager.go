package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// pager shows text in $PAGER.
type pager struct {
	words []string
	text  io.WriterTo
}

func newPager(text io.WriterTo) ui.Foreground {
	words := strings.Fields(os.Getenv("PAGER"))
	if len(words) == 0 {
		words = []string{defaultPager()}
	}
	return &pager{words, text}
}

func defaultPager() string {
	if runtime.GOOS == "windows" {
		return "more.com"
	}
	return "less"
}

// String says what is done. It is clean.
func (p *pager) String() string { return "show it in " + kinds.Clean(p.words[0]) }

// CommandLine is what is run; clean.
func (p *pager) CommandLine() string { return kinds.Clean(strings.Join(p.words, " ")) }

// RunOn runs it until it ends or ctx does. It reads the text from its standard input, and
// its keys from the terminal, as pagers do.
func (p *pager) RunOn(ctx context.Context, _, out *os.File) error {
	path, err := exec.LookPath(p.words[0])
	if err != nil {
		return fmt.Errorf("no program %s; PAGER names another", kinds.Clean(p.words[0]))
	}
	cmd := exec.CommandContext(ctx, path, p.words[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Second
	cmd.Stdin = stdin{p.text}
	return cmd.Run()
}

// stdin is text for a program. It is written at the program's pace.
type stdin struct{ io.WriterTo }

// Read implements io.Reader for package exec, which copies with WriteTo.
func (stdin) Read([]byte) (int, error) { return 0, io.EOF }

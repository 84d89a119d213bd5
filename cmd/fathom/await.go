package main

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/cmd/fathom/opening"
	"github.com/fathom-k8s/fathom/kube"
)

// awaitPatience is how long the program waits for a file before it says so.
const awaitPatience = time.Second

// await is called before something is read that may be slow, or a pipe: when that takes
// more than a second, the frame says what is waited for, or the standard error where there
// is none. done ends that, and may be called more than once. ctrl+c ends the program all
// the while.
func await(what string) (done func()) {
	timer := time.AfterFunc(awaitPatience, func() {
		text := "ctrl+c quits; waiting for " + what
		if !opening.Screen.Note(text) {
			_ = console.Stderr.Line("fathom: " + text)
		}
	})
	return func() { timer.Stop() }
}

// awaitFile is await for one file.
func awaitFile(path string) (done func()) { return await(fileText(path)) }

// fileText names a file, and whether it is a pipe. It is printable.
func fileText(path string) string {
	name := strconv.Quote(path)
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		return name + ", a pipe that nobody writes to"
	}
	return name
}

// awaitKubeconfig is await for the files of the kubeconfig and those that they name.
func (a *app) awaitKubeconfig() (done func()) {
	var names []string
	for _, file := range kube.KubeconfigFiles(a.flags.kube) {
		if _, err := os.Stat(file); err == nil {
			names = append(names, fileText(file))
		}
	}
	return await("the kubeconfig " + strings.Join(names, ", ") + ", or a file that it names")
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/kube"
)

// holdKubeconfig reads the kubeconfig's files that are pipes, as a shell's <(command) is,
// and has what they said read in their place: a pipe can be read once, and the kubeconfig
// is read for each context, for the list of them, and when it changes.
func (a *app) holdKubeconfig() error {
	files := kube.KubeconfigFiles(a.flags.kube)
	held := false
	for i, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			continue
		}
		text, err := os.ReadFile(file)
		if err == nil {
			_, err = clientcmd.Load(text)
		}
		if err == nil {
			files[i], err = a.holdText(text)
		}
		if err != nil {
			return fmt.Errorf("read the kubeconfig %q: %w", file, err)
		}
		held = true
	}
	switch {
	case !held:
		return nil
	case *a.flags.kube.KubeConfig != "":
		*a.flags.kube.KubeConfig = files[0]
		return nil
	}
	return os.Setenv(clientcmd.RecommendedConfigPathEnvVar, strings.Join(files, string(filepath.ListSeparator)))
}

// release removes the files that hold what pipes said.
func (a *app) release() {
	for _, path := range a.held {
		_ = os.Remove(path)
	}
}

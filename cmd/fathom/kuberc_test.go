package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/kubectl/pkg/kuberc"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// pluginWorld is a kubeconfig with a credential plugin that notes that it ran, for
// a server in this process.
type pluginWorld struct{ folder, kubeconfig, plugin, ran string }

func newPluginWorld(t *testing.T) pluginWorld {
	t.Helper()
	server := kubetest.New(t, time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC))
	server.Apply(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: app}]}")
	folder := t.TempDir()
	w := pluginWorld{folder, filepath.Join(folder, "config"), filepath.Join(folder, "login"), filepath.Join(folder, "ran")}
	w.write(t, w.plugin, 0o700, "#!/bin/sh\n: >"+w.ran+`
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
`)
	w.write(t, w.kubeconfig, 0o600, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: a
clusters: [{name: a, cluster: {server: %q, insecure-skip-tls-verify: true}}]
contexts: [{name: a, context: {cluster: a, user: a, namespace: shop}}]
users:
- name: a
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: %q, interactiveMode: Never}}
`, listenTLS(t, server), w.plugin))
	t.Setenv("HOME", folder)
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("KUBECONFIG", w.kubeconfig)
	t.Setenv("KUBERC", "")
	return w
}

// listenTLS serves over TLS: client-go sends no credentials without.
func listenTLS(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func (w pluginWorld) write(t *testing.T, path string, mode os.FileMode, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestCredentialPluginPolicy(t *testing.T) {
	const head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"
	const listed = head + "credentialPluginPolicy: Allowlist\n"
	tests := []struct {
		name   string
		kuberc string // "" writes none; PLUGIN is the plugin's path
		env    string // KUBERC; FILE is the file's path
		flag   bool   // --kuberc names the file
		want   string // in the error; "" is a table
	}{
		{"no kuberc", "", "", false, ""},
		{"an empty kuberc", "\n", "FILE", false, ""},
		{"allowed", head + "credentialPluginPolicy: AllowAll\n", "FILE", false, ""},
		{
			"denied", head + "credentialPluginPolicy: DenyAll\n",
			"FILE", false, `not allowed: policy set to "DenyAll", according to FILE`,
		},
		{"denied by the flag's file", head + "credentialPluginPolicy: DenyAll\n", "", true, `policy set to "DenyAll"`},
		{"allowlisted", listed + "credentialPluginAllowlist: [{command: PLUGIN}]\n", "FILE", false, ""},
		{
			"not on the allowlist", listed + "credentialPluginAllowlist: [{command: /bin/true}]\n",
			"FILE", false, "is not permitted by the credential plugin allowlist, according to FILE",
		},
		{
			"an allowlist without its policy", head + "credentialPluginAllowlist: [{command: PLUGIN}]\n",
			"FILE", false, "kuberc: misconfigured credential plugin allowlist",
		},
		{"a broken file", "kind: [\n", "FILE", false, "KUBERC=off reads no kuberc"},
		{"a file that is not there", "", "FILE", false, "no such file or directory; KUBERC=off"},
		{"off", head + "credentialPluginPolicy: DenyAll\n", "off", false, ""},
		{"off and a file", head, "off", true, "mutually exclusive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newPluginWorld(t)
			file := filepath.Join(w.folder, "preferences")
			if tt.kuberc != "" {
				w.write(t, file, 0o600, strings.ReplaceAll(tt.kuberc, "PLUGIN", w.plugin))
			}
			t.Setenv("KUBERC", strings.ReplaceAll(tt.env, "FILE", file))
			args := []string{"--once", "pods"}
			if tt.flag {
				args = append(args, "--kuberc", file)
			}
			var out bytes.Buffer
			cmd := rootCommand("fathom")
			cmd.SetOut(&out)
			cmd.SetArgs(args)
			err := cmd.ExecuteContext(t.Context())
			want := strings.ReplaceAll(tt.want, "FILE", file)
			_, ran := os.Stat(w.ran)
			switch {
			case want == "" && (err != nil || !strings.Contains(out.String(), "web") || ran != nil):
				t.Errorf("%v, the plugin ran: %v, printed %s", err, ran == nil, &out)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want %q on one line", err, want)
			case want != "" && ran == nil:
				t.Error("the plugin ran")
			}
		})
	}
}

// TestABrokenKubercAtTheUsualPlaceWarns, as kubectl does.
func TestABrokenKubercAtTheUsualPlaceWarns(t *testing.T) {
	a := newApp()
	usual := filepath.Join(t.TempDir(), "kuberc")
	if err := os.WriteFile(usual, []byte("kind: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := kuberc.RecommendedKubeRCFile
	kuberc.RecommendedKubeRCFile = usual
	t.Cleanup(func() { kuberc.RecommendedKubeRCFile = before })
	t.Setenv("KUBERC", "")
	if err := a.readKuberc(); err != nil {
		t.Fatal(err)
	}
	if all := a.messages.All(); len(all) != 1 || !strings.Contains(all[0].Text, usual) {
		t.Errorf("messages %+v", all)
	}
}

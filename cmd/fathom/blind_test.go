package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// TestTriageOfWhatMayBeRead asks for triage and report as scripts do, where all, little or nothing
// can be looked at: neither says more than it knows.
func TestTriageOfWhatMayBeRead(t *testing.T) {
	all := func(*http.Request) bool { return true }
	isDiscovery := func(r *http.Request) bool {
		return strings.Count(strings.TrimPrefix(r.URL.Path, "/api"), "/") < 3 && !strings.Contains(r.URL.Path, "/v1/")
	}
	for name, c := range map[string]struct {
		may      func(*http.Request) bool // be read; nil where no server is there
		args     string
		calm     string
		code     int
		complete bool
	}{
		"all":     {all, "", "nothing is broken", 0, true},
		"nothing": {isDiscovery, "", "nothing could be looked at", 2, false},
		"pods of a namespace": {func(r *http.Request) bool {
			return isDiscovery(r) || strings.HasSuffix(r.URL.Path, "/namespaces/trial/pods")
		}, "-n trial", "nothing is broken in what could be looked at", 0, true},
		"no such namespace": {all, "-n nosuch", "", 2, false},
		"no server":         {nil, "", "nothing could be looked at", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.New(t, time.Now())
			server.Apply(t, `{apiVersion: v1, kind: Namespace, metadata: {name: trial}}`)
			server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				if c.may(r) {
					return false
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`))
				return true
			})
			t.Setenv("HOME", t.TempDir())
			t.Setenv("KUBECONFIG", served(t, server.ServeHTTP))
			args := strings.Fields(c.args)
			if c.may == nil {
				args = append(args, "-s", "http://127.0.0.1:1")
			}
			text, code := ran(t, append([]string{"triage"}, args...))
			if line, _, _ := strings.Cut(text, "\n"); !strings.HasSuffix(line, c.calm) || code != c.code {
				t.Errorf("triage: exit code %d, want %d, and %q, want %q", code, c.code, line, c.calm)
			}
			text, code = ran(t, append([]string{"triage", "-o", "json"}, args...))
			if got := strings.Contains(text, `"complete": true`); got != c.complete || code != c.code {
				t.Errorf("as JSON: exit code %d, want %d, complete: %t\n%s", code, c.code, got, text)
			}
			text, code = ran(t, append([]string{"report"}, args...))
			if !strings.Contains(text, strings.TrimPrefix(c.calm, "n")+".\n") || code != c.code {
				t.Errorf("report: exit code %d, want %d, and\n%s", code, c.code, text)
			}
		})
	}
}

// ran runs the program and returns what it printed, and its exit code.
func ran(t *testing.T, args []string) (text string, code int) {
	t.Helper()
	cmd := rootCommand("fathom")
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), codeOf(err)
}

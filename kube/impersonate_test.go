package kube

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

func TestParseImpersonated(t *testing.T) {
	for text, want := range map[string]string{
		"alice": "alice", " alice ": "alice", "alice,ops": "alice in ops", "alice, ops ,dev": "alice in ops, dev",
		"system:serviceaccount:shop:default": "system:serviceaccount:shop:default", "https://issuer#1": "https://issuer#1",
		"Ünal Ö": "Ünal Ö",
		"":       "!", " ": "!", ",": "!", ",ops": "!", "alice,": "!", "alice,,ops": "!", "a\r\nX-Evil: 1": "!",
		"a\x1b[31m": "!",
	} {
		got, err := ParseImpersonated(text)
		switch {
		case want == "!" && (err == nil || !strings.Contains(err.Error(), "is not USER or USER,GROUP,GROUP")):
			t.Errorf("%q: %v, %v", text, got, err)
		case want == "!" && strings.ContainsAny(err.Error(), "\x1b\r\n"):
			t.Errorf("%q: %q is not clean", text, err)
		case want != "!" && (err != nil || got.String() != want):
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
}

// headersOf are the impersonation headers of the last request to a server about who asks. Those of a cluster
// that was closed may come late.
type headersOf struct {
	mu   sync.Mutex
	last string
}

func (h *headersOf) note(_ http.ResponseWriter, r *http.Request) bool {
	if !strings.HasSuffix(r.URL.Path, "/selfsubjectreviews") {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = fmt.Sprint(r.Header.Values("Impersonate-User"), r.Header.Values("Impersonate-Group"),
		r.Header.Values("Impersonate-Uid"))
	return false
}

func (h *headersOf) get() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// TestActsAs looks at what requests carry: nothing of the kubeconfig's own as: and of the flags' must
// be left of somebody else.
func TestActsAs(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
	var headers headersOf
	server.Intercept(headers.note)
	flags := flagsTo(t, server.Listen(t).URL)
	text, err := os.ReadFile(*flags.KubeConfig)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(text), `"token": "t"`, `"token": "t", "as": "root", "as-groups": ["admins"]`, 1)
	if err := os.WriteFile(*flags.KubeConfig, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, flag string
		as         *Impersonated
		user, want string
	}{
		{"the kubeconfig's", "", nil, "root", "[root] [admins] []"},
		{"the flag's", "eve", nil, "eve", "[eve] [admins] []"},
		{"another user", "eve", &Impersonated{User: "alice"}, "alice", "[alice] [] []"},
		{"with groups", "", &Impersonated{"alice", []string{"ops", "dev"}}, "alice", "[alice] [ops dev] []"},
	} {
		given := flagsFor(flags, "")
		given.Impersonate = &test.flag
		c, err := Open(Options{Flags: given, As: test.as, Messages: NewMessages()})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // The second time with other credentials.
			c.User(t.Context())
			if got := headers.get(); got != test.want || c.ActsAs() != test.user {
				t.Errorf("%s: %s as %q, want %s", test.name, got, c.ActsAs(), test.want)
			}
			again := strings.Replace(own, `"token": "t"`, fmt.Sprintf(`"token": %q`, test.name), 1)
			if err := os.WriteFile(*flags.KubeConfig, []byte(again), 0o600); err != nil {
				t.Fatal(err)
			}
			if found, err := c.ReloadKubeconfig(); err != nil {
				t.Errorf("%s: %v, %v", test.name, found, err)
			}
		}
		writes := c.SetWritable(true)
		if only := test.as != nil; only != c.OnlyLooks() || only != (writes != nil) || only == c.Writable() {
			t.Errorf("%s: only looks: %v, write mode: %v", test.name, c.OnlyLooks(), writes)
		}
		if writes != nil && !strings.Contains(writes.Error(), "is only viewed as alice, without write mode; start with --as") {
			t.Errorf("%s: %v", test.name, writes)
		}
		c.Close()
	}
}

// TestMayImpersonate asks servers that refuse in ways of their own.
func TestMayImpersonate(t *testing.T) {
	const refused = `users "alice" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the ` +
		`cluster scope`
	for _, test := range []struct {
		name, message string
		code          int
		want          string
	}{
		{"allowed", "", 0, ""},
		{"refused", refused, http.StatusForbidden, `you may not act as alice in ops: users "alice" is forbidden: User "bob"`},
		{"what alice may not do", `selfsubjectreviews is forbidden: User "alice" cannot create`, http.StatusForbidden, ""},
		{"a server without the question", "not found", http.StatusNotFound, ""},
		{"a server that fails", "cannot impersonate resource", http.StatusInternalServerError, ""},
	} {
		server := kubetest.New(t, time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC))
		server.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
			if test.code == 0 {
				return false
			}
			reason := map[int]metav1.StatusReason{http.StatusForbidden: metav1.StatusReasonForbidden}[test.code]
			fail(w, test.code, reason, test.message)
			return true
		})
		c, err := Open(Options{
			Flags: flagsTo(t, server.Listen(t).URL), As: &Impersonated{"alice", []string{"ops"}}, Messages: NewMessages(),
		})
		if err != nil {
			t.Fatal(err)
		}
		err = c.MayImpersonate(t.Context())
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		c.Close()
	}
}

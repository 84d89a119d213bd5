package plugins

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
)

// recording is an API server that writes down what reaches it. A watch and a log get a line each
// time that more sends.
type recording struct {
	*httptest.Server
	more chan struct{}

	mu       sync.Mutex
	requests []string // those that fathom does not send by itself
	tokens   []string
}

func (r *recording) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if strings.HasPrefix(req.UserAgent(), "fathom/") {
		http.NotFound(w, req)
		return
	}
	r.mu.Lock()
	r.requests = append(r.requests, req.Method+" "+req.URL.RequestURI())
	r.tokens = append(r.tokens, req.Header.Get("Authorization")+req.Header.Get("Cookie"))
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if !req.URL.Query().Has("watch") && !strings.HasSuffix(req.URL.Path, "/log") {
		_, _ = io.WriteString(w, `{"kind":"Pod","apiVersion":"v1"}`)
		return
	}
	w.(http.Flusher).Flush()
	for n := 0; ; n++ {
		select {
		case <-r.more:
			_, _ = fmt.Fprintf(w, "line %d\n", n)
			w.(http.Flusher).Flush()
		case <-req.Context().Done():
			return
		}
	}
}

func (r *recording) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// record begins a server, and opens it by a kubeconfig with a token.
func record(t *testing.T, write bool) (*recording, *kube.Cluster) {
	t.Helper()
	r := &recording{more: make(chan struct{})}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r, openAt(t, r.URL+"/prefix", write)
}

// openAt opens a server by a kubeconfig whose current context is another one.
func openAt(t *testing.T, address string, write bool) *kube.Cluster {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{kind: Config, apiVersion: v1, current-context: other,
contexts: [{name: my context, context: {cluster: c, user: jane}}, {name: other, context: {cluster: c, user: jane}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: jane, user: {token: of-the-user}}]}`, address)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags, cache := genericclioptions.NewConfigFlags(false), t.TempDir()
	flags.KubeConfig, flags.CacheDir = &file, &cache
	c, err := kube.Open(kube.Options{Flags: flags, Context: "my context", Write: write, Messages: kube.NewMessages()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// ask sends a request of a program.
func ask(t *testing.T, p *proxy, method, path string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer of-the-plugin")
	req.Header.Set("User-Agent", "plugin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func listen(t *testing.T, c *kube.Cluster) *proxy {
	t.Helper()
	p, err := startProxy(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

// TestProxyOnlyReads sends what reads and what does not, in a session that may write.
func TestProxyOnlyReads(t *testing.T) {
	server, c := record(t, true)
	p := listen(t, c)
	reads := []struct{ method, path string }{
		{"GET", "/api/v1/namespaces/shop/pods?limit=500"}, {"HEAD", "/apis"}, {"GET", "/version"},
		{"GET", "/api/v1/namespaces/shop/secrets/db"},
		{"POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"},
	}
	var want []string
	for _, r := range reads {
		if res := ask(t, p, r.method, r.path); res.StatusCode != http.StatusOK {
			t.Errorf("%s %s: %s", r.method, r.path, res.Status)
		}
		want = append(want, r.method+" /prefix"+r.path)
	}
	if got := server.seen(); !slices.Equal(got, want) {
		t.Errorf("the server got %q, want %q", got, want)
	}
	for _, token := range server.tokens {
		if token != "" { // Over plain HTTP, client-go sends no token.
			t.Errorf("the server got the credentials %q", token)
		}
	}
	for _, r := range []struct{ method, path, header string }{
		{"DELETE", "/api/v1/namespaces/shop/pods/web", ""}, {"PATCH", "/apis/apps/v1/namespaces/shop/deployments/web", ""},
		{"POST", "/api/v1/namespaces/shop/pods", ""}, {"PUT", "/api/v1/nodes/n", ""},
		{"POST", "/api/v1/namespaces/shop/pods/web/eviction", ""},
		{"POST", "/api/v1/namespaces/shop/pods/web/exec?command=id", ""},
		{"GET", "/api/v1/namespaces/shop/pods/web/exec?command=id", ""},
		{"GET", "/api/v1/namespaces/shop/pods/web/attach", ""},
		{"GET", "/api/v1/namespaces/shop/pods/web/portforward", ""},
		{"GET", "/api/v1/namespaces/shop/services/web/proxy/", ""},
		{"GET", "/api/v1/namespaces/shop/pods", "Upgrade"}, {"GET", "/api/v1/namespaces/shop/pods", "X-Http-Method-Override"},
		{"GET", "/api/v1/namespaces/shop%2Fpods%2Fweb%2Fexec", ""},
		{"GET", "/api/v1/pods", "Impersonate-User"},
	} {
		headers := []string{}
		if r.header != "" {
			headers = []string{r.header, "websocket"}
		}
		res := ask(t, p, r.method, r.path, headers...)
		var status metav1.Status
		if err := json.NewDecoder(res.Body).Decode(&status); err != nil {
			t.Errorf("%s %s: %v", r.method, r.path, err)
		}
		if res.StatusCode != http.StatusForbidden || status.Kind != "Status" ||
			status.Reason != metav1.StatusReasonForbidden || !strings.Contains(status.Message, "fathom") {
			t.Errorf("%s %s: %s, %+v", r.method, r.path, res.Status, status)
		}
	}
	if got := server.seen(); !slices.Equal(got, want) {
		t.Errorf("the server got %q beside", got[len(want):])
	}
}

func TestProxyRefusesOthers(t *testing.T) {
	server, c := record(t, true)
	p := listen(t, c)
	for _, path := range []string{
		"", "/", "/version", "//version", "//" + p.secret + "/version", "/" + p.secret[1:] + "/version",
		"/" + p.secret + "x/version", "/x" + p.secret + "/version", "/version/" + p.secret, "/x/../" + p.secret + "/version",
		"/" + strings.ToLower(p.secret) + "/version", fmt.Sprintf("/%%%X", p.secret[0]) + p.secret[1:] + "/version",
		"/" + p.secret + "%2Fversion",
	} {
		other := &proxy{address: "http://" + p.host}
		if res := ask(t, other, "GET", path, "Authorization", "Bearer "+p.secret); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %s", path, res.Status)
		}
	}
	for name, value := range map[string]string{
		"Host": "rebound.example:80", "Origin": "http://" + p.host, "Sec-Fetch-Site": "same-origin",
	} {
		if res := ask(t, p, "GET", "/version", name, value); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	if got := server.seen(); len(got) > 0 {
		t.Errorf("the server got %q", got)
	}
	if other := listen(t, c); other.secret == p.secret {
		t.Error("two proxies have the same secret")
	}
	p.close()
	if res, err := http.Get(p.address + "/version"); err == nil {
		_ = res.Body.Close()
		t.Error("it answers after its end")
	}
}

// TestProxyStreams reads each line before the next one is sent.
func TestProxyStreams(t *testing.T) {
	for _, path := range []string{"/api/v1/pods?watch=1", "/api/v1/namespaces/shop/pods/web/log?follow=true"} {
		server, c := record(t, false)
		p := listen(t, c)
		lines := bufio.NewReader(ask(t, p, "GET", path).Body) // Its head comes before a line does.
		for n := range 3 {
			select {
			case server.more <- struct{}{}:
			case <-time.After(10 * time.Second):
				t.Fatal("the server was not asked")
			}
			if line, err := lines.ReadString('\n'); line != fmt.Sprintf("line %d\n", n) || err != nil {
				t.Fatalf("%s: got %q, %v", path, line, err)
			}
		}
	}
}

// TestProxySaysWhatIsWrong asks a server that is gone.
func TestProxySaysWhatIsWrong(t *testing.T) {
	server, c := record(t, false)
	p := listen(t, c)
	server.CloseClientConnections()
	server.Close()
	res := ask(t, p, "GET", "/api/v1/pods")
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusBadGateway || !strings.Contains(string(text), "fathom: GET /api/v1/pods: ") {
		t.Errorf("%s: %s", res.Status, text)
	}
}

package suite

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// forgetful stands between fathom and the API server, and loses a change or its answer on request.
type forgetful struct {
	proxy *httputil.ReverseProxy

	mu    sync.Mutex
	loses string // "" for nothing, "request", "answer", or "all" from an answer on
	away  bool
}

// forget starts a forgetful server, and returns a kubeconfig for it.
func forget(t *testing.T) (server *forgetful, kubeconfig string) {
	t.Helper()
	target, err := url.Parse(world.config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(world.config)
	if err != nil {
		t.Fatal(err)
	}
	server = &forgetful{proxy: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport, FlushInterval: -1,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.CloseClientConnections()
		listener.Close()
	})
	kubeconfig = changedKubeconfig(t, func(c *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) {
		c.Server, c.CertificateAuthority, c.CertificateAuthorityData = listener.URL, "", nil
	})
	return server, kubeconfig
}

// lose says what is lost of the changes from now on.
func (s *forgetful) lose(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loses, s.away = what, false
}

// ServeHTTP implements http.Handler.
func (s *forgetful) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	changes := r.Method != http.MethodGet && r.URL.Query().Get("dryRun") == "" &&
		!strings.Contains(r.URL.Path, "/selfsubject")
	s.mu.Lock()
	loses, away := s.loses, s.away
	s.mu.Unlock()
	switch {
	case away || changes && loses == "request":
		panic(http.ErrAbortHandler)
	case changes && loses != "":
		answer := httptest.NewRecorder()
		s.proxy.ServeHTTP(answer, r)
		if answer.Code == http.StatusConflict { // Somebody else was first, and nothing has changed.
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
			return
		}
		s.mu.Lock()
		s.away = loses == "all"
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	s.proxy.ServeHTTP(w, r)
}

// TestConnectionLostDuringAnEffect loses requests and answers: what happened is found out and said.
func TestConnectionLostDuringAnEffect(t *testing.T) {
	t.Parallel()
	_, namespace, _ := handled(t, "lost", brief(t))
	server, kubeconfig := forget(t)
	options, state := brief(t), t.TempDir()
	options.Env = append(options.Env, "XDG_STATE_HOME="+state)
	f := openWith(t, kubeconfig, options, "deployments", "-n", namespace, "--write")
	f.WaitFor("● live", limit)
	type losing struct {
		reviewed
		loses, says, outcome string
	}
	back := reviewed{"deployments", "web", "label", "labels (", "tier=back"}
	cases := []losing{
		{someEffects[0], "request", `failed: .*label deployment`, "failed"},
		{someEffects[1], "request", `failed: .*trigger cronjob`, "failed"},
		{someEffects[2], "request", `failed: .*delete pod`, "failed"},
	}
	for _, r := range every(namespace) {
		cases = append(cases, losing{r, "answer", `(?m)^ done: .*` + r.object, "done"})
	}
	cases = append(cases, losing{back, "all", `failed: .*label deployment`, "unknown"})
	var want []string
	for _, c := range cases {
		if c.loses != "all" {
			c.prepare(t, namespace)
		}
		server.lose("")
		f.WaitFor("● live", limit)
		c.look(f)
		c.choose(f)
		server.lose(c.loses)
		c.say(f)
		f.WaitFor(regexp.MustCompile(c.says), 2*limit)
		want = append(want, c.journaledAs()+" "+c.outcome)
	}
	server.lose("")
	equalEntries(t, journaled(t, state), want...)
	goTo(f, "journal")
	f.WaitFor("look whether it happened", limit)
	f.Keys("G")
	f.WaitFor("not done: no answer came", limit)

	d, err := world.client.AppsV1().Deployments(namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil || d.Labels["tier"] != "back" {
		t.Errorf("the deployment has %v: %v", d.Labels, err)
	}
	jobs, err := world.client.BatchV1().Jobs(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(jobs.Items) != 3 {
		t.Errorf("%d jobs, want the two that were made and the one that ran again: %v", len(jobs.Items), err)
	}
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	untilGone(ctx, t, "the pod", func() error {
		_, err := world.client.CoreV1().Pods(namespace).Get(ctx, "birch", metav1.GetOptions{})
		return err
	})
}

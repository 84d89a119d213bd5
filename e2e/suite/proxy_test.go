package suite

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// connectProxy is an HTTP proxy on loopback that opens tunnels, or refuses to.
type connectProxy struct {
	net.Listener
	refuse string // the answer's status, "" to open tunnels

	mu    sync.Mutex
	asked []string // the addresses
}

func newProxy(t *testing.T, refuse string) *connectProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &connectProxy{Listener: listener, refuse: refuse}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *connectProxy) url() string { return "http://" + p.Addr().String() }

func (p *connectProxy) serve(client net.Conn) {
	defer client.Close()
	in := bufio.NewReader(client)
	request, err := http.ReadRequest(in)
	if err != nil || request.Method != http.MethodConnect {
		return
	}
	p.mu.Lock()
	p.asked = append(p.asked, request.Host)
	p.mu.Unlock()
	if p.refuse != "" {
		_, _ = io.WriteString(client, "HTTP/1.1 "+p.refuse+"\r\nContent-Length: 0\r\n\r\n")
		return
	}
	server, err := net.Dial("tcp", request.Host)
	if err != nil {
		return
	}
	defer server.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		defer server.Close()
		_, _ = io.Copy(server, in)
	}()
	_, _ = io.Copy(client, server)
}

// requireUsed fails unless everything went through tunnels to the API server.
func (p *connectProxy) requireUsed(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.asked) == 0 {
		t.Error("nobody asked the proxy")
	}
	for _, address := range p.asked {
		if address != serverAddress(t) {
			t.Errorf("the proxy was asked for %q", address)
		}
	}
}

func serverAddress(t *testing.T) string {
	t.Helper()
	server, err := url.Parse(world.config.Host)
	if err != nil {
		t.Fatal(err)
	}
	return server.Host
}

// proxied is the suite's kubeconfig with a proxy-url.
func proxied(t *testing.T, proxy string) string {
	t.Helper()
	return changedKubeconfig(t, func(cluster *clientcmdapi.Cluster, _ *clientcmdapi.AuthInfo) { cluster.ProxyURL = proxy })
}

// TestProxy reaches the cluster through a proxy, named in the ways that kubectl allows.
func TestProxy(t *testing.T) {
	t.Run("proxy-url", func(t *testing.T) {
		proxy := newProxy(t, "")
		f := openWith(t, proxied(t, proxy.url()), screen.Options{Columns: 120, Rows: 40}, "pods", "-n", "shop")
		f.WaitFor("● live", limit)
		proxy.requireUsed(t)
	})
	t.Run("HTTPS_PROXY", func(t *testing.T) {
		if host, _, _ := net.SplitHostPort(serverAddress(t)); host == "localhost" || net.ParseIP(host).IsLoopback() {
			t.Skip("Go asks no proxy of the environment for an address on loopback")
		}
		proxy := newProxy(t, "")
		options := screen.Options{Columns: 120, Rows: 40, Env: []string{"HTTPS_PROXY=" + proxy.url(), "NO_PROXY="}}
		f := openWith(t, world.cluster.Kubeconfig, options, "pods", "-n", "shop")
		f.WaitFor("● live", limit)
		proxy.requireUsed(t)
	})
}

// TestProxyRefuses reads what is said about a proxy that opens no tunnel, and about one
// that is not there.
func TestProxyRefuses(t *testing.T) {
	tests := map[string]struct {
		proxy string
		want  string // a pattern
	}{
		"refused": {newProxy(t, "407 Proxy Authentication Required").url(), `[Pp]roxy`},
		"absent":  {strings.Replace(unused(t), "https", "http", 1), `proxy.*refused`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kubeconfig := proxied(t, test.proxy)
			f := openWith(t, kubeconfig, screen.Options{Columns: 140, Rows: 30}, "pods", "-n", "shop")
			f.WaitFor(regexp.MustCompile(test.want), limit)
			t.Log(f.Screen().Text())

			out, problems, code := run(t, []string{"KUBECONFIG=" + kubeconfig}, world.fathom, "--once", "pods")
			if out != "" || code != 1 || strings.Count(problems, "\n") != 1 ||
				!regexp.MustCompile(test.want).MatchString(problems) {
				t.Errorf("exit code %d, want one line that matches %q: %q, output %q", code, test.want, problems, out)
			}
			t.Log(problems)
		})
	}
}

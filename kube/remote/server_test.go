package remote

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/fathom-k8s/fathom/kube"
)

// server records what arrives and accepts every upgrade, to one of the two protocols.
type server struct {
	*httptest.Server
	speaks string // "websocket" or "spdy"

	mu      sync.Mutex
	arrived []string
	tokens  []string
	answer  func(http.ResponseWriter, *http.Request) bool // before the upgrades; may be nil
}

func newServer(t *testing.T, speaks string) *server {
	s := &server{speaks: speaks}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// open opens the server as a cluster, with a user of the kubeconfig.
func (s *server) open(t *testing.T, write bool, user string) *kube.Cluster {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "config")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: %q, certificate-authority-data: %q}}]
users: [{name: test, user: %s}]
`, s.URL, base64.StdEncoding.EncodeToString(certificate), user)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags, cache := genericclioptions.NewConfigFlags(false), t.TempDir()
	flags.KubeConfig, flags.CacheDir = &kubeconfig, &cache
	c, err := kube.Open(kube.Options{Flags: flags, Write: write, Messages: kube.NewMessages()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// of returns the requests whose text contains one of the parts.
func (s *server) of(parts ...string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.arrived {
		for _, part := range parts {
			if strings.Contains(r, part) {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.arrived = append(s.arrived, r.Method+" "+r.URL.Path)
	if r.Header.Get("Upgrade") != "" {
		s.tokens = append(s.tokens, r.Header.Get("Authorization"))
	}
	answer := s.answer
	s.mu.Unlock()
	upgrade := strings.ToLower(r.Header.Get("Upgrade"))
	switch {
	case answer != nil && answer(w, r):
	case upgrade == "":
		_, _ = io.WriteString(w, "{}")
	case upgrade == "websocket" && s.speaks == upgrade:
		s.acceptWebSocket(w, r)
	case strings.HasPrefix(upgrade, "spdy") && s.speaks == "spdy":
		s.acceptSPDY(w, r)
	default:
		http.Error(w, "this server does not speak that", http.StatusBadRequest)
	}
}

// acceptWebSocket says "hello" on the standard output, and that all is well.
func (s *server) acceptWebSocket(w http.ResponseWriter, r *http.Request) {
	protocols := websocket.Subprotocols(r)
	conn, err := (&websocket.Upgrader{Subprotocols: protocols}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	if strings.HasSuffix(r.URL.Path, "/portforward") {
		_, _, _ = conn.ReadMessage()
		return
	}
	_ = conn.WriteMessage(websocket.BinaryMessage, []byte("\x01hello"))
	_ = conn.WriteMessage(websocket.BinaryMessage, []byte("\x03{\"status\":\"Success\"}"))
	_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
	_, _, _ = conn.ReadMessage()
}

// acceptSPDY does the same.
func (s *server) acceptSPDY(w http.ResponseWriter, r *http.Request) {
	forwarding := strings.HasSuffix(r.URL.Path, "/portforward")
	protocol := "v4.channel.k8s.io"
	if forwarding {
		protocol = "portforward.k8s.io"
	}
	if _, err := httpstream.Handshake(r, w, []string{protocol}); err != nil {
		return
	}
	streams := make(chan httpstream.Stream, 5)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
		streams <- s
		return nil
	})
	if conn == nil {
		return
	}
	defer func() { _ = conn.Close() }()
	if forwarding {
		<-conn.CloseChan()
		return
	}
	var failure, output httpstream.Stream
	for failure == nil || output == nil {
		select {
		case stream := <-streams:
			switch stream.Headers().Get("streamType") {
			case "error":
				failure = stream
			case "stdout":
				output = stream
			}
		case <-conn.CloseChan():
			return
		}
	}
	_, _ = io.WriteString(output, "hello")
	_ = output.Close()
	_, _ = io.WriteString(failure, `{"status":"Success"}`)
	_ = failure.Close()
	<-conn.CloseChan()
}

package transport

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"

	fastgzip "github.com/klauspost/compress/gzip"
	corev1 "k8s.io/api/core/v1"
)

func zip(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// zippedServer answers like a server that also has the text zipped.
func zippedServer(tb testing.TB, zipped, plain []byte) *httptest.Server {
	tb.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := plain
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			body = zipped
		}
		_, _ = w.Write(body)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	tb.Cleanup(s.Close)
	return s
}

func TestUnzipping(t *testing.T) {
	plain := bytes.Repeat([]byte("all pods look alike, "), 1e5)
	zipped := zip(t, plain)
	broken := bytes.Clone(zipped)
	broken[len(broken)-5]++ // the checksum
	for _, c := range []struct {
		name     string
		body     []byte
		header   string
		read     []byte
		err      error
		unzipped bool
	}{
		{name: "whole", body: zipped, read: plain, unzipped: true},
		{
			name: "two members", body: append(bytes.Clone(zipped), zipped...),
			read: append(bytes.Clone(plain), plain...), unzipped: true,
		},
		{name: "empty", unzipped: true},
		{name: "cut off", body: zipped[:len(zipped)/2], err: io.ErrUnexpectedEOF, unzipped: true},
		{name: "cut off in its header", body: zipped[:5], err: io.ErrUnexpectedEOF, unzipped: true},
		{name: "wrong checksum", body: broken, err: fastgzip.ErrChecksum, unzipped: true},
		{name: "not zipped", body: plain, err: fastgzip.ErrHeader, unzipped: true},
		{name: "asked for by the caller", body: zipped, header: "Accept-Encoding=gzip", read: zipped},
		{name: "refused by the caller", body: zipped, header: "Accept-Encoding=identity", read: plain},
		{name: "a part", body: zipped, header: "Range=bytes=0-", read: plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := zippedServer(t, c.body, plain)
			res := getUnzipping(t, s, c.header)
			zipped := res.Header.Get("Content-Encoding") != ""
			if res.Uncompressed != c.unzipped || c.unzipped && (zipped || res.ContentLength != -1) {
				t.Errorf("uncompressed %v, zipped %v, %d bytes", res.Uncompressed, zipped, res.ContentLength)
			}
			read, err := io.ReadAll(res.Body)
			if !errors.Is(err, c.err) {
				t.Errorf("read: %v, want %v", err, c.err)
			}
			if err == nil && !bytes.Equal(read, c.read) {
				t.Errorf("%d bytes, want %d", len(read), len(c.read))
			}
			if n, again := res.Body.Read(make([]byte, 1)); n != 0 || !errors.Is(again, cmp.Or(err, io.EOF)) {
				t.Errorf("%d bytes after the end: %v", n, again)
			}
		})
	}
}

// getUnzipping sends a request that has a header already.
func getUnzipping(t *testing.T, s *httptest.Server, header string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	name, value, given := strings.Cut(header, "=")
	if given {
		req.Header.Set(name, value)
	}
	res, err := Unzipping{s.Client().Transport}.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if changed := len(req.Header) > 0; changed != given {
		t.Errorf("the caller's request has the header %v now", req.Header)
	}
	return res
}

// BenchmarkUnzip reads a list of pods as it comes over the network, with
// net/http's own unzipping and with ours.
func BenchmarkUnzip(b *testing.B) {
	list := corev1.PodList{}
	for i := range 5000 {
		list.Items = append(list.Items, *kubetest.VariedPod(i))
	}
	text, err := list.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	s := zippedServer(b, zip(b, text), nil)
	for name, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
		"net-http": func(next http.RoundTripper) http.RoundTripper { return next },
		"ours":     func(next http.RoundTripper) http.RoundTripper { return Unzipping{Next: next} },
	} {
		client := &http.Client{Transport: wrap(s.Client().Transport)}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				res, err := client.Get(s.URL)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, bufio.NewReaderSize(struct{ io.Reader }{res.Body}, 32<<10))
				if err != nil || n != int64(len(text)) || res.Body.Close() != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}

package transport

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestLimitOf(t *testing.T) {
	for request, want := range map[string]struct {
		limit int64
		what  string
	}{
		"GET /version":                                 {8 << 20, "/version"},
		"GET /livez":                                   {8 << 20, "/livez"},
		"GET /api":                                     {64 << 20, "discovery, /api"},
		"GET /apis":                                    {64 << 20, "discovery, /apis"},
		"GET /api/v1":                                  {8 << 20, "discovery, /api/v1"},
		"GET /apis/apps":                               {8 << 20, "discovery, /apis/apps"},
		"GET /apis/apps/v1":                            {8 << 20, "discovery, /apis/apps/v1"},
		"GET /openapi/v2":                              {64 << 20, "/openapi/v2"},
		"GET /openapi/v3/apis/apps/v1":                 {64 << 20, "/openapi/v3/apis/apps/v1"},
		"GET /api/v1/pods?limit=500":                   {512 << 20, "list of pods"},
		"GET /api/v1/namespaces/shop/pods":             {512 << 20, "list of pods"},
		"GET /api/v1/namespaces":                       {512 << 20, "list of namespaces"},
		"GET /api/v1/namespaces/shop":                  {32 << 20, "namespaces shop"},
		"GET /api/v1/namespaces/shop/pods/web":         {32 << 20, "pods web"},
		"GET /apis/apps/v1/namespaces/shop/rs/a/scale": {32 << 20, "rs a"},
		"GET /api/v1/pods?watch=true":                  {noLimit, ""},
		"GET /api/v1/namespaces/shop/pods/web/log":     {noLimit, ""},
		"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews": {8 << 20, "review"},
	} {
		method, path, _ := strings.Cut(request, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, "https://server"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		segments, _ := APIPath(req.URL, "")
		if limit, what := limitOf(req, segments); limit != want.limit || what != want.what {
			t.Errorf("%s: %d, %q", request, limit, what)
		}
	}
}

// endless is a body without end.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestAnswersAreBounded(t *testing.T) {
	for _, size := range []int64{documentMax - 1, documentMax, documentMax + 1, -1} {
		body := &endless{}
		g := guarded(t, "https://server", func(*http.Request) *http.Response {
			var r io.Reader = body
			if size >= 0 {
				r = io.LimitReader(body, size)
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(r)}
		})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://server/version", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := g.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, res.Body)
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if fits := size >= 0 && size <= documentMax; fits {
			if err != nil || n != size {
				t.Errorf("%d bytes: %d and %v", size, n, err)
			}
			continue
		}
		if !errors.Is(err, ErrTooLarge) || err.Error() != "the API server's answer is too large: /version, over 8 MB" {
			t.Errorf("%d bytes: %v", size, err)
		}
		if n != documentMax || body.read > documentMax+1 {
			t.Errorf("%d bytes: %d were read, %d passed on", size, body.read, n)
		}
	}
}

func TestBudget(t *testing.T) {
	body := &endless{}
	b := &Budget{From: body, Limit: 1 << 20, What: "event"}
	piece := make([]byte, 64<<10)
	for range 100 { // each event is as large as one may be
		b.Reset()
		for range 16 {
			if _, err := b.Read(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Reset()
	n, err := io.Copy(io.Discard, b)
	if n > 2<<20 || err == nil || err.Error() != "the API server's answer is too large: event, over 1 MB" {
		t.Errorf("%d bytes and %v", n, err)
	}
}

// blanks is a body of white space without end.
type blanks struct{ endless }

func (b *blanks) Read(p []byte) (int, error) {
	n, err := b.endless.Read(p)
	for i := range p {
		p[i] = " \n\t\r"[i%4]
	}
	return n, err
}

func TestWhiteSpaceIsBounded(t *testing.T) {
	body := &blanks{}
	n, err := io.Copy(io.Discard, &Budget{From: body, Limit: ObjectMax, What: "event"})
	if !errors.Is(err, ErrTooLarge) || n > 2*blankMax {
		t.Errorf("%d bytes and %v", n, err)
	}
}

package kube

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"k8s.io/client-go/rest"
)

type always struct{ asked int }

func (a *always) RoundTrip(*http.Request) (*http.Response, error) {
	a.asked++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestADescriptionDoesNotGoInCircles(t *testing.T) {
	for name, c := range map[string]struct {
		token func(page int) string
		pages int
		want  error
	}{
		"no pages":      {func(int) string { return "" }, 1000, nil},
		"some pages":    {strconv.Itoa, describePagesMax, nil},
		"the same page": {func(int) string { return "again" }, 1, errRepeats},
		"two in turns":  {func(page int) string { return strconv.Itoa(page % 2) }, 2, errRepeats},
		"without end":   {strconv.Itoa, describePagesMax, errDescribePages},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, config := &always{}, &rest.Config{}
			boundPages(config)
			transport := config.WrapTransport(server)
			ask := func(page int) error {
				query := url.Values{"limit": {"500"}}
				if token := c.token(page); token != "" {
					query.Set("continue", token)
				}
				to := "http://server/api/v1/events?" + query.Encode()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
				if err != nil {
					return err
				}
				res, err := transport.RoundTrip(req)
				if err == nil {
					_ = res.Body.Close()
				}
				return err
			}
			for page := range c.pages {
				if err := ask(page); err != nil {
					t.Fatalf("%s: page %d: %v", name, page, err)
				}
			}
			if c.want == nil {
				return
			}
			if err := ask(c.pages); !errors.Is(err, c.want) || server.asked != c.pages {
				t.Errorf("%s: %v after %d", name, err, server.asked)
			}
		})
	}
}

// large answers with more than may be held.
type large struct{}

func (large) RoundTrip(*http.Request) (*http.Response, error) {
	body := io.LimitReader(&forever{Reader: strings.NewReader(""), piece: "a"}, 2*describeBytes)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body),
	}, nil
}

func TestADescriptionReadsNoLargeAnswer(t *testing.T) {
	config := &rest.Config{}
	boundPages(config)
	hideSecrets(config)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://server/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := config.WrapTransport(large{}).RoundTrip(req)
	if err == nil {
		_ = res.Body.Close()
	}
	if !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

package kube

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/signal"
	"github.com/fathom-k8s/fathom/kube/transport"
)

const (
	// describePagesMax is how many pages of lists a description may read: 50,000 objects.
	describePagesMax = 100
	// describePagesFast is how many of them it may read without a pause.
	describePagesFast = 20
	// describeBytes is how large an answer may be, which client-go holds as a whole.
	describeBytes = 64 << 20
)

var errDescribePages = errors.New("the description is too long: more than 100 pages of objects")

// boundPages bounds what kubectl's describer reads, and keeps it from following continue
// tokens in a circle: it does so as long as there are any (kubectl, pkg/describe;
// cli-runtime, pkg/resource, FollowContinue). The config is for one description.
func boundPages(config *rest.Config) {
	bounded := &boundedPages{lists: map[string]*Paging{}}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		bounded.next = next
		return bounded
	})
}

type boundedPages struct {
	next http.RoundTripper

	mu    sync.Mutex
	pages int
	lists map[string]*Paging // by path
}

// RoundTrip implements http.RoundTripper.
func (b *boundedPages) RoundTrip(req *http.Request) (*http.Response, error) {
	if token := req.URL.Query().Get("continue"); token != "" {
		pages, err := b.count(req.URL.Path, token)
		if err != nil {
			return nil, err
		}
		if pages > describePagesFast && !signal.Sleep(req.Context(), shortPagePause, nil) {
			return nil, req.Context().Err()
		}
	}
	res, err := b.next.RoundTrip(req)
	if err == nil {
		bounded := &transport.Budget{From: res.Body, Limit: describeBytes, What: "answer for the description"}
		res.Body = struct {
			io.Reader
			io.Closer
		}{bounded, res.Body}
	}
	return res, err
}

// count counts a page that is asked for by a token, and checks that there may be one more.
func (b *boundedPages) count(path, token string) (pages int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages++; b.pages > describePagesMax {
		return 0, errDescribePages
	}
	list := b.lists[path]
	if list == nil {
		list = &Paging{}
		b.lists[path] = list
	}
	return b.pages, list.Next(token)
}

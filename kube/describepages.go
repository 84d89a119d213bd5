package kube

import (
	"errors"
	"net/http"
	"sync"

	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// describePagesMax is how many pages of lists a description may read: 50,000 objects.
	describePagesMax = 100
	// describePagesFast is how many of them it may read without a pause.
	describePagesFast = 20
)

var errDescribePages = errors.New("the description is too long: more than 100 pages of objects")

// boundPages keeps kubectl's describer, which follows continue tokens as long as there
// are any (kubectl, pkg/describe; cli-runtime, pkg/resource, FollowContinue), from
// following them in a circle. The config is for one description.
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
	return b.next.RoundTrip(req)
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

package kube

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fathom-k8s/fathom/kube/kubetest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podServer answers lists of pods in protobuf, as API servers do.
type podServer struct {
	t    *testing.T
	pods []corev1.Pod
	// write sends the answer to a request; nil sends it at once.
	write   func(w http.ResponseWriter, r *http.Request, answer []byte)
	unpaged bool
	json    bool // no protobuf
	expired bool // the snapshot of the pages is gone after the first
	plain   bool // no gzip
	zipped  atomic.Int64
	ended   chan struct{} // closed with the test

	mu    sync.Mutex
	asked []string
}

// servePods puts n pods in front of what the server has.
func servePods(t *testing.T, n int) (*server, *podServer) {
	t.Helper()
	s, p := newServer(t), &podServer{t: t, pods: kubetest.PodList(n).Items, ended: make(chan struct{})}
	for i := range p.pods {
		p.pods[i].Name = fmt.Sprintf("web-%05d", i)
	}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.answer(w, r) {
			s.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() {
		close(p.ended)
		s.drop()
		s.http.Close()
	})
	return s, p
}

// lists are the requests for pods so far.
func (p *podServer) lists() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

func (p *podServer) answer(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if r.URL.Path != "/api/v1/pods" || q.Get("watch") != "" {
		return false
	}
	p.mu.Lock()
	p.asked = append(p.asked, r.URL.RawQuery)
	p.mu.Unlock()
	from, _ := strconv.Atoi(q.Get("continue"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if from > 0 && p.expired {
		w.WriteHeader(http.StatusGone)
		expired := status(http.StatusGone, metav1.StatusReasonExpired, "too old")
		_, _ = w.Write(kubetest.Answer(p.t, "Status", &expired))
		return true
	}
	list := corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}, Items: p.pods[from:]}
	if limit > 0 && limit < len(list.Items) && !p.unpaged {
		list.Items = list.Items[:limit]
		list.Continue, list.RemainingItemCount = strconv.Itoa(from+limit), new(int64(len(p.pods)-from-limit))
	}
	if p.json {
		list.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}
		writeJSON(w, list)
		return true
	}
	w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
	body := http.ResponseWriter(w)
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && !p.plain {
		p.zipped.Add(1)
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer func() { _ = zip.Close() }()
		body = zippedWriter{w, zip}
	}
	write := p.write
	if write == nil {
		write = func(w http.ResponseWriter, _ *http.Request, answer []byte) { _, _ = w.Write(answer) }
	}
	write(body, r, kubetest.Answer(p.t, "PodList", &list))
	return true
}

// zippedWriter compresses what is written, and Flush sends all of it.
type zippedWriter struct {
	http.ResponseWriter
	zip *gzip.Writer
}

func (w zippedWriter) Write(p []byte) (int, error) { return w.zip.Write(p) }

func (w zippedWriter) Flush() {
	_ = w.zip.Flush()
	w.ResponseWriter.(http.Flusher).Flush()
}

func all(t *testing.T, s *server, change ...func(*Options)) watcher {
	t.Helper()
	l, _ := look(t, s.open(t, change...).Listing(Scope{GroupVersionResource: podsResource}))
	return l
}

func TestListingIsStreamed(t *testing.T) {
	const pods = firstPageSize + 3*pageSize + 7
	for _, plain := range []bool{false, true} {
		s, p := servePods(t, pods)
		p.plain = plain
		l := all(t, s)
		l.live(t, pods)
		if lists := p.lists(); len(lists) > 1+4 { // the first and the smallest pages
			t.Errorf("%d requests: %v", len(lists), lists)
		}
		if (p.zipped.Load() == 0) != plain {
			t.Errorf("plain %v, but %d answers were compressed", plain, p.zipped.Load())
		}
		want := p.pods[pods-1]
		got, err := l.cluster.Decode(l.Get(want.Namespace, want.Name))
		if err != nil {
			t.Fatal(err)
		}
		want.ManagedFields[0].FieldsV1 = nil
		want.APIVersion, want.Kind = "v1", "Pod"
		if string(kubetest.Marshal(t, got.(*corev1.Pod))) != string(kubetest.Marshal(t, &want)) {
			t.Errorf("the last pod is %+v", got)
		}
	}
}

func TestListingShowsObjectsOfAPageThatIsStillArriving(t *testing.T) {
	const pods = firstPageSize + pageSize
	s, p := servePods(t, pods)
	more := make(chan struct{})
	p.write = func(w http.ResponseWriter, r *http.Request, answer []byte) {
		half := len(answer)
		if r.URL.Query().Get("continue") != "" {
			half /= 2
		}
		_, _ = w.Write(answer[:half])
		w.(http.Flusher).Flush()
		if half < len(answer) {
			select {
			case <-more:
			case <-p.ended:
			}
			_, _ = w.Write(answer[half:])
		}
	}
	l := all(t, s)
	l.until(t, "a part of the second page", func() bool { return l.Len() > firstPageSize })
	if state := l.State(); state.Phase != Loading || state.Remaining != int64(pods-state.Loaded) {
		t.Errorf("in the middle of a page: %+v", state)
	}
	close(more)
	l.live(t, pods)
}

func TestListingWhoseAnswerIsCutOffIsNotComplete(t *testing.T) {
	const pods = firstPageSize + pageSize
	for _, plain := range []bool{false, true} {
		s, p := servePods(t, pods)
		p.plain = plain
		var healthy atomic.Bool
		p.write = func(w http.ResponseWriter, r *http.Request, answer []byte) {
			if r.URL.Query().Get("continue") == "" || healthy.Load() {
				_, _ = w.Write(answer)
				return
			}
			_, _ = w.Write(answer[:len(answer)/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		l := all(t, s)
		l.until(t, "the failure", func() bool { return l.State().Phase == Failed })
		if state := l.State(); state.Loaded < firstPageSize || state.Loaded >= pods || state.Err == nil {
			t.Errorf("after the cut: %+v", state)
		}
		healthy.Store(true)
		l.live(t, pods)
	}
}

// A page that ends too early, although the connection does not say so.
func TestListingWhoseAnswerIsShortIsNotComplete(t *testing.T) {
	s, p := servePods(t, 10)
	p.write = func(w http.ResponseWriter, _ *http.Request, answer []byte) { _, _ = w.Write(answer[:len(answer)/2]) }
	l := all(t, s)
	l.until(t, "the failure", func() bool { return l.State().Phase == Failed })
	if err := l.State().Err; !strings.Contains(err.Error(), io.ErrUnexpectedEOF.Error()) {
		t.Errorf("failed with %v", err)
	}
}

func TestStreamedListingBeginsAnewWhenItsPagesExpire(t *testing.T) {
	const pods = firstPageSize + pageSize + 1
	for json, want := range map[bool]int{
		false: 3,                     // the second page would have been the last
		true:  2*(restartsMax+1) + 1, // pages stay small, and everything is asked for at once in the end
	} {
		s, p := servePods(t, pods)
		p.expired, p.json = true, json
		l := all(t, s)
		l.live(t, pods)
		if lists := p.lists(); len(lists) > want || json && len(lists) < want {
			t.Errorf("JSON %v: asked %v, not %d times", json, lists, want)
		}
	}
}

func TestListingOfAnAPIServerWithoutPages(t *testing.T) {
	for _, pods := range []int{0, 1, firstPageSize, 3 * firstPageSize} {
		s, p := servePods(t, pods)
		p.unpaged = true
		l := all(t, s)
		l.live(t, pods)
		if lists := p.lists(); len(lists) != 1 {
			t.Errorf("%d pods: asked %v", pods, lists)
		}
	}
}

func TestPagesThatAreParsedAsAWholeStaySmall(t *testing.T) {
	const pods = firstPageSize + pageSize + 1
	s, p := servePods(t, pods)
	p.json = true
	l := all(t, s)
	l.live(t, pods)
	if lists := p.lists(); len(lists) != 3 || !strings.HasSuffix(lists[2], fmt.Sprint("&limit=", pageSize)) {
		t.Errorf("asked %v", p.lists())
	}
}

func TestListingIsNotKeptWaitingForAnAnswerThatStopped(t *testing.T) {
	s, p := servePods(t, 100)
	p.write = func(w http.ResponseWriter, r *http.Request, answer []byte) {
		_, _ = w.Write(answer[:len(answer)/2])
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-p.ended:
		}
	}
	l := all(t, s, func(o *Options) { o.Flags.Timeout = new("300ms") })
	l.until(t, "the end of patience", func() bool { return l.State().Phase == Failed })
	if err := l.State().Err; err.Error() != "the API server sent nothing for 300ms" {
		t.Errorf("failed with %v", err)
	}
}

// Patience is about silence, not about how long a page takes as a whole.
func TestIdleTimeoutEndsOnlySilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, v := withIdleTimeout(t.Context(), time.Second)
		defer v.stop()
		in, out := io.Pipe()
		v.body = in
		go func() {
			for range 100 {
				<-time.After(900 * time.Millisecond)
				_, _ = out.Write([]byte{1})
			}
			<-ctx.Done()
			_ = out.CloseWithError(ctx.Err())
		}()
		began := time.Now()
		data, err := io.ReadAll(v)
		if len(data) != 100 || !v.expired() || v.explain(err).Error() != "the API server sent nothing for 1s" {
			t.Errorf("%d bytes, %v", len(data), v.explain(err))
		}
		if took := time.Since(began); took != 91*time.Second {
			t.Errorf("after %v", took)
		}
	})
}

func TestPageAfter(t *testing.T) {
	for _, c := range []struct {
		objects int
		took    time.Duration
		want    int64
	}{
		{50, 30 * time.Millisecond, pageMax},
		{50, 400 * time.Millisecond, pageSize},
		{50, 0, pageMax},
		{50, time.Minute, pageSize},
		{250, 500 * time.Millisecond, 2000},
		{2500, 10 * time.Second, 1000},
		{0, time.Second, pageSize},
	} {
		if got := pageAfter(c.objects, c.took); got != c.want {
			t.Errorf("after %d objects in %v: %d, not %d", c.objects, c.took, got, c.want)
		}
	}
}

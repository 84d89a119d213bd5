package kube

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/signal"
)

const (
	// checksEvery is how often the API server is asked for its own checks while somebody
	// looks at them.
	checksEvery = 15 * time.Second
	// checksAgain is the same while a check fails: somebody waits until it passes.
	checksAgain = 2 * time.Second
	// metricsEvery is the same for its metrics, which cost it about as much as a scrape
	// by Prometheus does.
	metricsEvery = 5 * time.Minute
	// checksMax bounds the text of the checks, in bytes.
	checksMax = 1 << 20
)

// Check is one check of the API server about itself; clean.
type Check struct {
	Name string
	OK   bool
	Said string // what it says beyond its name: "failed: reason withheld"
}

// Probe is the answer of /livez or /readyz.
type Probe struct {
	Asked  bool // there was an answer, or Err says why not
	OK     bool // as a whole
	Checks []Check
	Err    error // its text is clean
}

// Checked is what a Checks yields.
type Checked struct {
	From        *Checks
	Live, Ready Probe
	Took        time.Duration // from a request to its answer, the faster of the two
	// Ahead is how far the clock of this machine is ahead of the API server's, in whole
	// seconds.
	Ahead time.Duration
	// Metrics is what the API server's metrics say, nil before they are known.
	Metrics    *Metrics
	MetricsErr error // why there are none; its text is clean
}

// pause is how long after an answer the next one is asked for.
func (c *Checked) pause() time.Duration {
	fails := func(check Check) bool { return !check.OK }
	if slices.ContainsFunc(c.Ready.Checks, fails) || slices.ContainsFunc(c.Live.Checks, fails) {
		return checksAgain
	}
	return checksEvery
}

// Checks is a source that asks the API server how it is: /livez and /readyz every 15
// seconds, or every 2 while a check fails, its metrics every 5 minutes, and only while
// something waits for it.
type Checks struct {
	cluster     *Cluster
	last        Checked
	askedAt     time.Time // for the checks
	metricsAt   time.Time
	sendMetrics bool // it is their turn
	// withoutMetrics is set where nobody looks at them.
	withoutMetrics bool
}

// WatchChecks returns a source of Checked.
func (c *Cluster) WatchChecks() *Checks { return &Checks{cluster: c} }

// WatchReadiness returns a source of Checked without metrics.
func (c *Cluster) WatchReadiness() *Checks { return &Checks{cluster: c, withoutMetrics: true} }

// Next waits for the next answer: that of the checks at once, then that of the metrics.
func (k *Checks) Next(ctx context.Context) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if k.sendMetrics {
		k.sendMetrics = false
		k.metricsAt = time.Now()
		k.last.Metrics, k.last.MetricsErr = k.cluster.requestMetrics(ctx)
		return k.last, ctx.Err()
	}
	if !k.askedAt.IsZero() {
		signal.SleepUntil(ctx, k.askedAt.Add(k.last.pause()))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.askedAt = time.Now()
	var ready Probe
	var tookReady time.Duration
	done := make(chan struct{})
	k.cluster.options.Messages.Start("/readyz", func() {
		defer close(done)
		ready.Err = errPanicked // unless it is set
		ready, tookReady, _ = k.cluster.probe(ctx, "/readyz")
	})
	live, took, ahead := k.cluster.probe(ctx, "/livez")
	<-done
	if live.Err != nil || ready.Err == nil && tookReady < took {
		took = tookReady
	}
	k.last.From, k.last.Live, k.last.Ready, k.last.Took, k.last.Ahead = k, live, ready, took, ahead
	k.sendMetrics = !k.withoutMetrics && time.Since(k.metricsAt) >= metricsEvery
	return k.last, ctx.Err()
}

// probe asks for one of the API server's checks of itself, each by its name.
func (c *Cluster) probe(ctx context.Context, path string) (p Probe, took, ahead time.Duration) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	p.Asked = true
	began := time.Now()
	res, err := c.get(ctx, path, "verbose")
	if err != nil {
		p.Err = plain.Error(path, err)
		return p, 0, 0
	}
	defer func() { _ = res.Body.Close() }()
	took = time.Since(began)
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		ahead = began.Add(took / 2).Sub(at.Add(time.Second / 2)).Round(time.Second)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, checksMax))
	if err != nil {
		p.Err = plain.Error(path, err)
		return p, took, ahead
	}
	p.Checks = readChecks(string(text))
	p.OK = res.StatusCode == http.StatusOK
	if !p.OK && len(p.Checks) == 0 {
		p.Err = plain.Error(path, fmt.Errorf("the API server answers %s", res.Status))
	}
	return p, took, ahead
}

// get requests a path that is not a resource.
func (c *Cluster) get(ctx context.Context, path, query string) (*http.Response, error) {
	server, _, err := rest.DefaultServerUrlFor(c.config.Load())
	if err != nil {
		return nil, err
	}
	server = server.JoinPath(path)
	server.RawQuery = query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	return c.client.Do(req)
}

// readChecks reads what /livez?verbose says: "[+]ping ok", "[-]etcd failed: reason
// withheld". Other lines sum it up.
func readChecks(text string) (all []Check) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		rest, ok := strings.CutPrefix(line, "[+]")
		if !ok {
			var bad bool
			if rest, bad = strings.CutPrefix(line, "[-]"); !bad {
				continue
			}
		}
		name, said, _ := strings.Cut(kinds.Clean(rest), " ")
		if name != "" {
			all = append(all, Check{Name: name, OK: ok, Said: said})
		}
	}
	return all
}

// nextLine returns the next line of a stream without its end. It skips lines that do not fit
// the reader's buffer.
func nextLine(r interface{ ReadLine() ([]byte, bool, error) }) ([]byte, error) {
	for {
		line, more, err := r.ReadLine()
		if err != nil || !more {
			return bytes.TrimRight(line, "\r"), err
		}
		for more && err == nil {
			_, more, err = r.ReadLine()
		}
		if err != nil {
			return nil, err
		}
	}
}

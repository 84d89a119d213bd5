package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

// Metrics is what the API server's own metrics say of its parts. Its text is clean.
type Metrics struct {
	// Storage is how many bytes each database of etcd takes, by what the API server calls
	// it.
	Storage map[string]int64
	// Admission are the admission plugins that have judged a request, Authorizers the
	// types of those that have, each sorted.
	Admission, Authorizers []string
}

// The metrics that are read. They come sorted by name, so what follows the last is left
// unread: most of the text comes before it.
const (
	metricAdmission  = "apiserver_admission_controller_admission_duration_seconds_count"
	metricAuthorizer = "apiserver_authorization_decisions_total"
	metricStorage    = "apiserver_storage_size_bytes"
	metricStorageOld = "apiserver_storage_db_total_size_in_bytes" // before 1.28
	metricLast       = "apiserver_storage_size_bytes"
)

// errMetricsDenied is why a user sees no metrics; apierrors.IsForbidden knows it.
var errMetricsDenied = apierrors.NewForbidden(schema.GroupResource{}, "",
	errors.New("your rights do not cover /metrics"))

// requestMetrics reads a few of the API server's metrics.
func (c *Cluster) requestMetrics(ctx context.Context) (*Metrics, error) {
	ctx, cancel := c.withTimeout(ctx)
	defer cancel()
	res, err := c.get(ctx, "/metrics", "")
	if err != nil {
		return nil, plain.Error("/metrics", err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusUnauthorized:
		return nil, plain.Error("", errMetricsDenied)
	default:
		return nil, plain.Error("/metrics", fmt.Errorf("the API server answers %s", res.Status))
	}
	m, err := readMetrics(res.Body)
	if err != nil {
		return nil, plain.Error("/metrics", err)
	}
	return m, nil
}

// readMetrics reads metrics in the text format of Prometheus.
func readMetrics(from io.Reader) (*Metrics, error) {
	m := &Metrics{Storage: map[string]int64{}}
	lines := bufio.NewReaderSize(from, 16<<10)
	for {
		text, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(text) == 0 || text[0] == '#' || text[0] > 'a' {
			continue
		}
		line := string(text)
		name, labels, value := splitMetric(line)
		if name > metricLast && strings.HasPrefix(name, "apiserver_") {
			break
		}
		m.add(name, labels, value)
	}
	slices.Sort(m.Admission)
	slices.Sort(m.Authorizers)
	return m, nil
}

// metricNamesMax bounds what is kept of each list.
const metricNamesMax = 200

func (m *Metrics) add(name, labels, value string) {
	keep := func(to *[]string, label string) {
		said := kinds.Clean(metricLabel(labels, label))
		if said != "" && len(*to) < metricNamesMax && !slices.Contains(*to, said) {
			*to = append(*to, said)
		}
	}
	switch name {
	case metricAdmission:
		keep(&m.Admission, "name")
	case metricAuthorizer:
		keep(&m.Authorizers, "type")
	case metricStorage, metricStorageOld:
		bytes, err := strconv.ParseFloat(value, 64)
		if err != nil || !(bytes >= 0 && bytes < 1<<62) || len(m.Storage) >= metricNamesMax {
			return
		}
		of := metricLabel(labels, "storage_cluster_id")
		if of == "" {
			of = metricLabel(labels, "endpoint")
		}
		m.Storage[kinds.Clean(of)] = int64(bytes)
	}
}

// splitMetric cuts a line into a metric's name, its labels and its value.
func splitMetric(line string) (name, labels, value string) {
	open, end := strings.IndexByte(line, '{'), strings.LastIndexByte(line, '}')
	if open < 0 || end < open {
		name, value, _ = strings.Cut(line, " ")
		return name, "", strings.TrimSpace(value)
	}
	return line[:open], line[open+1 : end], strings.TrimSpace(line[end+1:])
}

// metricLabel returns the value of a label; "" when there is none.
func metricLabel(labels, name string) string {
	for labels != "" {
		key, rest, ok := strings.Cut(labels, `="`)
		if !ok {
			return ""
		}
		end := 0
		for end < len(rest) && rest[end] != '"' {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(rest) {
			return ""
		}
		if key == name {
			return rest[:end]
		}
		labels = strings.TrimPrefix(rest[end+1:], ",")
	}
	return ""
}

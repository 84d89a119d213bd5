package dump

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RoundTrip answers as an API server does, but says so when a log is not in the dump.
// Any goroutine may call it.
func (d *Dump) RoundTrip(req *http.Request) (*http.Response, error) {
	path := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	if len(path) == 7 && path[6] == "log" && path[4] == "pods" {
		q := req.URL.Query()
		of := container{path[3], path[5], q.Get("container"), q.Get("previous") == "true"}
		if missing := d.missing(of); missing != "" {
			status := apierrors.NewBadRequest(missing).Status()
			status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
			return answer(req, int(status.Code), status), nil
		}
	}
	return d.API.RoundTrip(req)
}

// missing says that the log of one of the dump's containers is not in it; ""
// when it is, or when the dump has no such container.
func (d *Dump) missing(of container) string {
	names := d.pods[podName{of.namespace, of.pod}]
	if of.name == "" && len(names) == 1 {
		of.name = names[0]
	}
	for _, name := range names {
		if name != of.name || d.logged[of] {
			continue
		}
		what := "log"
		if of.previous {
			what = "previous log"
		}
		return fmt.Sprintf("the dump has no %s of container %s", what, of.name)
	}
	return ""
}

func answer(req *http.Request, code int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // only values of this package are answered
	}
	return &http.Response{
		Status: fmt.Sprintf(
			"%d %s",
			code,
			http.StatusText(code),
		),
		StatusCode:    code,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Request:       req,
		Body:          io.NopCloser(strings.NewReader(string(text))),
		ContentLength: int64(len(text)),
	}
}

package memapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// compressFrom is the size from which a server compresses its answers.
const compressFrom = 128 * 1024

func (r *request) answer(body []byte) *http.Response {
	return answer(r.Request, http.StatusOK, r.form.media, body)
}

// answer returns a response, compressed when the client asks and it pays.
func answer(req *http.Request, code int, media string, body []byte) *http.Response {
	header := http.Header{"Content-Type": {media}}
	if len(body) > compressFrom && strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		_, _ = w.Write(body)
		_ = w.Close()
		body = out.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	if req.Method == http.MethodHead {
		body = nil
	}
	return stream(req, code, header, io.NopCloser(bytes.NewReader(body)), int64(len(body)))
}

func stream(req *http.Request, code int, header http.Header, body io.ReadCloser, size int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: body, ContentLength: size, Request: req,
	}
}

// encode never fails: what it gets are the API's own types.
func encode(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}

package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestDebugListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0", "localhost:0"} {
		if _, err := loopback(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{
		":6060", "0.0.0.0:6060", "[::]:6060", "192.0.2.1:6060", "6060", "127.0.0.1", "127.0.0.1:port",
	} {
		_, err := loopback(address)
		if !isUsage(err) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line about the command line", address, err)
		}
	}
}

func TestDebugListensNowhereUnasked(t *testing.T) {
	stop, err := newProgram().debugListen()
	if err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestDebugTellsThatThePortIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := newProgram()
	p.app.flags.debug = taken.Addr().String()
	if _, err := p.debugListen(); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

func TestDebugAnswers(t *testing.T) {
	handler := newProgram().debugHandler()
	tests := []struct {
		method, url string
		code        int
		begins      string
	}{
		{"GET", "http://127.0.0.1/debug/heap", http.StatusOK, "\x1f\x8b"},
		{"GET", "http://127.0.0.1/debug/cpu?seconds=1", http.StatusOK, "\x1f\x8b"},
		{"GET", "http://127.0.0.1/debug/cpu?seconds=0", http.StatusBadRequest, "seconds must be"},
		{"GET", "http://127.0.0.1/debug/cpu?seconds=x", http.StatusBadRequest, "seconds must be"},
		{"GET", "http://[::1]:6060/debug/goroutines", http.StatusOK, "goroutine "},
		{"GET", "http://localhost:6060/debug/counters", http.StatusOK, `{"contexts":{}`},
		{"GET", "http://rebound.example/debug/heap", http.StatusForbidden, ""},
		{"POST", "http://127.0.0.1/debug/heap", http.StatusMethodNotAllowed, ""},
		{"GET", "http://127.0.0.1/", http.StatusNotFound, ""},
	}
	for _, test := range tests {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(test.method, test.url, nil))
		if answer.Code != test.code || !strings.HasPrefix(answer.Body.String(), test.begins) {
			t.Errorf("%s %s: got %d %.40q, want %d %q", test.method, test.url, answer.Code, answer.Body, test.code, test.begins)
		}
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/debug/counters", nil))
	var told counters
	if err := json.Unmarshal(answer.Body.Bytes(), &told); err != nil || told.Goroutines == 0 || told.HeapBytes == 0 {
		t.Errorf("counters: %+v, %v", told, err)
	}
}

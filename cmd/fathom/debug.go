package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/fathom-k8s/fathom/kube"
)

const (
	cpuDefault    = 30  // seconds of a CPU profile without ?seconds=
	cpuMost       = 600 // a profile that is forgotten ends by then
	memoryProfile = 512 * 1024
)

// Sampling of allocations is on in every program that can write a heap profile; here it
// costs nothing until somebody asks for it.
func init() { runtime.MemProfileRate = 0 }

// loopback resolves the address of --debug-listen. Whoever reaches that address
// can read what the cluster's objects say, so no other machine may.
func loopback(address string) (*net.TCPAddr, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usagef("--debug-listen wants an address such as 127.0.0.1:6060; see --help")
	}
	tcp, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, usagef("--debug-listen: %w", err)
	}
	if !tcp.IP.IsLoopback() {
		return nil, usagef("--debug-listen %q: give an address of this machine, such as 127.0.0.1:6060", host)
	}
	return tcp, nil
}

// debugListen serves profiles and counters until stop is called.
func (p *program) debugListen() (stop func(), err error) {
	if p.app.flags.debug == "" {
		return func() {}, nil
	}
	address, err := loopback(p.app.flags.debug)
	if err != nil {
		return nil, err
	}
	listener, err := net.ListenTCP("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--debug-listen: %w", err)
	}
	runtime.MemProfileRate = memoryProfile
	server := &http.Server{Handler: p.debugHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

// debugHandler answers GET only. It is not net/http/pprof, which also shows the command
// line and resolves symbols on request.
func (p *program) debugHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/heap", heapProfile)
	mux.HandleFunc("GET /debug/cpu", cpuProfile)
	mux.HandleFunc("GET /debug/goroutines", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_ = pprof.Lookup("goroutine").WriteTo(w, 2)
	})
	mux.HandleFunc("GET /debug/counters", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.count())
	})
	return local(mux)
}

// local refuses requests whose Host is a name: a web page could give a name of
// its own this machine's address, and read the answers.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "not an address of this machine", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// heapProfile counts what is reachable now, not what was at the last collection.
func heapProfile(w http.ResponseWriter, _ *http.Request) {
	runtime.GC()
	w.Header().Set("Content-Type", "application/octet-stream")
	_ = pprof.WriteHeapProfile(w)
}

func cpuProfile(w http.ResponseWriter, r *http.Request) {
	seconds := cpuDefault
	if text := r.URL.Query().Get("seconds"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil || seconds < 1 || seconds > cpuMost {
			http.Error(w, fmt.Sprintf("seconds must be a number from 1 to %d", cpuMost), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := pprof.StartCPUProfile(w); err != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		http.Error(w, "another CPU profile is being taken", http.StatusConflict)
		return
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(time.Duration(seconds) * time.Second):
	case <-r.Context().Done():
	}
}

// counters are what fathom did and holds, as /debug/counters reports it.
type counters struct {
	Contexts   map[string]contextCounters `json:"contexts"`
	Goroutines int                        `json:"goroutines"`
	HeapBytes  uint64                     `json:"heapBytes"` // objects that are reachable or not yet swept
	Allocated  uint64                     `json:"allocatedBytes"`
	Allocs     uint64                     `json:"allocations"`
	Collected  uint32                     `json:"garbageCollections"`
	Frames     int64                      `json:"frames"`
	Rows       int64                      `json:"rowsFormatted"` // of tables, that were asked for their text
}

type contextCounters struct {
	Requests int64 `json:"requests"`
	Received int64 `json:"receivedBytes"` // of bodies, after decompression
	Listings int   `json:"listings"`
	Records  int   `json:"records"`
}

func (p *program) count() counters {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	out := counters{
		Contexts: map[string]contextCounters{}, Goroutines: runtime.NumGoroutine(),
		HeapBytes: memory.HeapAlloc, Allocated: memory.TotalAlloc, Allocs: memory.Mallocs, Collected: memory.NumGC,
		Frames: p.drawn.Frames.Load(), Rows: p.drawn.Rows.Load(),
	}
	for _, cluster := range p.app.openClusters() {
		out.Contexts[cluster.Name()] = countersOf(cluster)
	}
	return out
}

func countersOf(c *kube.Cluster) contextCounters {
	var out contextCounters
	out.Requests, out.Received = c.Traffic()
	out.Listings, out.Records = c.Counts()
	return out
}

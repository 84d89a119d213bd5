// Workload is the program inside the test image. Its flags choose how it behaves, and they combine: a server that
// logs JSON, turns unready after ten seconds and exits with code 3 after a minute is one command line.
//
// It keeps running until a signal or --exit-after ends it.
package main

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// never is the value of a duration flag for something that does not happen.
const never = -1 * time.Second

type behaviour struct {
	lines         [][]byte
	count         int
	countPause    time.Duration
	logEvery      time.Duration
	logFormat     string
	serve         string
	readyAfter    time.Duration
	unreadyAfter  time.Duration
	brokenAfter   time.Duration
	upstream      string
	answer        int
	eat           int
	eatEvery      time.Duration
	exitAfter     time.Duration
	exitCode      int
	lastLine      string
	ignoreSIGTERM bool
}

func main() {
	b, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(64)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	os.Exit(b.run(signals, os.Stdout, os.Stderr))
}

// parse reads the command line; a complaint about it has been written to stderr when it returns an error.
func parse(args []string, stderr io.Writer) (behaviour, error) {
	var b behaviour
	flags := flag.NewFlagSet("workload", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("print", "print this `line` at start (repeatable)", func(line string) error {
		b.lines = append(b.lines, []byte(line))
		return nil
	})
	flags.Func(
		"print-base64",
		"print this line at start, given as `base64`, so that it may hold any bytes (repeatable)",
		func(text string) error {
			line, err := base64.StdEncoding.DecodeString(text)
			b.lines = append(b.lines, line)
			return err
		},
	)
	flags.Func(
		"print-repeated",
		"print at start one line of so many times the same bytes, given as `count:base64` (repeatable)",
		func(text string) error {
			times, encoded, _ := strings.Cut(text, ":")
			count, err := strconv.Atoi(times)
			if err != nil || count < 0 {
				return fmt.Errorf("%q is not a count", times)
			}
			part, err := base64.StdEncoding.DecodeString(encoded)
			b.lines = append(b.lines, bytes.Repeat(part, count))
			return err
		},
	)
	flags.IntVar(&b.count, "count", 0, "write so many numbered lines after those of --print")
	flags.DurationVar(&b.countPause, "count-pause", 0, "the pause after each hundred of them")
	flags.DurationVar(&b.logEvery, "log-every", 0, "write a log line at this interval")
	flags.StringVar(&b.logFormat, "log-format", "text", "`format` of log lines: text, json or logfmt")
	flags.StringVar(
		&b.serve,
		"serve",
		"",
		"serve HTTP on this `address`: /healthz, /readyz, and a page on everything else",
	)
	flags.DurationVar(&b.readyAfter, "ready-after", 0, "/readyz fails until then; negative: always")
	flags.DurationVar(&b.unreadyAfter, "unready-after", never, "/readyz fails from then on")
	flags.StringVar(&b.upstream, "upstream", "", "/readyz fails while this `URL` does not answer")
	flags.IntVar(&b.answer, "answer", http.StatusOK, "answer every page with this HTTP status `code`, except for the probes")
	flags.DurationVar(&b.brokenAfter, "unhealthy-after", never, "/healthz fails from then on")
	flags.IntVar(&b.eat, "eat", 0, "fill this many `MiB` of memory")
	flags.DurationVar(&b.eatEvery, "eat-every", 20*time.Millisecond, "time between two of those MiB")
	flags.DurationVar(&b.exitAfter, "exit-after", never, "exit after this time")
	flags.IntVar(&b.exitCode, "exit-code", 0, "exit `code` for --exit-after")
	flags.StringVar(&b.lastLine, "last-line", "", "`line` on stderr just before --exit-after exits")
	flags.BoolVar(&b.ignoreSIGTERM, "ignore-sigterm", false, "carry on when asked to stop")
	if err := flags.Parse(args); err != nil {
		return b, err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "unexpected argument %q: every setting is a flag\n", flags.Arg(0))
		return b, flag.ErrHelp
	}
	if _, known := formats[b.logFormat]; !known {
		fmt.Fprintf(stderr, "unknown log format %q: text, json or logfmt\n", b.logFormat)
		return b, flag.ErrHelp
	}
	return b, nil
}

// run behaves as the flags say and returns the exit code.
func (b behaviour) run(signals <-chan os.Signal, stdout, stderr io.Writer) int {
	started := time.Now()
	for _, line := range b.lines {
		stdout.Write(append(bytes.Clone(line), '\n'))
	}
	for i := range b.count {
		fmt.Fprintf(stdout, "count=%d of %d\n", i, b.count)
		if i%100 == 99 {
			time.Sleep(b.countPause) //nolint:forbidigo // This is the pace; nothing is waited for.
		}
	}
	failed := make(chan error, 1)
	if b.serve != "" {
		server := &http.Server{Addr: b.serve, Handler: b.handler(started), ReadHeaderTimeout: 5 * time.Second}
		go func() { failed <- server.ListenAndServe() }()
	}
	if b.eat > 0 {
		go eat(b.eat, b.eatEvery)
	}

	var exit, tick <-chan time.Time
	if b.exitAfter >= 0 {
		exit = time.After(b.exitAfter)
	}
	if b.logEvery > 0 {
		ticker := time.NewTicker(b.logEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for n := 1; ; {
		select {
		case now := <-tick:
			fmt.Fprintln(stdout, formats[b.logFormat](now.UTC(), requestLine(n)))
			n++
		case <-exit:
			if b.lastLine != "" {
				fmt.Fprintln(stderr, b.lastLine)
			}
			return b.exitCode
		case s := <-signals:
			if b.ignoreSIGTERM && s == syscall.SIGTERM {
				fmt.Fprintln(stdout, "asked to stop, carrying on")
				continue
			}
			fmt.Fprintln(stdout, "asked to stop, stopping")
			return 0
		case err := <-failed:
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
}

func (b behaviour) handler(started time.Time) http.Handler {
	happened := func(after time.Duration) bool { return after >= 0 && time.Since(started) >= after }
	answer := func(w http.ResponseWriter, good bool, bad string) {
		if !good {
			http.Error(w, bad, http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, !happened(b.brokenAfter), "worker pool is stuck")
	})
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		good := happened(b.readyAfter) && !happened(b.unreadyAfter) && answers(b.upstream)
		answer(w, good, "upstream is not reachable")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		host, _ := os.Hostname()
		w.WriteHeader(b.answer)
		fmt.Fprintf(w, "%s served %s\n", host, r.URL.Path)
	})
	return mux
}

// answers reports whether a GET of the URL gets an answer within a second. An empty URL
// always does.
func answers(url string) bool {
	if url == "" {
		return true
	}
	client := http.Client{Timeout: time.Second}
	response, err := client.Get(url)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}

// eat holds on to memory and writes to every page of it, since untouched memory costs
// the cgroup nothing.
func eat(mebibytes int, every time.Duration) {
	var held [][]byte
	for range mebibytes {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
		time.Sleep(every) //nolint:forbidigo // This is the pace; nothing is waited for.
	}
	// The collector takes memory that nothing will look at again.
	<-make(chan struct{})
	runtime.KeepAlive(held)
}

// request is what one log line is about.
type request struct {
	level, method, path string
	status, millis, id  int
}

// requestLine makes up the n-th request. It depends only on n, so that a test knows
// what a log holds.
func requestLine(n int) request {
	paths := []string{"/", "/products/1812", "/cart", "/checkout", "/api/v1/prices?currency=EUR", "/search?q=%C3%BCbung"}
	r := request{level: "info", method: http.MethodGet, path: paths[n%len(paths)], status: 200, millis: 3 + n*7%90, id: n}
	switch {
	case n%29 == 0:
		r.level, r.status, r.millis = "error", 502, 5000
	case n%11 == 0:
		r.level, r.millis = "warn", 900+n%100
	case n%5 == 0:
		r.method, r.status = http.MethodPost, 201
	}
	return r
}

var formats = map[string]func(time.Time, request) string{
	"text": func(now time.Time, r request) string {
		return fmt.Sprintf("%s %-5s %s %s %d in %dms request=%d",
			now.Format("2006-01-02 15:04:05.000"), strings.ToUpper(r.level), r.method, r.path, r.status, r.millis, r.id)
	},
	"json": func(now time.Time, r request) string {
		return fmt.Sprintf(
			`{"time":%q,"level":%q,"msg":"request served","method":%q,"path":%q,"status":%d,"duration_ms":%d,"request":%d}`,
			now.Format(time.RFC3339Nano),
			r.level,
			r.method,
			r.path,
			r.status,
			r.millis,
			r.id,
		)
	},
	"logfmt": func(now time.Time, r request) string {
		return fmt.Sprintf(`ts=%s level=%s msg="request served" method=%s path=%q status=%d duration=%dms request=%d`,
			now.Format(time.RFC3339Nano), r.level, r.method, r.path, r.status, r.millis, r.id)
	},
}

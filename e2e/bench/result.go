package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Results is everything that a run has found, as in results.json.
type Results struct {
	Machine Machine `json:"machine"`
	// Fault is what a page fault took on it before the run; 0 if that is not known.
	Fault    time.Duration `json:"fault,omitempty"`
	Began    time.Time     `json:"began"`
	Window   time.Duration `json:"window"`
	Sizes    []SizeResult  `json:"sizes"`
	Links    []string      `json:"links"`
	Programs []Tested      `json:"programs"`
	// Missing are programs that have a description and are not on this machine.
	Missing []string `json:"missing,omitempty"`
	Figures []Figure `json:"figures"`
	Guards  []Guard  `json:"guards,omitempty"`
	Soak    *Soak    `json:"soak,omitempty"`
	// Failures are runs that could not be brought to their end.
	Failures []Failure `json:"failures,omitempty"`
}

// Failure is a run that ended early.
type Failure struct {
	Program string `json:"program"`
	// Where is the part of the run, such as "starts at S2 over WAN".
	Where  string `json:"where"`
	Reason string `json:"reason"`
}

// SizeResult is a fixture as it was.
type SizeResult struct {
	Name  string `json:"name"`
	Pods  int    `json:"pods"`
	Nodes int    `json:"nodes"`
}

// Tested is a program as it was found.
type Tested struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Sum is the SHA-256 of its binary, in hexadecimal.
	Sum string `json:"sum"`
}

// Machine is where it ran.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// Figure is one metric of one program at one size over one link, with a value for each run that came to one.
type Figure struct {
	Program string    `json:"program"`
	Size    string    `json:"size,omitempty"`
	Link    string    `json:"link,omitempty"`
	Metric  string    `json:"metric"`
	Values  []float64 `json:"values,omitempty"`
	// Without says why a run had no value, such as "not within 4m".
	Without string `json:"without,omitempty"`
}

// Guard is something that must be true for the figures to count.
type Guard struct {
	Program string `json:"program"`
	Size    string `json:"size"`
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Detail  string `json:"detail,omitempty"`
}

// Soak is a long run under churn.
type Soak struct {
	Program string        `json:"program"`
	Size    string        `json:"size"`
	Lasted  time.Duration `json:"lasted"`
	// Samples are bytes of resident set, one each Every.
	Every   time.Duration `json:"every"`
	Samples []int64       `json:"samples"`
	// Slope is bytes per hour over the second half, by least squares.
	Slope float64 `json:"slope"`
}

// add puts a value to its figure.
func (r *Results) add(program, size, network, metric string, value float64) {
	f := r.figure(program, size, network, metric)
	f.Values = append(f.Values, value)
}

// without says why a figure has no value.
func (r *Results) without(program, size, network, metric, reason string) {
	r.figure(program, size, network, metric).Without = reason
}

// isWithout reports whether an earlier run had no value, and said why.
func (r *Results) isWithout(program, size, network, metric string) bool {
	f := r.find(program, size, network, metric)
	return f != nil && f.Without != ""
}

// figure returns the existing figure, or a new one.
func (r *Results) figure(program, size, network, metric string) *Figure {
	if f := r.find(program, size, network, metric); f != nil {
		return f
	}
	r.Figures = append(r.Figures, Figure{Program: program, Size: size, Link: network, Metric: metric})
	return &r.Figures[len(r.Figures)-1]
}

// find returns nil if nothing was measured.
func (r *Results) find(program, size, network, metric string) *Figure {
	for i := range r.Figures {
		f := &r.Figures[i]
		if f.Program == program && f.Size == size && f.Link == network && f.Metric == metric {
			return f
		}
	}
	return nil
}

// subject is the program that is measured for its own sake. The others are for
// comparison.
const subject = "fathom"

// failed reports whether a guard of fathom does not hold, or one of its runs did not
// complete.
func (r *Results) failed() bool {
	return slices.ContainsFunc(r.Failures, func(f Failure) bool { return f.Program == subject }) ||
		slices.ContainsFunc(r.Guards, func(g Guard) bool { return g.Program == subject && !g.OK })
}

func (r *Results) save(path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	// A run that is killed while it writes leaves what it had saved before.
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func loadResults(path string) (*Results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	results := &Results{}
	return results, json.Unmarshal(text, results)
}

// median is the middle value, the lower of two; worst is the largest, as every metric is better when it is smaller.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

func worst(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Max(values)
}

// percentile returns the value that so many percent of the values do not exceed.
func percentile(values []float64, percent int) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func thisMachine() Machine {
	machine := Machine{Cores: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, rest, _ := strings.Cut(string(text), "model name")
		line, _, _ := strings.Cut(rest, "\n")
		machine.CPU = strings.TrimSpace(strings.TrimLeft(line, "\t :"))
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		machine.Memory = statusBytes(string(text), "MemTotal:")
	}
	if text, err := exec.Command("uname", "-sr").Output(); err == nil {
		machine.Kernel = strings.TrimSpace(string(text))
	}
	return machine
}

package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

//go:embed programs/*.yaml
var descriptions embed.FS

// Program is how one terminal program is started, read and operated. What a program
// cannot do is left empty, and what depends on it is not measured: of one without keys,
// only its starts are.
type Program struct {
	Name string `json:"name"`
	// Command is its name in PATH, its own name if empty.
	Command string `json:"command,omitempty"`
	// Version are the arguments that make it print its version and exit.
	Version []string `json:"version"`
	// Start shows the pods of all namespaces. {kubeconfig} is replaced by a path.
	Start []string `json:"start"`
	// Env is added to an environment without any of the user's own settings.
	Env []string `json:"env,omitempty"`
	// UserAgent is a prefix that identifies its requests in the audit log.
	UserAgent string `json:"userAgent"`
	// Frame matches the first screen that the program draws, before any data.
	Frame pattern `json:"frame"`
	// Row is a line with a pod, NodeRow one with a node.
	Row     pattern `json:"row"`
	NodeRow pattern `json:"nodeRow"`
	// Marks are the characters that it puts after a cell that has changed.
	Marks string `json:"marks,omitempty"`
	// Cursor is the line under the cursor; where the program shows no sign for it, it
	// is the line with other colours.
	Cursor pattern `json:"cursor"`
	// Count and Filtered have the number of all pods and of those that pass the filter as their group.
	Count    pattern `json:"count"`
	Filtered pattern `json:"filtered"`
	// Loaded says that the count is complete; Denied and Stale that a kind is refused and that a watch is down.
	Loaded pattern `json:"loaded"`
	Denied pattern `json:"denied"`
	Stale  pattern `json:"stale"`
	// Sorted is on the screen when the rows are in the order that Keys.Sort asks for.
	Sorted pattern `json:"sorted"`
	// Release is how long the program keeps what nobody looks at, plus a little less
	// than half a minute; empty if it keeps it forever.
	Release metav1.Duration `json:"release"`
	// Log is how it shows the log of a pod.
	Log *LogView `json:"log,omitempty"`
	// Printed prints the logs of all containers of the writer's pods and goes on:
	// {kubeconfig} and {namespace} are replaced.
	Printed []string `json:"printed,omitempty"`
	// Counted counts the lines of a file that have a word: {word} and {file} are replaced.
	Counted []string `json:"counted,omitempty"`
	// Triage is how it shows what is broken.
	Triage *TriageView `json:"triage,omitempty"`
	// Atlas is how it shows what the cluster is made of.
	Atlas *AtlasView `json:"atlas,omitempty"`
	// Lines is for a program that writes lines: it is complete when it has written one for each pod.
	Lines bool `json:"lines,omitempty"`
	Keys  Keys `json:"keys"`

	path string
}

// LogView is how a program shows the lines of a container.
type LogView struct {
	// Start shows the pods of one namespace: {kubeconfig} and {namespace} are replaced.
	Start []string `json:"start"`
	// Open shows the end of the log of the pod under the cursor, All shows the log from
	// its beginning.
	Open []string `json:"open"`
	All  []string `json:"all"`
	// Search begins to search, and SearchDone ends the text if the program waits for that.
	Search     []string `json:"search"`
	SearchDone []string `json:"searchDone"`
	// Many is how it shows the logs of several pods.
	Many *ManyLogs `json:"many,omitempty"`
	// Save writes what there is to a file, below the home or the working directory.
	Save []string `json:"save"`
}

// Keys are what is pressed, as screen.Terminal.Keys takes them.
type Keys struct {
	Down        []string `json:"down,omitempty"`
	Up          []string `json:"up,omitempty"`
	PageDown    []string `json:"pageDown,omitempty"`
	Top         []string `json:"top,omitempty"`
	Sort        []string `json:"sort,omitempty"`
	SortBack    []string `json:"sortBack,omitempty"`
	Filter      []string `json:"filter,omitempty"`
	FilterDone  []string `json:"filterDone,omitempty"`
	ClearFilter []string `json:"clearFilter,omitempty"`
	GoTo        []string `json:"goTo,omitempty"`
	GoToDone    []string `json:"goToDone,omitempty"`
	Back        []string `json:"back,omitempty"`
	Quit        []string `json:"quit,omitempty"`
}

// pattern is a regular expression that is searched in the text of the whole screen. An empty one matches nothing.
type pattern struct{ *regexp.Regexp }

// UnmarshalText compiles the expression.
func (p *pattern) UnmarshalText(text []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(text))
	return err
}

func (p pattern) in(text string) bool { return p.Regexp != nil && p.MatchString(text) }

// arguments are those that start the program with a kubeconfig.
func (p *Program) arguments(kubeconfig string) []string {
	return replaced(p.Start, "{kubeconfig}", kubeconfig)
}

// replaced takes pairs of a text and its replacement.
func replaced(args []string, pairs ...string) []string {
	replacer := strings.NewReplacer(pairs...)
	out := make([]string, len(args))
	for i, arg := range args {
		out[i] = replacer.Replace(arg)
	}
	return out
}

// loadPrograms reads the descriptions of the named programs. Those that are not on this machine are
// returned as missing.
func loadPrograms(names []string, paths map[string]string) (found []*Program, missing []string, err error) {
	for _, name := range names {
		program, err := loadProgram(name)
		if err != nil {
			return nil, nil, err
		}
		if program.path = paths[name]; program.path == "" {
			program.path, err = exec.LookPath(program.Command)
		}
		if err != nil {
			missing = append(missing, name)
			continue
		}
		found = append(found, program)
	}
	return found, missing, nil
}

func loadProgram(name string) (*Program, error) {
	text, err := descriptions.ReadFile(path.Join("programs", name+".yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("program %q has no description: there are %s", name, strings.Join(described(), ", "))
	}
	if err != nil {
		return nil, err
	}
	program := &Program{}
	if err := yaml.UnmarshalStrict(text, program); err != nil {
		return nil, fmt.Errorf("programs/%s.yaml: %w", name, err)
	}
	if program.Command == "" {
		program.Command = program.Name
	}
	if program.Name != name || len(program.Start) == 0 || program.Frame.Regexp == nil || program.Row.Regexp == nil {
		return nil, fmt.Errorf("programs/%s.yaml: give name (%s), start, frame and row", name, name)
	}
	return program, nil
}

// described lists the programs that have a description.
func described() []string {
	files, err := descriptions.ReadDir("programs")
	if err != nil {
		return nil
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file.Name(), ".yaml"))
	}
	return names
}

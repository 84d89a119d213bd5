package main

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The limits of CONTRIBUTING.md. A function is one screen, and two files stand side by side.
const (
	functionLinesMax = 70
	fileLinesMax     = 500
	codeColumnsMax   = 120
	proseColumnsMax  = 100
)

// stilted are words that a native reader stumbles over, with what to write instead. What
// a pattern's groups match may be allowed.
var stilted = []struct {
	pattern *regexp.Regexp
	instead string
	allowed *regexp.Regexp
}{
	{pattern: regexp.MustCompile(`(?i)\b(?:says|is) whether\b`), instead: "reports whether, is set when"},
	{
		pattern: regexp.MustCompile(`(?i)\b([a-z%]+) (?:is|are|was|were) no ([a-z]+)`), instead: "is not a",
		allowed: regexp.MustCompile(`(?i)^(?:there|where) |(?:longer|such|more|less|fewer|[a-z]+er)$`),
	},
	{pattern: regexp.MustCompile(`(?i)\banew\b`), instead: "again"},
	{pattern: regexp.MustCompile(`(?i)\b(?:is|are|was|were) told\b`), instead: "gets, receives, learns"},
	{pattern: regexp.MustCompile(`(?i)\bof its own accord\b`), instead: "by itself"},
	{pattern: regexp.MustCompile(`(?i)\bbeside the loop\b`), instead: "in the background"},
	{pattern: regexp.MustCompile(`(?i)\bturn(?:s|ed)? round\b`), instead: "reverse"},
}

// findStilted returns the first stilted words of a text, and what to write instead.
func findStilted(text string) (found, instead string) {
	for _, s := range stilted {
		for _, match := range s.pattern.FindAllStringSubmatch(text, -1) {
			if s.allowed == nil || !s.allowed.MatchString(strings.Join(match[1:], " ")) {
				return match[0], s.instead
			}
		}
	}
	return "", ""
}

// TestStyle checks those rules of CONTRIBUTING.md that a test can check.
func TestStyle(t *testing.T) {
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		extension := path.Ext(file)
		if entry.IsDir() || extension != ".go" && extension != ".md" || file == "cmd/fathom/style_test.go" {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		if extension == ".go" {
			checkCode(t, file, text)
		} else if file != "docs/performance.md" { // which a program writes
			checkProse(t, file, string(text))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkCode(t *testing.T, file string, text []byte) {
	t.Helper()
	lines := strings.Split(string(text), "\n")
	if n := len(lines) - 1; n > fileLinesMax {
		t.Errorf("%s has %d lines, %d at most: does it hold two things?", file, n, fileLinesMax)
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		function, is := declaration.(*ast.FuncDecl)
		if !is {
			continue
		}
		from, to := files.Position(function.Pos()).Line, files.Position(function.End()).Line
		if n := to - from + 1; n > functionLinesMax {
			t.Errorf("%s:%d: %s has %d lines, %d at most", file, from, function.Name.Name, n, functionLinesMax)
		}
	}
	data := literals(t, file, text)
	for i, line := range lines {
		// A literal is data: it may be longer than any line.
		if n := utf8.RuneCountInString(line); n > codeColumnsMax && !data[i+1] {
			t.Errorf("%s:%d has %d columns, %d at most", file, i+1, n, codeColumnsMax)
		}
	}
}

// literals are the lines on which a string literal is most of what is there, and
// looks for stilted words in strings and comments.
func literals(t *testing.T, file string, text []byte) map[int]bool {
	t.Helper()
	files := token.NewFileSet()
	set := files.AddFile(file, -1, len(text))
	var s scanner.Scanner
	s.Init(set, text, nil, scanner.ScanComments)
	data := map[int]bool{}
	for {
		at, kind, literal := s.Scan()
		if kind == token.EOF {
			return data
		}
		if kind != token.STRING && kind != token.COMMENT {
			continue
		}
		from := set.Line(at)
		for i, line := range strings.Split(literal, "\n") {
			if kind == token.STRING && (i > 0 || utf8.RuneCountInString(line) > codeColumnsMax/2) {
				data[from+i] = true
			}
		}
		if found, instead := findStilted(literal); found != "" {
			t.Errorf("%s:%d: %q: write %s", file, from, found, instead)
		}
	}
}

func checkProse(t *testing.T, file, text string) {
	t.Helper()
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		fenced = fenced != strings.HasPrefix(line, "```")
		loose := fenced || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ")
		if n := utf8.RuneCountInString(line); n > proseColumnsMax && !loose && strings.Contains(line, " ") {
			t.Errorf("%s:%d has %d columns, %d at most", file, i+1, n, proseColumnsMax)
		}
		if found, instead := findStilted(line); found != "" {
			t.Errorf("%s:%d: %q: write %s", file, i+1, found, instead)
		}
	}
}

package match

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

func automatonOf(pattern string) *automaton {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	return newAutomaton(prog)
}

// TestAutomaton compares what an automaton finds with what regexp does, each text twice,
// for the second time has the states of the first.
func TestAutomaton(t *testing.T) {
	patterns := []string{
		"", "a", "^a", "a$", "^$", `\ba`, `a\b`, `\Ba`, `a\B`, "(?m)^a$", "(?i)k", "(?i)ss", "(?i)[a-k]+s",
		".", "(?s).", "..", "[^a]", "a|b$", "(a|ab)(c|bcd)", "[a-z]+=0{4}x", "a{2,4}b", "(?:a*)*b", "x*", "x*$",
		"[[:^ascii:]]", "[й-я]+x", "(?i)ПУТЬ", `\x{FFFD}`, `\d{3}\s`, `\pL\PL`, "[^\n]$", "a(?:b|$)", `^\b`, `\b$`,
		`(?:^|\W)err(?:or)?\b`, `\z`, `\Aa`, "(((a?)?)?)$", "(?i)\u212a", "(?i)σ", "[a-c\u0100-\u0200\U0001F600]",
	}
	texts := []string{
		"", "a", "b", "ab", "ba", " a ", "aa", "aab", "aaaaab", "K", "\u212a", "\u017f\u017f", "ß", "abc", "abcd",
		"\n", "a\n", "\na", "b\na\nb", "key=0000x", "KEY=0000X", "путь", "ПУТЬ ПУТЬ", "йx", "\xff", "a\xffb", "\xd0",
		"123 ", "12 3", "é1", "1é", "error", "terror", "an err.", "_a", "a_", "Σς", "\U0001F600", "\ufffd", "\x00",
		"the quick brown fox " + strings.Repeat("x", 300) + "!",
	}
	for _, pattern := range patterns {
		want, a := regexp.MustCompile(pattern), automatonOf(pattern)
		for _, text := range append(texts, texts...) {
			if found, known := a.matches(text); !known || found != want.MatchString(text) {
				t.Errorf("/%s/ in %q: got %v (known %v), want %v", pattern, text, found, known, want.MatchString(text))
			}
		}
	}
}

// TestAutomatonThatGrows asks for more states than there may be: then regexp answers.
func TestAutomatonThatGrows(t *testing.T) {
	const pattern = "/a[ab]{14}c/"
	m, err := New(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i, seed := 0, uint32(1); i < 40_000; i++ {
		seed = seed*1664525 + 1013904223
		text.WriteByte("ab"[seed>>31])
	}
	for n, ending := range []string{"", "abababababababac", "c"} {
		want := m.(expression).MatchString(text.String() + ending)
		if found, _ := m.Matches(text.String() + ending); found != want {
			t.Errorf("with %q: got %v, want %v", ending, found, want)
		}
		if n == 0 && len(m.(expression).automaton.states) != statesMax {
			t.Errorf("%d states: the text leads through too few to prove anything", len(m.(expression).automaton.states))
		}
	}
}

func FuzzAutomaton(f *testing.F) {
	f.Add(`(?i)\b[a-k]+\d*$`, "Kelvin \u212a1\n")
	f.Add("a(b|c*)+^", "abc\xff")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 500 {
			return
		}
		want, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		a := automatonOf(pattern)
		for range 2 {
			if found, known := a.matches(text); known && found != want.MatchString(text) {
				t.Errorf("/%s/ in %q: got %v", pattern, text, found)
			}
		}
	})
}

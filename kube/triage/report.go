package triage

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Report is an incident for whoever takes over: what is broken, why, and what changed.
type Report struct {
	Cluster string // name and version
	Verdict *Verdict
	// Mask replaces the names of objects, namespaces, images and the cluster, each by the same
	// word everywhere, so that the report can leave the house.
	Mask bool
	// NoNamespace is set where the namespace that was asked for does not exist.
	NoNamespace bool
}

// WriteMarkdown writes the report as Markdown.
func (r *Report) WriteMarkdown(w io.Writer) error {
	_, err := io.WriteString(w, r.Masked(r.markdown()))
	return err
}

func (r *Report) markdown() string {
	var b strings.Builder
	v := r.Verdict
	fmt.Fprintf(&b, "# What is broken in %s\n\nAs of %s.", r.Cluster, stamp(v.At))
	counts := make([]string, 0, Failing+1)
	for s := Failing; ; s-- {
		if n := v.Count(s); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, s))
		}
		if s == Notice {
			break
		}
	}
	if r.NoNamespace {
		// Its name would have to be masked, and whoever asked for it knows it.
		counts = append([]string{"The namespace that was asked for does not exist"}, counts...)
	}
	if len(counts) == 0 {
		calm := v.Calm()
		counts = []string{strings.ToUpper(calm[:1]) + calm[1:]}
	}
	fmt.Fprintf(&b, " %s.\n", strings.Join(counts, ", "))
	for _, gap := range v.NotJudged() {
		fmt.Fprintf(&b, "\nNot judged: %s.\n", gap)
	}
	for i, f := range v.Findings {
		fmt.Fprintf(&b, "\n## %d. %s\n\n", i+1, f.Object)
		f.markdown(&b, v.At)
	}
	return b.String()
}

func (f *Finding) markdown(b *strings.Builder, at time.Time) {
	since := "since when is not known"
	if !f.Since.IsZero() {
		since = "since " + stamp(f.Since)
		if f.AtLeast {
			since = "since at least " + stamp(f.Since)
		}
	}
	fmt.Fprintf(b, "**%s** %s: %s\n", f.Severity, since, f.ReasonAt(at))
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(b, "\n%s:\n\n- %s\n", title, strings.Join(lines, "\n- "))
		}
	}
	var chain, evidence, changed, folded, links []string
	// Of equal pods one tells all.
	for i, s := range f.Chain {
		same := func(o Step) bool { return o.Word == s.Word && o.Text == s.Text && o.Object.Kind == s.Object.Kind }
		if slices.IndexFunc(f.Chain, same) < i {
			continue
		}
		chain = append(chain, fmt.Sprintf("%s %s: %s", s.Word, s.Object, s.Text))
	}
	for i, e := range f.Evidence {
		same := func(o Evidence) bool { return o.Field == e.Field && o.Text == e.Text && o.Object.Kind == e.Object.Kind }
		if slices.IndexFunc(f.Evidence, same) < i {
			continue
		}
		evidence = append(evidence, fmt.Sprintf("%s, %s: %s", e.Object, e.Field, e.Text))
	}
	for _, c := range f.Changes {
		changed = append(changed, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", stamp(c.At), c.Object, c.Text, c.Who)))
	}
	for _, s := range f.Folded {
		folded = append(folded, fmt.Sprintf("%s: %s", s.Object, s.Reason))
	}
	list("How it comes to that", chain)
	list("Evidence", evidence)
	if len(changed) == 0 && f.Looked {
		changed = []string{"no change near it was seen before"}
	}
	list("What changed before", changed)
	for _, e := range Effects {
		var affects []string
		for _, a := range f.With(e) {
			affects = append(affects, fmt.Sprintf("%s: %s", a.Object, a.Reason))
		}
		title := e.String()
		list(strings.ToUpper(title[:1])+title[1:], affects)
	}
	for _, l := range f.Links {
		links = append(links, l.To.String()+": "+l.Why)
	}
	list("Follows from it", folded)
	list("May have to do with", links)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Masked replaces each name in a text about the verdict by its kind and a number, if Mask is set.
func (r *Report) Masked(text string) string {
	if !r.Mask {
		return text
	}
	words := r.masks(text)
	names := slices.SortedFunc(maps.Keys(words), func(a, b string) int {
		// A name may begin with another one: the longest goes first.
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
	var out strings.Builder
	for at := 0; at < len(text); {
		i := slices.IndexFunc(names, func(name string) bool { return isWord(text, at, name) })
		if i < 0 {
			out.WriteByte(text[at])
			at++
			continue
		}
		out.WriteString(words[names[i]])
		at += len(names[i])
	}
	return out.String()
}

// isWord reports whether a word stands at a place of a text, and not as a part of another: "web" is
// a part of "webhook", and not of "web-1".
func isWord(text string, at int, word string) bool {
	inWord := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= '0' && text[i] <= '9')
	}
	return !inWord(at-1) && strings.HasPrefix(text[at:], word) && !inWord(at+len(word))
}

// Names that stand in the cluster's own words: of what does not exist, and of images.
var (
	quotedName = regexp.MustCompile(`\b([a-z]+)(?:\.[a-z0-9.]+)? \\?"([a-z0-9][-a-z0-9.]*)\\?"|` +
		`\b([a-z]+) [-a-z0-9]+/([a-z0-9][-a-z0-9]*)`)
	imageName = regexp.MustCompile(`\b(?:[a-z0-9][-a-z0-9.]*(?::\d+)?/)+[a-z0-9][-a-z0-9._]*(?::[\w][-\w.]*|@sha256:[0-9a-f]+)`)
)

// masks are the words for the names in a text about the verdict: "pod-3", "namespace-1".
func (r *Report) masks(text string) map[string]string {
	words := map[string]string{}
	counts := map[string]int{}
	give := func(kind, name string) {
		if name == "" || words[name] != "" {
			return
		}
		counts[kind]++
		words[name] = fmt.Sprintf("%s-%d", kind, counts[kind])
	}
	mask := func(ref kinds.Ref) {
		give("namespace", ref.Namespace)
		give(kindWord(ref), ref.Name)
	}
	for _, f := range r.Verdict.Findings {
		mask(f.Object)
		for _, s := range f.Folded {
			mask(s.Object)
		}
		for _, a := range f.Affects {
			mask(a.Object)
		}
		for _, e := range f.Evidence {
			mask(e.Object)
		}
		for _, l := range f.Links {
			mask(l.To)
		}
		for _, s := range f.Chain {
			mask(s.Object)
		}
		for _, c := range f.Changes {
			mask(c.Object)
		}
	}
	name, _, _ := strings.Cut(r.Cluster, " ")
	give("cluster", name)
	for _, m := range quotedName.FindAllStringSubmatch(text, -1) {
		if kind := kindWords()[m[1]+m[3]]; kind != "" {
			give(kind, m[2]+m[4])
		}
	}
	for _, image := range imageName.FindAllString(text, -1) {
		give("image", image)
	}
	return words
}

// kindWords are the kinds by the words that stand for them in a text.
var kindWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, k := range kinds.All() {
		word := strings.ToLower(k.Kind)
		out[word], out[k.Resource] = word, word
	}
	return out
})

package dump

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

var (
	// oc adm must-gather and oc adm inspect.
	gathered = regexp.MustCompile(
		`(?:^|/)namespaces/([^/]+)/pods/([^/]+)/([^/]+)/[^/]+/logs/(current|previous)[^/]*\.log$`,
	)
	// /var/log/pods of a node (kubernetes, pkg/kubelet/kuberuntime/helpers.go).
	kubelets = regexp.MustCompile(`(?:^|/)([^_/]+)_([^_/]+)_[0-9a-f][0-9a-f-]{30,}/([^/]+)/(\d+)\.log$`)
	// /var/log/containers of a node.
	linked = regexp.MustCompile(`(?:^|/)([^_/]+)_([^_/]+)_([^/]+)-[0-9a-f]{64}\.log$`)
	// sos, plugins kubernetes and openshift: the file is named after the command,
	// and a kubeconfig in that makes it look as if it had an extension.
	sosreports = regexp.MustCompile(`(?:^|/)cluster-info/([^/]+)/podlogs/([^/]+)/[^/]*_logs_[^/]*_-c_([^/]+)$`)

	logWords = regexp.MustCompile(`(?i)(^|[/_.-])(logs?|podlogs|pod_logs)([/_.-]|$)`)
	previous = regexp.MustCompile(`(?i)[/_.-](previous|prev)([/_.-]|$)`)
)

// logPlace reports whether a path seems to be that of a log, even if it does not end in
// .log.
func logPlace(name string) bool {
	if sosreports.MatchString(name) {
		return true
	}
	switch path.Ext(name) {
	case ".txt", "":
		return logWords.MatchString(name)
	}
	return false
}

// logPath reads in a path which container's log it is. exact says that it is
// certain; run is how often the container was restarted before, -1 when the path
// does not say.
func logPath(name string) (of container, run int, exact bool) {
	if m := gathered.FindStringSubmatch(name); m != nil {
		return container{m[1], m[2], m[3], m[4] == "previous"}, -1, true
	}
	if m := kubelets.FindStringSubmatch(name); m != nil {
		run, err := strconv.Atoi(m[4])
		return container{m[1], m[2], m[3], false}, run, err == nil
	}
	if m := linked.FindStringSubmatch(name); m != nil {
		return container{m[2], m[1], m[3], false}, 0, true
	}
	if m := sosreports.FindStringSubmatch(name); m != nil {
		return container{m[1], m[2], m[3], false}, -1, true
	}
	return container{}, -1, false
}

// loosePath returns a path without what marks it as a log, and whether it is a log of
// the previous run.
func loosePath(name string) (loose string, ofPrevious bool) {
	loose = strings.TrimSuffix(strings.TrimSuffix(name, ".txt"), ".log")
	return loose, previous.MatchString("/" + loose)
}

// hasWord reports whether a path contains a name as a whole word.
func hasWord(name, word string) bool {
	if word == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(name[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || isSeparator(name[i-1])) && (end == len(name) || isSeparator(name[end])) {
			return true
		}
		from = i + 1
	}
}

func isSeparator(c byte) bool { return strings.IndexByte("/_-. ", c) >= 0 }

package triage

import (
	"slices"
	"strings"
	"testing"
)

// TestTelling holds that of a program that is started with a wrong flag the line is quoted that says
// so, and not one of its usage.
func TestTelling(t *testing.T) {
	goUsage := "Usage of /workload:\n  -count int\n        write so many lines\n  -upstream URL\n" +
		"        /readyz fails while this URL does not answer"
	for name, c := range map[string]struct{ text, want string }{
		"no usage":     {"starting\nbye", "bye"},
		"a complaint":  {"starting\nfatal: no disk\nbye", "fatal: no disk"},
		"empty at end": {"starting\nbye\n", "bye"},
		"Go's flag": {"flag provided but not defined: -nosuch\n" + goUsage,
			"flag provided but not defined: -nosuch"},
		"Go's flag, with words of its own": {"ready to go wrong\n" + goUsage + "\n\n", "ready to go wrong"},
		"argparse": {"usage: app [-h] [--size SIZE]\n           [--colour COLOUR]\n" +
			"app: error: unrecognized arguments: --nosuch", "app: error: unrecognized arguments: --nosuch"},
		"click": {"Usage: app [OPTIONS]\nTry 'app --help' for help.\n\nError: No such option: --nosuch",
			"Error: No such option: --nosuch"},
		"cobra": {"Error: unknown flag: --nosuch\nUsage:\n  app [flags]\n  app [command]\n\nAvailable Commands:\n" +
			"  check       report whether an error is unknown\n\nFlags:\n  -h, --help          help for app\n\n" +
			"Use \"app [command] --help\" for more information about a command.\n", "Error: unknown flag: --nosuch"},
		"clap": {"error: unexpected argument '--nosuch' found\n\nUsage: app [OPTIONS]\n\n" +
			"For more information, try '--help'.", "error: unexpected argument '--nosuch' found"},
		"getopt": {"app: unrecognized option '--nosuch'\nTry 'app --help' for more information.",
			"app: unrecognized option '--nosuch'"},
		"picocli": {"Unknown option: '--nosuch'\nUsage: app [-hV]\n  -h, --help      Show an error", "Unknown option: '--nosuch'"},
		"yargs": {"Options:\n  --help     Show help                                 [boolean]\n\nUnknown argument: nosuch",
			"Unknown argument: nosuch"},
		"busybox": {"ls: unrecognized option: nosuch\nBusyBox v1.36.1 multi-call binary.\n\nUsage: ls [-1A]\n\n" +
			"List directory contents\n\n        -1      One column output", "ls: unrecognized option: nosuch"},
		"only a usage":       {"usage: app [-h] FILE\n\noptions:\n  -h, --help  show this", "usage: app [-h] FILE"},
		"the end of a usage": {"        the port\n  -upstream URL\n        /readyz fails", ""},
		"the end of a usage, and what was wrong": {"        the port\n  -upstream URL\n        /readyz fails\nbad flag",
			"bad flag"},
		"a stack": {"java.lang.IllegalStateException: closed\n        at App.run(App.java:3)\n        at App.main(App.java:2)",
			"java.lang.IllegalStateException: closed"},
		"the end of a stack": {"        at App.run(App.java:3)\n        at App.main(App.java:2)", "        at App.main(App.java:2)"},
		"usage of something": {"usage: 93% of memory\nbye", "bye"},
	} {
		lines := strings.Split(c.text, "\n")
		if got := telling(lines); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
		if kept := LastWords(lines, 4); len(kept) > 4 || telling(kept) != c.want {
			t.Errorf("%s: kept is %q", name, kept)
		}
	}
	if got := LastWords(strings.Split("a\nb\nc\nd", "\n"), 2); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("the last two are %q", got)
	}
}

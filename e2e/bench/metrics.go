package main

import (
	"cmp"
	"slices"
)

// metric is one measured thing.
type metric struct {
	key     string
	group   string // the table it stands in
	title   string
	unit    string
	meaning string
	// target is the upper limit, 0 for no limit; with none set, nothing at all is
	// allowed.
	target float64
	none   bool
	// bySize and byLink are targets for one size over LAN, or for one link.
	bySize, byLink map[string]float64
	// share is the largest acceptable share of k9s's figure, which is that of another metric where
	// against names one.
	share   float64
	against string
	// known is what k9s took on such a machine, by size, for when it was not measured
	// in the same run.
	known map[string]float64
}

type by = map[string]float64

// metrics are in the order in which they are reported.
var metrics = slices.Concat(tableMetrics, streamMetrics, triageMetrics)

var tableMetrics = []metric{
	{
		key:     "version-time",
		group:   "Cold command",
		title:   "--version",
		unit:    "ms",
		target:  15,
		known:   by{"": 60},
		meaning: "from exec to exit",
	},
	{
		key:     "version-rss",
		group:   "Cold command",
		title:   "--version, memory",
		unit:    "MB",
		target:  25,
		known:   by{"": 95},
		meaning: "largest resident set, of a process that a shell starts",
	},
	{
		key:     "binary",
		group:   "Cold command",
		title:   "binary",
		unit:    "MB",
		target:  40,
		known:   by{"": 132.5},
		meaning: "size of the file, which is the same each time",
	},

	{
		key:     "first-frame-cold",
		group:   "Start",
		title:   "first frame, cold",
		unit:    "ms",
		target:  50,
		meaning: "from exec to the first screen of the program's own; nothing is cached in its home",
	},
	{
		key:     "first-frame",
		group:   "Start",
		title:   "first frame, warm",
		unit:    "ms",
		target:  50,
		meaning: "the same with the home of a run before; none follows a cold start of more than half a minute",
	},
	{
		key:     "first-rows-cold",
		group:   "Start",
		title:   "first rows, cold",
		unit:    "ms",
		byLink:  by{"LAN": 150, "WAN": 800},
		known:   by{"S3": 44_900},
		meaning: "from exec to 20 pods of all namespaces on the screen",
	},
	{
		key:     "first-rows",
		group:   "Start",
		title:   "first rows, warm",
		unit:    "ms",
		byLink:  by{"LAN": 150, "WAN": 800},
		known:   by{"S3": 44_900},
		meaning: "the same with the home of a run before",
	},
	{
		key:     "complete",
		group:   "Start",
		title:   "complete",
		unit:    "ms",
		bySize:  by{"S2": 1500, "S3": 5000},
		known:   by{"S3": 44_900},
		meaning: "from exec to the number of all pods on the screen; the target is for LAN",
	},

	{key: "rss-settled", group: "Memory", title: "settled", unit: "MB", meaning: "resident set 5 s after complete"},
	{
		key:     "rss-peak",
		group:   "Memory",
		title:   "peak until settled",
		unit:    "MB",
		bySize:  by{"S2": 60, "S3": 160},
		known:   by{"S2": 2_040, "S3": 8_540},
		meaning: "VmHWM at the same moment, bodies kept",
	},
	{
		key:     "rss-before",
		group:   "Memory",
		title:   "before other kinds",
		unit:    "MB",
		meaning: "resident set 5 s after complete, in a run of its own",
	},
	{
		key:     "rss-visited",
		group:   "Memory",
		title:   "after 20 other kinds",
		unit:    "MB",
		meaning: "resident set when they were looked at and the pods are shown again",
	},
	{
		key:     "rss-released",
		group:   "Memory",
		title:   "after they were released",
		unit:    "MB",
		meaning: "the same after 5 s, or after as long as the program says that it keeps what nobody looks at",
	},
	{
		key:     "rss-ratio",
		group:   "Memory",
		title:   "of what it was before",
		target:  1.2,
		meaning: "resident set after release, divided by the one before",
	},
	{key: "rss-end-peak", group: "Memory", title: "peak of all", unit: "MB", meaning: "VmHWM at the end of that run"},

	{
		key:     "cpu-idle",
		group:   "CPU",
		title:   "idle",
		unit:    "s/min",
		target:  0.5,
		known:   by{"S3": 82},
		meaning: "user and system time while nothing changes",
	},
	{
		key:     "cpu-100",
		group:   "CPU",
		title:   "100 updates/s",
		unit:    "s/min",
		target:  2,
		known:   by{"S3": 77},
		meaning: "the same while pods all over the cluster change",
	},
	{
		key:     "cpu-1000",
		group:   "CPU",
		title:   "1,000 updates/s",
		unit:    "s/min",
		target:  10,
		meaning: "the same; not at S1, whose 100 pods do not change ten times a second each",
	},

	{
		key:     "pty-idle",
		group:   "Terminal",
		title:   "bytes, idle",
		unit:    "B/min",
		meaning: "what the program writes while nothing changes",
	},
	{
		key:     "pty-visible",
		group:   "Terminal",
		title:   "bytes, 20 updates/s on visible rows",
		unit:    "KB/min",
		meaning: "the same while only the first pods change",
	},
	{
		key:     "pty-cursor",
		group:   "Terminal",
		title:   "bytes per cursor key",
		unit:    "B",
		target:  300,
		meaning: "mean over the keys of a window",
	},
	{key: "pty-page", group: "Terminal", title: "bytes per page down", unit: "B", meaning: "mean of up to 10"},
	{
		key:     "pty-writes",
		group:   "Terminal",
		title:   "writes, 1,000 updates/s",
		unit:    "1/s",
		target:  30,
		meaning: "pieces of output as the terminal reads them",
	},

	{
		key:     "key-idle-p50",
		group:   "Keys",
		title:   "cursor key, idle, p50",
		unit:    "ms",
		target:  4,
		meaning: "from the key to the last byte of the frame that moves the cursor, 10 keys/s",
	},
	{key: "key-idle-p99", group: "Keys", title: "cursor key, idle, p99", unit: "ms", target: 16, meaning: "the same"},
	{
		key:     "key-churn-p50",
		group:   "Keys",
		title:   "cursor key, 100 updates/s, p50",
		unit:    "ms",
		target:  4,
		known:   by{"S3": 11},
		meaning: "the same under churn",
	},
	{
		key:     "key-churn-p99",
		group:   "Keys",
		title:   "cursor key, 100 updates/s, p99",
		unit:    "ms",
		target:  16,
		known:   by{"S3": 258},
		meaning: "the same",
	},
	{
		key:     "sort",
		group:   "Keys",
		title:   "sort by name",
		unit:    "ms",
		target:  50,
		known:   by{"S3": 557},
		meaning: "from the key to the last byte of the sorted frame",
	},
	{
		key:     "filter",
		group:   "Keys",
		title:   "filter",
		unit:    "ms",
		target:  50,
		known:   by{"S3": 8_500},
		meaning: "from a pod's name, typed at once, to the right number of pods that pass",
	},
	{key: "clear", group: "Keys", title: "clear the filter", unit: "ms", target: 50, meaning: "from the key to all pods"},
	{
		key:     "switch-first",
		group:   "Keys",
		title:   "switch to nodes, first time",
		unit:    "ms",
		meaning: "from the last key to nodes on the screen",
	},
	{
		key:     "switch-cached",
		group:   "Keys",
		title:   "switch to nodes again",
		unit:    "ms",
		target:  100,
		known:   by{"S2": 1_950},
		meaning: "the same",
	},
	{
		key:     "switch-back",
		group:   "Keys",
		title:   "back to the pods",
		unit:    "ms",
		target:  100,
		meaning: "from the key to pods on the screen",
	},
	{
		key:     "atlas",
		group:   "Keys",
		title:   "the atlas, first screen",
		unit:    "ms",
		target:  300,
		meaning: "from the last key until it says how each part of the control plane is; what is awaited is named",
	},
	{
		key:     "atlas-whole",
		group:   "Keys",
		title:   "the atlas, complete",
		unit:    "ms",
		meaning: "the same until nothing on it waits, each of the nodes included",
	},

	{
		key:     "serial",
		group:   "API",
		title:   "serial requests before first rows, cold",
		target:  5,
		meaning: "the longest chain of requests in which each begins after the end of the one before (audit log)",
	},
	{key: "requests", group: "API", title: "requests until complete, warm", meaning: "by the audit log"},
	{
		key:     "lists",
		group:   "API",
		title:   "polled lists",
		none:    true,
		meaning: "LIST requests in the windows without keys (audit log)",
	},
	{
		key:     "down-complete",
		group:   "API",
		title:   "bytes until complete",
		unit:    "MB",
		share:   1.0 / 3,
		meaning: "received, on the link, TLS and all",
	},
	{key: "down-idle", group: "API", title: "bytes, idle", unit: "KB/min", meaning: "received while nothing changes"},
	{key: "down-100", group: "API", title: "bytes, 100 updates/s", unit: "MB/min", meaning: "received under churn"},
	{key: "requests-idle", group: "API", title: "requests, idle", unit: "1/min", meaning: "by the audit log"},

	{
		key:     "log-lag-100",
		group:   "Logs",
		title:   "lag, 100 lines/s",
		unit:    "ms",
		target:  250,
		meaning: "age of the oldest line that is not yet on the screen, p99 of samples every 20 ms; lines are 200 bytes long",
	},
	{key: "log-lag-1000", group: "Logs", title: "lag, 1,000 lines/s", unit: "ms", target: 250, meaning: "the same"},
	{key: "log-lag-10000", group: "Logs", title: "lag, 10,000 lines/s", unit: "ms", target: 250, meaning: "the same"},
	{key: "log-lag-50000", group: "Logs", title: "lag, 50,000 lines/s", unit: "ms", target: 250, meaning: "the same"},
	{
		key:     "log-stall-100",
		group:   "Logs",
		title:   "longest stall, 100 lines/s",
		unit:    "ms",
		meaning: "without a newer line on the screen although there was one",
	},
	{key: "log-stall-1000", group: "Logs", title: "longest stall, 1,000 lines/s", unit: "ms", meaning: "the same"},
	{key: "log-stall-10000", group: "Logs", title: "longest stall, 10,000 lines/s", unit: "ms", meaning: "the same"},
	{key: "log-stall-50000", group: "Logs", title: "longest stall, 50,000 lines/s", unit: "ms", meaning: "the same"},
	{
		key:     "log-missing-100",
		group:   "Logs",
		title:   "missing, 100 lines/s",
		none:    true,
		meaning: "numbers that are missing between the first and the last line of what the program saves",
	},
	{key: "log-missing-1000", group: "Logs", title: "missing, 1,000 lines/s", none: true, meaning: "the same"},
	{key: "log-missing-10000", group: "Logs", title: "missing, 10,000 lines/s", none: true, meaning: "the same"},
	{key: "log-missing-50000", group: "Logs", title: "missing, 50,000 lines/s", none: true, meaning: "the same"},
	{
		key:     "log-kept-100",
		group:   "Logs",
		title:   "kept, 100 lines/s",
		meaning: "lines that the program saves; older ones it has let go",
	},
	{key: "log-kept-1000", group: "Logs", title: "kept, 1,000 lines/s", meaning: "the same"},
	{key: "log-kept-10000", group: "Logs", title: "kept, 10,000 lines/s", meaning: "the same"},
	{key: "log-kept-50000", group: "Logs", title: "kept, 50,000 lines/s", meaning: "the same"},
	{
		key:     "log-first",
		group:   "Logs",
		title:   "1,000,000 lines, first",
		unit:    "ms",
		target:  50,
		meaning: "from the key that asks for the whole log to the first of its lines",
	},
	{
		key:     "log-end",
		group:   "Logs",
		title:   "1,000,000 lines, last",
		unit:    "ms",
		meaning: "from the same key to the last line",
	},
	{
		key:     "log-rss",
		group:   "Logs",
		title:   "1,000,000 lines, memory",
		unit:    "MB",
		target:  300,
		meaning: "resident set 2 s later",
	},
	{key: "log-rss-peak", group: "Logs", title: "1,000,000 lines, peak", unit: "MB", meaning: "VmHWM at the same moment"},
	{
		key:     "log-lost",
		group:   "Logs",
		title:   "1,000,000 lines, not kept",
		none:    true,
		meaning: "lines of the million that are not in what the program saves",
	},
	{
		key:     "log-missing-history",
		group:   "Logs",
		title:   "1,000,000 lines, missing",
		none:    true,
		meaning: "of those between the first and the last that are saved",
	},
	{
		key:     "log-search",
		group:   "Logs",
		title:   "1,000,000 lines, search",
		unit:    "ms",
		target:  300,
		meaning: "from the text of line 900,000, typed at once, to this line on the screen",
	},

	{
		key:     "tape-cpu",
		group:   "Tapes",
		title:   "recording 100 updates/s",
		unit:    "% of a core",
		target:  5,
		meaning: "user and system time of fathom record, of the pods alone",
	},
	{
		key:     "tape-change",
		group:   "Tapes",
		title:   "a change on the tape",
		unit:    "B",
		meaning: "what the file grows by, keys of all pods included where one came",
	},
	{
		key:     "tape-open",
		group:   "Tapes",
		title:   "open a tape, first rows",
		unit:    "ms",
		target:  1000,
		meaning: "from exec to 20 pods on the screen",
	},
	{
		key:     "tape-jump",
		group:   "Tapes",
		title:   "jump in a tape",
		unit:    "ms",
		target:  300,
		meaning: "from the key to the screen of the other moment; the tape is as long as a window",
	},
}

// wanted returns the upper limit of a metric at a size and over a link, and whether
// there is one. rival is k9s's figure, 0 if there is none.
func (m metric) wanted(size, network string, rival float64) (float64, bool) {
	if m.none {
		return 0, true
	}
	if m.share > 0 {
		return m.share * rival, rival > 0
	}
	if m.bySize != nil && network != "LAN" {
		return 0, false
	}
	most := cmp.Or(m.byLink[network], m.bySize[size], m.target)
	return most, most > 0
}

// groups are the tables, in order.
func groups() []string {
	var names []string
	for _, m := range metrics {
		if len(names) == 0 || names[len(names)-1] != m.group {
			names = append(names, m.group)
		}
	}
	return names
}

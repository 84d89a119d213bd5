package main

import "cmp"

// metric is one measured thing.
type metric struct {
	key     string
	group   string // the table it stands in
	title   string
	unit    string
	meaning string
	// target is the most that is wanted; 0 is no target.
	target float64
	// bySize and byLink are targets for one size, or for one link.
	bySize, byLink map[string]float64
}

// metrics are in the order in which they are reported.
var metrics = []metric{
	{key: "version-time", group: "Cold command", title: "--version", unit: "ms", target: 15, meaning: "from exec to exit, median of the runs of one program"},
	{key: "version-rss", group: "Cold command", title: "--version, memory", unit: "MB", target: 25, meaning: "largest resident set"},
	{key: "binary", group: "Cold command", title: "binary", unit: "MB", target: 40, meaning: "size of the file"},

	{key: "first-frame-cold", group: "Start", title: "first frame, cold", unit: "ms", target: 50, meaning: "from exec to the first screen of the program's own; nothing is cached in its home"},
	{key: "first-frame", group: "Start", title: "first frame, warm", unit: "ms", target: 50, meaning: "the same with the home of a run before"},
	{key: "first-rows-cold", group: "Start", title: "first rows, cold", unit: "ms", byLink: map[string]float64{"LAN": 150, "WAN": 800}, meaning: "from exec to 20 pods of all namespaces on the screen"},
	{key: "first-rows", group: "Start", title: "first rows, warm", unit: "ms", byLink: map[string]float64{"LAN": 150, "WAN": 800}, meaning: "the same with the home of a run before"},
	{key: "complete", group: "Start", title: "complete", unit: "ms", bySize: map[string]float64{"S2": 1500, "S3": 5000}, meaning: "from exec to the number of all pods on the screen; the target is for LAN"},

	{key: "rss-settled", group: "Memory", title: "settled", unit: "MB", meaning: "resident set 10 s after complete"},
	{key: "rss-peak", group: "Memory", title: "peak until settled", unit: "MB", bySize: map[string]float64{"S2": 60, "S3": 160}, meaning: "VmHWM at the same moment"},
	{key: "rss-end", group: "Memory", title: "after other kinds", unit: "MB", meaning: "resident set at the end, after churn and after 10 other kinds were looked at"},
	{key: "rss-end-peak", group: "Memory", title: "peak of all", unit: "MB", meaning: "VmHWM at the end"},

	{key: "cpu-idle", group: "CPU", title: "idle", unit: "s/min", target: 0.5, meaning: "user and system time while nothing changes"},
	{key: "cpu-100", group: "CPU", title: "100 updates/s", unit: "s/min", target: 2, meaning: "the same while pods all over the cluster change"},
	{key: "cpu-1000", group: "CPU", title: "1,000 updates/s", unit: "s/min", target: 10, meaning: "the same"},

	{key: "pty-idle", group: "Terminal", title: "bytes, idle", unit: "B/min", meaning: "what the program writes while nothing changes"},
	{key: "pty-visible", group: "Terminal", title: "bytes, 20 updates/s on visible rows", unit: "KB/min", meaning: "the same while only the first pods change"},
	{key: "pty-cursor", group: "Terminal", title: "bytes per cursor key", unit: "B", target: 300, meaning: "mean over the keys of a window"},
	{key: "pty-page", group: "Terminal", title: "bytes per page down", unit: "B", meaning: "mean of up to 10"},
	{key: "pty-writes", group: "Terminal", title: "writes, 1,000 updates/s", unit: "1/s", target: 30, meaning: "pieces of output as the terminal reads them"},

	{key: "key-idle-p50", group: "Keys", title: "cursor key, idle, p50", unit: "ms", target: 4, meaning: "from the key to the last byte of the frame that moves the cursor, 5 keys/s"},
	{key: "key-idle-p99", group: "Keys", title: "cursor key, idle, p99", unit: "ms", target: 16, meaning: "the same"},
	{key: "key-churn-p50", group: "Keys", title: "cursor key, 100 updates/s, p50", unit: "ms", target: 4, meaning: "the same under churn"},
	{key: "key-churn-p99", group: "Keys", title: "cursor key, 100 updates/s, p99", unit: "ms", target: 16, meaning: "the same"},
	{key: "sort", group: "Keys", title: "sort", unit: "ms", target: 50, meaning: "from the key to the last byte of the sorted frame"},
	{key: "filter", group: "Keys", title: "filter", unit: "ms", target: 50, meaning: "from the last character to the number of pods that pass"},
	{key: "clear", group: "Keys", title: "clear the filter", unit: "ms", target: 50, meaning: "from the key to the screen without it"},
	{key: "switch-first", group: "Keys", title: "switch to nodes, first time", unit: "ms", meaning: "from the last key to nodes on the screen"},
	{key: "switch-cached", group: "Keys", title: "switch to nodes again", unit: "ms", target: 100, meaning: "the same"},
	{key: "switch-back", group: "Keys", title: "back to the pods", unit: "ms", target: 100, meaning: "from the key to pods on the screen"},

	{key: "serial", group: "API", title: "serial requests before first rows, cold", unit: "", target: 5, meaning: "the longest chain of requests in which each begins after the end of the one before (audit log)"},
	{key: "requests", group: "API", title: "requests until complete, warm", unit: "", meaning: "by the audit log"},
	{key: "lists", group: "API", title: "polled lists", unit: "", meaning: "LIST requests in all windows without keys (audit log)"},
	{key: "down-complete", group: "API", title: "bytes until complete", unit: "MB", meaning: "received, on the link, TLS and all"},
	{key: "down-idle", group: "API", title: "bytes, idle", unit: "KB/min", meaning: "received while nothing changes"},
	{key: "down-100", group: "API", title: "bytes, 100 updates/s", unit: "MB/min", meaning: "received under churn"},
	{key: "requests-idle", group: "API", title: "requests, idle", unit: "1/min", meaning: "by the audit log"},
}

// wanted returns the most that is wanted of a metric at a size and over a link.
func (m metric) wanted(size, network string) float64 {
	if m.bySize != nil && network != "LAN" {
		return 0
	}
	return cmp.Or(m.byLink[network], m.bySize[size], m.target)
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

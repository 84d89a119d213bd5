package yamltext

import "strings"

// uglyStrings are texts that a printer of YAML gets wrong.
var uglyStrings = []string{
	"", " ", "  ", "\n", "\n\n", " \n", "\n ", "a\n", "a\n\n", "a\n\n\nb", "a\nb", "\na", "\n\na\n", "  a\nb",
	"a\n  b\n", "a \nb", "a\nb ", "a\n \nb", "a\n  ", "\t", "a\tb", "a\tb\nc", "\ta\n\tb\n", "  \ta\n \tb\n\n",
	"a\r\nb\r\n", "\r", "a\x00b", "\x1b[31mred\x1b[0m", "one\n\x1b]0;title\x07\ntwo\n", "\u009b31m",
	"a\u0085b", "\u202egnp.exe", "\u2066a\u2069\nb", "a\u200bb", "\ufeffa", "a\u00adb", "\u2028", "\u2029\n",
	"\U000e0041", "\ufffe", "\ufffd", "\u00a0", "\u3000", "e" + strings.Repeat("\u0301", 9), "\u0301",
	"a\n\u0301b", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "日本語", "日本語\n中文", "عربى", "naïve café",
	"\ue000", "\u3164", "\u115f\n", "null", "Null", "NULL", "~", "true", "True", "TRUE", "yes", "Yes", "NO",
	"y", "n", "Y", "on", "Off", "<<", "=", ".", "..", "...", "... a", "---", "--- a", "-", "--", "- a", "-a",
	"?", "? a", "?a", ":", ": a", ":a", "a:", "a: b", "a:b", "a :b", "a #b", "a#b", "#a", "!a", "!!str a",
	"&a", "*a", "%a", "@a", "`a", "'", "''", "'a'", "a'b", "\"", "\"a\"", "a\"b", "\\", "a\\nb", "|", "|-",
	">", "{", "}", "{}", "[]", "[a]", "a]", "a,b", ",a", "{a: b}", "0", "1", "-1", "+1", "1.0", "1.", ".5",
	"-.5", "1e3", "1E+3", "1e1000", "0x1f", "0X1F", "0o17", "017", "0b11", "-0b11", "1_000", "_1", "1__0",
	"+0x1_f", "12345678901234567890123", "-12345678901234567890123", ".inf", "-.Inf", "+.INF", ".nan", ".NaN",
	"inf", "nan", "-inf", "Infinity", "0x1p-2", "1:30", "12:30:45", "190:20:30.15", "-1:30", "1:60",
	"10.0.0.1", "10.0.0.0/8", "1.5Gi", "100m", "1h", "2026-11-23", "2026-1-2", "2026-11-23T04:05:06Z",
	"2026-11-23 04:05:06", "2026-11-23t04:05:06.123+02:00", "2026-99-99", "2026-11-23x", "1.2.3", "v1", "08",
	"09", "0.", "0_", "+", "+.", "-.", "1e", "0x",
	"a long line " + strings.Repeat("that is longer than eighty characters ", 10), strings.Repeat("x", 2000),
	strings.Repeat("long\n", 500), "#!/bin/sh\nif true; then\n\techo \"a  b\"\nfi\n",
	"{\"a\": 1,\n \"b\": [true, null]}\n", "key: value\nlist:\n- a\n- 'b'\n",
	"<a href=\"x\">\n  text &amp;\n</a>", "[section]\nkey = value ; comment\n", "[a]\nb = \"\"\"\nc\n\"\"\"\n",
	"\\\n", "\"\n\"", "\"\t\n\"\t", "\\\t\n", " \t\n", "\t\n ", "a\t \n b", "%YAML 1.1\n---\n", "---\n...\n",
	"  ---\n\t", "# a\n# b",
}

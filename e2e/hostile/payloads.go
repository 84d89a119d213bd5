package hostile

import (
	"strings"
	"unicode/utf8"
)

// Payload is one attempt to make a terminal do something by showing it text.
type Payload struct {
	// Name is lower case letters, digits and dashes: it can be a key.
	Name string
	// Text is what is between the markers.
	Text string
	// Danger is the part of it that no program writes without a cause; "" where there
	// is none, as in a newline in a log.
	Danger string
}

// Wrapped is the text as it is put into objects: between markers that name it, so that what precedes and follows it
// can be seen to survive.
func (p Payload) Wrapped() string {
	return p.Name + "<" + p.Text + ">" + p.Name
}

// Storable reports whether the API server accepts the text: it must be UTF-8. Log lines
// may hold anything.
func (p Payload) Storable() bool { return utf8.ValidString(p.Text) }

// Payloads are all of them. Parameters are written in unusual ways ("02J" for "2J"), which a terminal obeys all the
// same, to tell them from what the program itself writes.
var Payloads = join(
	operatingSystemCommands,
	controlSequences,
	stringSequences,
	c1,
	controls,
	unicodeTricks,
	malformed,
	layout,
)

// whole makes payloads that are dangerous as a whole.
func whole(namesAndTexts ...string) []Payload {
	var list []Payload
	for i := 0; i < len(namesAndTexts); i += 2 {
		list = append(list, Payload{namesAndTexts[i], namesAndTexts[i+1], namesAndTexts[i+1]})
	}
	return list
}

func join(parts ...[]Payload) (all []Payload) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

var operatingSystemCommands = append(whole(
	"osc-title-bel", "\x1b]0;hostile title\x07",
	"osc-title-st", "\x1b]2;hostile title\x1b\\",
	"osc-icon", "\x1b]1;hostile icon\x07",
	"osc-palette", "\x1b]4;1;rgb:ff/00/ff\x07",
	"osc-directory", "\x1b]7;file://hostile.test/etc\x07",
	"osc-notify", "\x1b]9;hostile notification\x07",
	"osc-progress", "\x1b]9;4;3;66\x07",
	"osc-foreground", "\x1b]10;#000001\x07",
	"osc-background-query", "\x1b]11;?;hostile\x07",
	"osc-clipboard", "\x1b]52;c;aG9zdGlsZQ==\x07",
	"osc-clipboard-read", "\x1b]52;p;?\x07",
	"osc-notify-777", "\x1b]777;notify;hostile;body\x07",
	"osc-iterm-file", "\x1b]1337;File=name=aG9zdGlsZQ==;inline=1:AAAA\x07",
	"osc-iterm-copy", "\x1b]1337;CopyToClipboard=general\x07hostile\x1b]1337;EndCopy\x07",
	"osc-unterminated", "\x1b]0;hostile, and no end",
), Payload{"osc-link", "\x1b]8;;http://hostile.test/\x1b\\click\x1b]8;;\x1b\\", ""},
	Payload{"osc-link-newline", "\x1b]8;id=a\nb;http://hostile.test/\x07click\x1b]8;;\x07", "\x1b]8;id=a\nb"})

var controlSequences = append(whole(
	"csi-clear", "\x1b[02J",
	"csi-clear-scrollback", "\x1b[03J",
	"csi-home", "\x1b[01;001H",
	"csi-leave-alternate", "\x1b[?01049l",
	"csi-hide-cursor", "\x1b[?0025l",
	"csi-mouse-off", "\x1b[?01000l",
	"csi-report-cursor", "\x1b[06n",
	"csi-identify", "\x1b[000c",
	"csi-report-title", "\x1b[0021t",
	"csi-resize", "\x1b[008;2;2t",
	"csi-scroll-region", "\x1b[001;02r",
	"csi-repeat", "x\x1b[0999b",
	"csi-delete-lines", "\x1b[0999M",
	"csi-soft-reset", "\x1b[0!p",
	"csi-many-parameters", "\x1b["+strings.Repeat("1;", 40)+"1m",
), Payload{"csi-conceal", "\x1b[8mhidden", ""},
	Payload{"csi-reverse", "\x1b[7;031mloud", "\x1b[7;031m"},
	Payload{"csi-unterminated", "\x1b[0031", "\x1b[0031"})

var stringSequences = whole(
	"dcs-sixel", "\x1bPq#0;2;0;0;0#0!99~\x1b\\",
	"dcs-request-setting", "\x1bP$qr\x1b\\",
	"dcs-tmux", "\x1bPtmux;\x1b\x1b]52;c;aG9zdGlsZQ==\x07\x1b\\",
	"dcs-capability", "\x1bP+q686f7374696c65\x1b\\",
	"apc-kitty", "\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\",
	"pm", "\x1b^hostile\x1b\\",
	"sos", "\x1bXhostile\x1b\\",
	"dcs-unterminated", "\x1bPhostile, and no end",
	"ris", "\x1bc",
	"decaln", "\x1b#8",
	"charset", "\x1b(0lqk",
	"escape-escape", "\x1b\x1b\x1b",
)

// c1 are the controls of 8 bits, as code points and as bytes.
var c1 = append(whole(
	"c1-csi", "\u009b02J",
	"c1-osc", "\u009d52;c;aG9zdGlsZQ==\u009c",
	"c1-dcs", "\u0090q~\u009c",
	"c1-apc", "\u009fGa=T;AAAA\u009c",
	"c1-nel", "\u0085",
	"c1-ri", "\u008d",
), Payload{"c1-byte-csi", "\x9b02J", "\x9b02J"},
	Payload{"c1-byte-osc", "\x9d52;c;aG9zdGlsZQ==\x9c", "\x9d52;"})

var controls = []Payload{
	{"cr", "\rCR overwrites the line", "\rCR overwrites"},
	{"crlf", "\r\nCRLF starts another", ""},
	{"newline", "\nnewline  1/1  Running  0  1s", ""},
	{"backspace", "visible\b\b\b\b\b\b\b", "\b\b\b\b\b\b\b"},
	{"bell", "\a\a", "\a\a"},
	{"nul", "\x00", "\x00"},
	{"delete", "\x7f", "\x7f"},
	{"shift-out", "\x0e", "\x0e"},
	{"vertical-tab", "\v", "\v"},
	{"form-feed", "\f", "\f"},
	{"enquiry", "\x05", "\x05"},
	{"xoff", "\x13", "\x13"},
	{"tabs", "a\t\tb", ""},
}

var unicodeTricks = append(whole(
	"bidi-override", "\u202egnp.exe",
	"bidi-isolate", "\u2066\u202a\u2067",
	"bidi-mark", "\u200f\u061c",
	"zero-width-space", "\u200b",
	"byte-order-mark", "\ufeff",
	"soft-hyphen", "\u00ad",
	"tag-characters", "\U000e0068\U000e0069\U000e007f",
	"line-separator", "\u2028",
	"paragraph-separator", "\u2029",
	"invisible-separator", "\u2063",
	"annotation-anchor", "\ufff9\ufffb",
	"private-use", "\ue000\U00100000",
	"noncharacter", "\ufffe\U0001ffff",
), Payload{"combining-flood", "Z" + strings.Repeat("\u0301\u0321\u0336", 40), strings.Repeat("\u0301\u0321\u0336", 3)},
	Payload{"combining-alone", "\u0301\u20e3", ""},
	Payload{"selector-flood", "a" + strings.Repeat("\ufe0f", 50), strings.Repeat("\ufe0f", 5)},
	Payload{"joined-family", "👩\u200d👩\u200d👧\u200d👦👍🏽🇩🇪", ""},
	Payload{"wide", strings.Repeat("你", 30), ""})

// malformed are the payloads that are not UTF-8.
var malformed = []Payload{
	{"invalid-bytes", "\xff\xfe", "\xff\xfe"},
	{"invalid-overlong", "\xc0\x9b02J\xc1\xbf", "\xc0\x9b"},
	{"invalid-surrogate", "\xed\xa0\x80", "\xed\xa0\x80"},
	{"invalid-cut-off", "\xe2\x82", ""},
}

// layout are the payloads that are harmless for a terminal and awkward for what draws
// on it.
var layout = []Payload{
	{"long", strings.Repeat("long ", 4000), ""},
	{"long-word", strings.Repeat("w", 5000), ""},
	{"blank", "   ", ""},
	{"yaml", "a: b\n---\nkind: Pod # {{.}} %s%n", ""},
}

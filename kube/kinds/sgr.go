package kinds

import "strings"

// CleanLog is Clean for a line of a log, but keeps SGR sequences, which only say how
// the text after them looks. They are for a reader that turns them into its own
// colours; no terminal must get them. All other sequences, and SGR that is malformed or
// does more than colour, become visible.
func CleanLog(s string) string {
	if n := plain(s); n < len(s) {
		return clean(s, n, cleaning{sgr: strings.IndexByte(s, '\x1b') >= 0})
	}
	return s
}

// sgrMax is the longest sequence that is understood; loggers write up to 40
// bytes.
const sgrMax = 64

// SGR returns the parameters of an understood SGR sequence at the beginning of
// s, and its length, 0 when there is none. Parameters are divided by ";" or ":".
func SGR(s string) (parameters string, length int) {
	if !strings.HasPrefix(s, "\x1b[") {
		return "", 0
	}
	for i := len("\x1b["); i < min(len(s), sgrMax); i++ {
		switch c := s[i]; {
		case c == 'm':
			if !knownSGR(s[2:i]) {
				return "", 0
			}
			return s[2:i], i + 1
		case c != ';' && c != ':' && (c < '0' || c > '9'):
			return "", 0
		}
	}
	return "", 0
}

// WithoutSGR returns a line of a log without its understood SGR sequences.
func WithoutSGR(text string) string {
	if strings.IndexByte(text, '\x1b') < 0 {
		return text
	}
	return string(AppendWithoutSGR(nil, text))
}

// AppendWithoutSGR is WithoutSGR that appends.
func AppendWithoutSGR(to []byte, text string) []byte {
	for {
		at := strings.IndexByte(text, '\x1b')
		if at < 0 {
			return append(to, text...)
		}
		to = append(to, text[:at]...)
		_, length := SGR(text[at:])
		text = text[at+max(1, length):]
	}
}

// knownSGR reports whether all parameters are well formed and only choose
// colours, weight, slant and lines: none blinks, conceals or changes the font.
func knownSGR(parameters string) bool {
	for parameters != "" {
		code, rest, ok := NextSGR(parameters)
		if !ok {
			return false
		}
		switch {
		case code.Value <= 4, code.Value == 7, code.Value == 9:
		case code.Value >= 21 && code.Value <= 24, code.Value == 27, code.Value == 29:
		case code.Value >= 30 && code.Value <= 49, code.Value >= 90 && code.Value <= 97:
		case code.Value >= 100 && code.Value <= 107:
		default:
			return false
		}
		parameters = rest
	}
	return true
}

// SGRCode is one instruction of an SGR sequence. For 38 and 48, Color is what follows:
// one index, or three numbers.
type SGRCode struct {
	Value int
	Color []uint8
}

// NextSGR reads the first instruction of the parameters of an SGR sequence, and
// reports whether it is well formed.
func NextSGR(parameters string) (code SGRCode, rest string, ok bool) {
	var value int
	if value, rest, ok = sgrNumber(parameters); !ok || value != 38 && value != 48 {
		// Only a colour has parts: "4:0" would end an underline.
		colon := strings.IndexByte(parameters[:len(parameters)-len(rest)], ':') >= 0
		return SGRCode{Value: value}, rest, ok && !colon
	}
	mode, rest, ok := sgrNumber(rest)
	numbers := 1
	switch {
	case !ok || mode != 2 && mode != 5:
		return SGRCode{}, "", false
	case mode == 2:
		numbers = 3
		rest = strings.TrimPrefix(rest, ":") // "38:2::r:g:b" names no colour space.
	}
	code = SGRCode{Value: value, Color: make([]uint8, numbers)}
	for i := range numbers {
		if rest == "" {
			return SGRCode{}, "", false
		}
		if value, rest, ok = sgrNumber(rest); !ok {
			return SGRCode{}, "", false
		}
		code.Color[i] = uint8(value)
	}
	return code, rest, true
}

// sgrNumber reads a number up to 255; a missing one is 0.
func sgrNumber(s string) (n int, rest string, ok bool) {
	end := strings.IndexAny(s, ";:")
	digits := s
	if end >= 0 {
		digits, rest = s[:end], s[end+1:]
	}
	if len(digits) > 3 {
		return 0, "", false
	}
	for i := range len(digits) {
		n = 10*n + int(digits[i]-'0')
	}
	return n, rest, n <= 255
}

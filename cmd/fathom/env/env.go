// Package env is what the environment says about the program's files and the terminal.
// It imports nothing that takes time to initialise.
package env

import (
	"os"
	"path/filepath"
	"strings"
)

// ConfigDir is where config and themes are, by the XDG base directory
// specification; "" without a home.
func ConfigDir() string { return xdgDir("XDG_CONFIG_HOME", ".config") }

// ConfigFile is the config itself.
func ConfigFile() string { return filepath.Join(ConfigDir(), "config.yaml") }

// StateDir is where remembered places and the traces of crashes are.
func StateDir() string { return xdgDir("XDG_STATE_HOME", ".local/state") }

func xdgDir(variable, fallback string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "fathom")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, fallback, "fathom")
}

// UTF8 reports whether the locale's encoding is UTF-8, by the order of POSIX (Base
// Definitions, 8.2). Without any setting only ASCII is certain, but most of today's
// terminals are UTF-8 all the same.
func UTF8(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			lower := strings.ToLower(value)
			return strings.Contains(lower, "utf-8") || strings.Contains(lower, "utf8")
		}
	}
	return true
}

package remote

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Port is one port that is forwarded.
type Port struct {
	Address string // where it listens; "" is this machine alone
	Local   int    // 0 is any that is free
	Remote  string // a number, or the name of a port
}

// String is the port as ParsePorts reads it.
func (p Port) String() string {
	local := ""
	if p.Local > 0 {
		local = strconv.Itoa(p.Local)
	}
	if p.Address != "" {
		return net.JoinHostPort(p.Address, local) + ":" + p.Remote
	}
	return local + ":" + p.Remote
}

// ParsePorts reads what a person writes: "8080:80", "80", ":80" for any free port, a name for
// the second number, an address before them; several are separated by commas or blanks.
func ParsePorts(text string) ([]Port, error) {
	var out []Port
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := parsePort(word)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, errors.New("no port; write 8080:80, which is local:remote")
	}
	return out, nil
}

func parsePort(word string) (Port, error) {
	bad := func(why string) (Port, error) {
		return Port{}, fmt.Errorf("port %q: %s; write 8080:80, which is local:remote", kinds.Clean(word), why)
	}
	rest, remote, local := "", word, word
	if i := strings.LastIndexByte(word, ':'); i >= 0 {
		rest, remote = word[:i], word[i+1:]
		local = rest
	} else {
		rest = ""
	}
	address := ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		address, local = strings.Trim(rest[:i], "[]"), rest[i+1:]
		if address != "localhost" && net.ParseIP(address) == nil {
			return bad("not an address before it")
		}
		if address == "localhost" {
			address = ""
		}
	}
	if remote == "" {
		return bad("no remote port")
	}
	if n, err := strconv.Atoi(remote); err == nil && (n < 1 || n > 65535) {
		return bad("out of range")
	}
	p := Port{Address: address, Remote: remote}
	switch n, err := strconv.Atoi(local); {
	case local == "":
	case err != nil && local == remote: // A name says nothing about this side.
	case err != nil:
		return bad("the local one is not a number")
	case n < 0 || n > 65535:
		return bad("out of range")
	default:
		p.Local = n
	}
	return p, nil
}

// SuggestPorts are the ports that a place offers, each with a local one that needs no rights
// and is not among those in use.
func SuggestPorts(place *Place, used []int) []Port {
	var remotes []int
	if place.Service != nil {
		for _, p := range place.Service.Spec.Ports {
			if p.Protocol == corev1.ProtocolTCP || p.Protocol == "" {
				remotes = append(remotes, int(p.Port))
			}
		}
	} else {
		for _, c := range place.Pod.Spec.Containers {
			for _, p := range c.Ports {
				if p.Protocol == corev1.ProtocolTCP || p.Protocol == "" {
					remotes = append(remotes, int(p.ContainerPort))
				}
			}
		}
	}
	var out []Port
	for i, remote := range remotes {
		if slices.Contains(remotes[:i], remote) {
			continue
		}
		local := remote
		if local < 1024 {
			local += 8000
		}
		for slices.Contains(used, local) && local < 65535 {
			local++
		}
		used = append(slices.Clone(used), local)
		out = append(out, Port{Local: local, Remote: strconv.Itoa(remote)})
	}
	return out
}

// remoteIn returns the number of a port in a pod: through the Service, where there is one.
func remoteIn(pod *corev1.Pod, service *corev1.Service, remote string) (int, error) {
	number, err := strconv.Atoi(remote)
	named := err != nil
	if service != nil {
		for _, p := range service.Spec.Ports {
			if p.Name != remote && (named || int(p.Port) != number) {
				continue
			}
			switch {
			case p.TargetPort.Type == intstr.String:
				return portNamed(pod, p.TargetPort.StrVal)
			case p.TargetPort.IntVal > 0:
				return int(p.TargetPort.IntVal), nil
			}
			return int(p.Port), nil
		}
		return 0, fmt.Errorf("service %s has no port %s", kinds.Clean(service.Name), kinds.Clean(remote))
	}
	if named {
		return portNamed(pod, remote)
	}
	return number, nil
}

func portNamed(pod *corev1.Pod, name string) (int, error) {
	for _, all := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for _, c := range all {
			for _, p := range c.Ports {
				if p.Name == name {
					return int(p.ContainerPort), nil
				}
			}
		}
	}
	return 0, fmt.Errorf("pod %s has no port named %s", kinds.Clean(pod.Name), kinds.Clean(name))
}

// inWords says why a port cannot be listened on, and what to write instead.
func (p Port) inWords(err error) error {
	other := cmp.Or(p.Local, 8080)
	if other < 1024 {
		other += 8000
	} else if other < 65535 {
		other++
	}
	instead := fmt.Sprintf("choose another one before the colon: %d:%s", other, p.Remote)
	switch {
	case isTaken(err):
		return fmt.Errorf("port %d is taken on this machine; %s", p.Local, instead)
	case isForbidden(err):
		return fmt.Errorf("port %d needs more rights on this machine; %s", p.Local, instead)
	}
	return words(err)
}

package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hostNetworks lists the networks of the host's interfaces and routes, except for the
// default route.
func hostNetworks() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			networks = append(networks, prefix)
		}
	}
	routes, err := exec.Command(find("ip"), "-4", "route", "show", "table", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("ip route: %w", commandError(err))
	}
	for line := range strings.Lines(string(routes)) {
		for word := range strings.FieldsSeq(line) {
			if prefix, err := netip.ParsePrefix(word); err == nil && prefix.Bits() > 0 {
				networks = append(networks, prefix)
			} else if address, err := netip.ParseAddr(word); err == nil {
				networks = append(networks, netip.PrefixFrom(address, address.BitLen()))
			}
		}
	}
	return networks, nil
}

// nodeNetworks are where a node's four addresses may be: a private network, or where
// a host has a route to all of that, the one for tests of network devices (RFC 2544).
var nodeNetworks = []string{"10.250.%d.", "198.18.%d."}

// connectNode joins host and node by a pair of interfaces in a network that no
// interface and no route of this host overlaps. It returns the node's address and
// the number of the host's interface.
func connectNode(ctx context.Context, node process) (address string, index int, err error) {
	taken, err := hostNetworks()
	if err != nil {
		return "", 0, err
	}
	for i := range 256 * len(nodeNetworks) {
		network := fmt.Sprintf(nodeNetworks[i/256], i%256)
		if slices.ContainsFunc(taken, netip.MustParsePrefix(network+"0/30").Overlaps) {
			continue
		}
		link := "fathom" + strconv.Itoa(i)
		err := ip(ctx, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(node.PID))
		if err != nil && strings.Contains(err.Error(), "File exists") {
			continue // Another cluster starts at this moment.
		}
		if err == nil {
			err = errors.Join(ip(ctx, "address", "add", network+"1/30", "dev", link), ip(ctx, "link", "set", link, "up"))
		}
		if err != nil {
			return "", 0, err
		}
		made, err := net.InterfaceByName(link)
		if err != nil {
			return "", 0, err
		}
		return network + "2", made.Index, addressNode(ctx, node, network+"2")
	}
	return "", 0, errors.New(
		"the host has routes to all of 10.250.0.0/16 and 198.18.0.0/16 (see `ip route`); a node needs four addresses there",
	)
}

func ip(ctx context.Context, args ...string) error {
	if output, err := exec.CommandContext(ctx, find("ip"), args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return nil
}

// addressNode gives the node's end of the pair its address.
func addressNode(ctx context.Context, node process, address string) error {
	// Without a route to them, nothing on the node itself would get as far as
	// kube-proxy's rules for the services' addresses.
	script := "ip address add " + address + "/30 dev eth0 && ip link set eth0 up && " +
		"ip route add " + serviceNetwork + " dev eth0"
	var output bytes.Buffer
	command := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	command.Dir, command.Env, command.Stdout, command.Stderr = "/", []string{"PATH=" + systemPath}, &output, &output
	if err := startInside(node, command); err != nil {
		return err
	}
	if err := command.Wait(); err != nil {
		return fmt.Errorf("address of the node: %w: %s", err, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}

// disconnectLimit is how long the kernel may take to drop the network of a node.
// It was seen to need 90 s for one that held hundreds of pods.
const disconnectLimit = 5 * time.Minute

// disconnectNode removes the host's interface and returns when it is gone. The kernel
// would remove it some time after the node's last process, and a network of hundreds of
// pods keeps it busy for minutes. The kernel reuses no number, so the interface cannot
// be another's.
func disconnectNode(ctx context.Context, index int, say func(string, ...any)) error {
	started, next := time.Now(), 5*time.Second
	return until(ctx, disconnectLimit, "the node's network is gone", func(ctx context.Context) error {
		left, err := net.InterfaceByIndex(index)
		if err != nil {
			return nil
		}
		if waited := time.Since(started); waited >= next {
			next = 2 * waited
			say("waiting for the kernel to remove interface %s, %s so far", left.Name, waited.Round(time.Second))
		}
		// It fails while the kernel is about to remove the interface by itself.
		if err := ip(ctx, "link", "delete", "dev", left.Name); err != nil {
			return fmt.Errorf("interface %s is still there: %w", left.Name, err)
		}
		return fmt.Errorf("interface %s is still there", left.Name)
	})
}

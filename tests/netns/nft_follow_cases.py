# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets of nftables and lists of sources that follow them; run by
test_nft_follow.sh on the shield.

	nft_follow_cases.py equal FAMILY TABLE SET	is the list what the set is, now?
	nft_follow_cases.py elements COUNT KIND [SEED]	that many elements, for nft -f
	nft_follow_cases.py drops PID			events that the process lost
"""
import ipaddress
import json
import random
import subprocess
import sys

import tree

LIST = "/sys/packetshield/shield/Other/b_sources"


def bounds(first, last):
    return int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last))


def of_element(element):
    """An element as nft -j tells it, as (first, last)."""
    if isinstance(element, dict) and "elem" in element:
        element = element["elem"]["val"]
    if isinstance(element, str):
        return bounds(element, element)
    if "range" in element:
        return bounds(*element["range"])
    network = ipaddress.ip_network("%s/%d" % (element["prefix"]["addr"], element["prefix"]["len"]))
    return bounds(network[0], network[-1])


def of_item(item):
    """An item of a list of sources, likewise."""
    if "/" in item:
        network = ipaddress.ip_network(item)
        return bounds(network[0], network[-1])
    first, _, last = item.partition("-")
    if last and "." not in last and ":" not in last:
        last = first.rpartition(".")[0] + "." + last
    return bounds(first, last or first)


def joined(ranges):
    found = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    return found


def equal(family, table, name):
    told = subprocess.run(["nft", "-j", "list", "set", family, table, name],
                          stdout=subprocess.PIPE, check=True).stdout
    found = [part["set"] for part in json.loads(told)["nftables"] if "set" in part][0]
    mark = ":" if found["type"] == "ipv6_addr" else "."
    expected = joined(map(of_element, found.get("elem", [])))
    listed = joined(of_item(item) for item in tree.lines(LIST) if mark in item)
    if expected != listed:
        print("set: %d ranges %s\nlist: %d ranges %s" % (len(expected), expected[:5],
                                                       len(listed), listed[:5]))
    return expected == listed


def elements(count, kind, seed="1"):
    """ip, ip6: single addresses; net, net6: disjoint prefixes and ranges."""
    rng = random.Random(int(seed))
    numbers = rng.sample(range(1 << 22), count)
    for number in numbers:
        low = (number << 8) + rng.choice((0, 16))
        if kind in ("ip", "net"):
            address = ipaddress.IPv4Address((16 << 24) + (low & 0x3fffffff))
            tail = "/28" if low & 16 else "-%s" % (address + rng.randrange(1, 255))
        else:
            address = ipaddress.IPv6Address((0x20010db8 << 96) + (low << 64))
            tail = "/64" if low & 0x1000 else "-%s" % (address + rng.randrange(1, 1 << 64))
        yield str(address) + (tail if kind.startswith("net") else "")


def drops(pid):
    """Of the sockets of a process to nftables: netlink's number of a socket is its pid
    or, of further ones, anything; so of all there are here."""
    with open("/proc/%s/net/netlink" % pid, encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(int(row[8]) for row in rows if row[1] == "12")


if sys.argv[1] == "equal":
    sys.exit(not equal(*sys.argv[2:]))
if sys.argv[1] == "elements":
    print(",\n".join(elements(int(sys.argv[2]), *sys.argv[3:])))
if sys.argv[1] == "drops":
    print(drops(sys.argv[2]))

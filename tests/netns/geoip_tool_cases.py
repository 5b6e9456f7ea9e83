# SPDX-License-Identifier: GPL-2.0-or-later
"""Databases for load-geoip, and what must come of them; run by test_geoip_tool.sh.

	geoip_tool_cases.py write DIRECTORY	databases, good and broken
	geoip_tool_cases.py big FILE		500,000 networks where the guest is fast, and more records than countries
	geoip_tool_cases.py lists FILE 4 6	the lists of these families are what it says
	geoip_tool_cases.py verdicts FILE	100,000 addresses of each family: the lists
	geoip_tool_cases.py packets FILE	packets from some thousands of these

What a database says is asked from libmaxminddb, through its binding for Python.
"""
import bisect
import ipaddress
import os
import random
import sys

import maxminddb

import frames as f
import mmdb_write
import shield
import tree
from mmdb_write import country
from shield import INSTANCE, report
from tree import unequal

FAST = os.environ.get("PS_GUEST") in ("uml", "kvm")
ADDRESSES = 100000
NETWORKS = 500000 if FAST else 20000
PACKETS = 5000 if FAST else 500
PORT = 53
FILES = {4: INSTANCE + "/geoip4", 6: INSTANCE + "/geoip6"}
BITS = {4: 32, 6: 128}
# IPv4 once more, which isn't loaded: in no country. What is mapped is no address of IPv6.
REPEATED = [ipaddress.ip_network(n) for n in mmdb_write.ALIASES + ("::/96",)]

# Nested three deep, at both ends of the space, neighbours that join, holes, records
# without a country, and with nothing but where they are registered.
SAMPLE = [
    ("0.0.0.0/8", "AA"), ("1.0.0.0/24", "AU"), ("1.0.1.0/24", "CN"), ("1.0.2.0/23", "CN"),
    ("1.0.4.0/22", "AU"), ("2.0.0.0/8", "FR"), ("2.3.0.0/16", "DE"), ("2.3.4.0/24", "FR"),
    ("2.3.4.5/32", "NL"), ("2.4.0.0/16", None), ("9.0.0.0/8", ""), ("9.9.9.0/24", "US"),
    ("10.0.0.0/8", "reg:GB"), ("11.0.0.0/8", "both:IE:GB"), ("128.0.0.0/1", "US"),
    ("192.0.2.0/24", ""), ("255.255.255.255/32", "ZZ"), ("2a00::/12", "DE"),
    ("2001:db8::/32", "own-code_0"), ("2001:db8:1::/48", ""), ("2001:db8:1:1::/64", "FR"),
    ("2001:db8:1:1::1/128", "NL"), ("2001:200::/23", "JP"), ("2001:400::/23", "US"),
    ("::1:0:0:0/80", "XX"), ("::fffe:0:0/96", "YY"), ("8000::/1", "ZZ"), ("ffff::/16", "AA"),
]


def record(code, city=False):
    """A record by the words of SAMPLE; None is no network."""
    if code is None:
        return None
    kind, _, rest = code.partition(":")
    if kind == "reg":
        return country("", rest, city)
    if kind == "both":
        return country(*rest.split(":"), city)
    return country(code, None, city)


def in_ipv6(network):
    """Where IPv4 is in a tree of IPv6."""
    where = ipaddress.ip_network(network)
    return network if where.version == 6 else "::%s/%d" % (where.network_address,
                                                           96 + where.prefixlen)


def sample(path, version=6, wanted=(4, 6), city=False, **options):
    networks = [(network, record(code, city)) for network, code in SAMPLE
                if ipaddress.ip_network(network).version in wanted]
    if version == 6:
        networks = [(in_ipv6(network), what) for network, what in networks]
    return mmdb_write.write(path, networks, version, **options)


def patched(source, path, change):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    with open(path, "wb") as file:
        file.write(change(data) or data)


def write_broken(place, nodes):
    good, size = place + "/size24.mmdb", 6
    patched(good, place + "/cut_metadata.mmdb", lambda data: data[:-30])
    patched(good, place + "/cut_half.mmdb", lambda data: data[:len(data) // 2])
    patched(good, place + "/cut_tree.mmdb",
            lambda data: data[:100 * size] + data[data.rindex(mmdb_write.MARK):])

    def loop(data):
        data[size * (nodes - 1):size * nodes] = bytes(size)

    def outside(data):
        data[size * (nodes - 1):size * nodes] = b"\xff" * size

    def rubbish(data):
        start = size * nodes + 16
        data[start:data.rindex(mmdb_write.MARK)] = \
            b"\x3f" * (data.rindex(mmdb_write.MARK) - start)

    patched(good, place + "/loop.mmdb", loop)
    patched(good, place + "/outside.mmdb", outside)
    patched(good, place + "/rubbish.mmdb", rubbish)
    write = mmdb_write.write
    write(place + "/asn.mmdb", [("2a00::/12", {"autonomous_system_number": 64496})],
          kind="GeoLite2-ASN")
    write(place + "/number.mmdb", [("2a00::/12", {"country": {"iso_code": 49}})])
    write(place + "/long.mmdb", [("2a00::/12", country("sixteen_letters_"))])
    write(place + "/codes.mmdb", [("2a00:%x::/32" % i, country("C%d" % i)) for i in range(1024)])
    write(place + "/empty.mmdb", [])
    with open(place + "/text.mmdb", "w", encoding="ascii") as text:
        text.write("1.0.0.0 AU\n" * 1000)


def write_all(place):
    for size in (24, 28, 32):
        nodes = sample("%s/size%d.mmdb" % (place, size), record_size=size)
    sample(place + "/city.mmdb", city=True, kind="GeoLite2-City")
    sample(place + "/plain.mmdb", alias=False)
    sample(place + "/ipv4.mmdb", 4, (4,))
    sample(place + "/ipv6.mmdb", 6, (6,))
    # One record that covers IPv4 as a whole and what is beside it.
    mmdb_write.write(place + "/wide.mmdb", [("::/8", country("WW")), ("2a00::/12", country("DE"))],
                     alias=False)
    write_broken(place, nodes)


def big(path):
    """Half of them IPv4 /24 to /20, half IPv6 /48, of 240 countries and 20,000 places."""
    rng = random.Random(7)
    codes = [a + b for a in "ABCDEFGHIJKLMNOPQRST" for b in "ABCDEFGHIJKL"]
    places = [country(rng.choice(codes)) for _ in range(240)]
    places += [dict(country(rng.choice(codes)), city={"geoname_id": i}) for i in range(20000)]
    places += [country("", rng.choice(codes)), country(""), None]

    def networks():
        number = 1 << 16
        for i in range(NETWORKS // 2):
            number += rng.choice((1, 1, 2, 16))
            yield "::%s/120" % ipaddress.ip_address(number << 8), rng.choice(places)
            yield "2a00:%x:%x::/48" % (i >> 16, i & 0xffff), rng.choice(places)

    mmdb_write.write(path, networks())


class Oracle:
    """What libmaxminddb says, by the rule of load-geoip."""

    def __init__(self, path):
        self.reader = maxminddb.open_database(path, maxminddb.MODE_MMAP_EXT)

    def code(self, address):
        if address.version == 6 and any(address in network for network in REPEATED):
            return "-"
        found = self.reader.get(address) or {}
        for field in ("country", "registered_country"):
            if found.get(field, {}).get("iso_code"):
                return found[field]["iso_code"]
        return "-"


class Lists:
    """What the module has, as it prints it: bounds and codes in order."""

    def __init__(self, version):
        rows = [line.split() for line in tree.lines(FILES[version])]
        self.first = [int(ipaddress.ip_address(row[0])) for row in rows]
        self.codes = [row[1] for row in rows]

    def code(self, number):
        at = bisect.bisect_right(self.first, number)
        return self.codes[at - 1] if at else "-"


def addresses(version, count):
    """Half anywhere, half at the bounds of what was loaded and beside them."""
    rng, bits, bounds = random.Random(version), BITS[version], Lists(version).first
    makes = (lambda: rng.getrandbits(bits), lambda: rng.choice(bounds),
             lambda: rng.choice(bounds) - 1, lambda: rng.choice(bounds) + rng.getrandbits(9))
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    found = [makes[i % 2 and 1 + i // 2 % 3]() for i in range(count)]
    found = [number % (1 << bits) for number in found]
    return [kind(number) for number in found if version == 4 or number >> 32 != 0xffff]


def verdicts(path):
    oracle = Oracle(path)
    for version in (4, 6):
        lists, problems, seen = Lists(version), [], set()
        for address in addresses(version, ADDRESSES):
            expected, got = oracle.code(address), lists.code(int(address))
            seen.add(got)
            if expected != got:
                problems.append("%s: libmaxminddb %s, list %s" % (address, expected, got))
        report("%d addresses of IPv%d are where libmaxminddb says" % (ADDRESSES, version),
               problems[:10] + ["only %s" % seen] * (len(seen) < 5))


def lists_are(path):
    """Every bound of either: the lists, and the networks of the database."""
    oracle = Oracle(path)
    for version in map(int, sys.argv[3:]):
        lists, problems = Lists(version), []
        bounds = {bound + d for bound in lists.first for d in (-1, 0)}
        for network, _ in SAMPLE:
            where = ipaddress.ip_network(network)
            if where.version == version:
                first, last = int(where.network_address), int(where.broadcast_address)
                bounds |= {first - 1, first, last, last + 1}
        kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
        for number in sorted(bounds):
            if 0 <= number < 1 << BITS[version] and (version == 4 or number >> 32 != 0xffff):
                problems += unequal((str(kind(number)), oracle.code(kind(number))),
                                    (str(kind(number)), lists.code(number)))
        report("%s: IPv%d, at all bounds" % (os.path.basename(path), version),
               problems[:10] + ["few bounds"] * (len(bounds) < 4))


def is_sendable(address):
    if address.version == 4:
        return address.packed[0] not in (0, 10, 127) and address.packed[0] < 224
    return not (address.is_multicast or address.is_loopback or address.is_unspecified or
                address.is_link_local)


def packet_from(address):
    if address.version == 4:
        source, target = str(address), "10.0.0.1"
        return f.ethernet(f.ipv4(f.udp(source, target, dport=PORT), f.UDP, src=source, dst=target),
                          f.IPV4)
    source, target = str(address), "2001:db8::1"
    return f.ethernet(f.ipv6(f.udp(source, target, dport=PORT), f.UDP, src=source, dst=target),
                      f.IPV6)


def delivered(sock, tap, frames_by_source):
    """The sources whose packets got through, sent in portions that no buffer loses."""
    found, sources = set(), list(frames_by_source)
    tap.packets()
    for start in range(0, len(sources), 500):
        portion, before = sources[start:start + 500], shield.counters()["rx_total"]
        for source in portion:
            sock.send(frames_by_source[source])
        shield.wait_until(lambda: shield.counters()["rx_total"],
                          lambda now: now - before >= len(portion))
        for packet in tap.packets():
            found.add(packet[12:16] if packet[0] >> 4 == 4 else packet[8:24])
    return found


def packets(path):
    """The number of each country is asked bit by bit: allowed are those that have
    the bit, so what is delivered spells where the module says a source is."""
    oracle, tap = Oracle(path), shield.Tap()
    sock = shield.packet_socket("attacker", 0)
    names = sorted(set(Lists(4).codes) | set(Lists(6).codes))
    names = [None] + [name for name in names if name != "-"]
    tree.replace(INSTANCE + "/Other/w_udp_ports", [str(PORT)])
    tree.write(INSTANCE + "/Other/geoip_policy", "allow_countries")
    for version in (4, 6):
        wanted = [a for a in addresses(version, 2 * PACKETS) if is_sendable(a)][:PACKETS]
        frames_of = {address.packed: packet_from(address) for address in wanted}
        number = dict.fromkeys(frames_of, 0)
        for bit in range((len(names) - 1).bit_length()):
            tree.replace(INSTANCE + "/Other/countries",
                         [name for i, name in enumerate(names) if i >> bit & 1])
            for source in delivered(sock, tap, frames_of):
                number[source] = number.get(source, 0) | 1 << bit
        problems = ["%s: %s, judged %s" % (a, oracle.code(a), names[number[a.packed]])
                    for a in wanted if oracle.code(a) != (names[number[a.packed]] or "-")]
        report("packets from %d addresses of IPv%d are judged so" % (len(wanted), version),
               problems[:10] + ["too few"] * (len(wanted) < PACKETS // 2))
    tree.write(INSTANCE + "/Other/geoip_policy", "none")
    tree.replace(INSTANCE + "/Other/countries", [])
    tree.replace(INSTANCE + "/Other/w_udp_ports", [])


{"write": write_all, "big": big, "lists": lists_are, "verdicts": verdicts,
 "packets": packets}[sys.argv[1]](sys.argv[2])
print("end")

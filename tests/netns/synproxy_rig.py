# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs of test_synproxy*.sh share: the paths to the server behind
the shield, the SYNPROXY rule, and what it counts itself.

They run on the shield in the topology of synproxy.sh. Ports 8000-8009 of the
server are in x_tcp_ports.
"""
import shield
from session_wire import Counts, Net

# Network of the peers of session_wire.py, tags, context, address of the real client.
PATHS = ((Net("IPv4", "10.0.0.99", "10.9.0.2"), (), "Other", "10.0.0.2"),
         (Net("IPv6", "2001:db8::99", "2001:db8:9::2"), (), "Other", "2001:db8::2"),
         (Net("IPv4 in VLAN 100", "10.1.0.99", "10.9.0.3"), (100,), "10.9.0.3@100", "10.1.0.2"),
         (Net("IPv6 in VLAN 100", "2001:db8:1::99", "2001:db8:9::3"), (100,),
          "2001:db8:9::3@100", "2001:db8:1::2"))


class Rule:
    """What the rule offers, and the instance's options likewise: MSS, WSCALE (or none),
    TIMESTAMPS, SACK, ECN."""

    def __init__(self, words):
        self.text = " ".join(words)
        self.mss, self.scale = int(words[0]), None if words[1] == "none" else int(words[1])
        self.timestamps, self.sack, self.ecn = (word == "1" for word in words[2:])


def netfilter(column):
    """A column of SYNPROXY's statistics, over all CPUs."""
    with open("/proc/net/stat/synproxy", encoding="ascii") as file:
        lines = [text.split() for text in file]
    return sum(int(text[lines[0].index(column)], 16) for text in lines[1:])


class Judges:
    """What both counted from here on: the shield's context and SYNPROXY."""
    COLUMNS = ("syn_received", "cookie_invalid", "cookie_valid")

    def __init__(self, context):
        self.counts = Counts(context)
        self.before = {name: netfilter(name) for name in self.COLUMNS}

    def seen(self):
        return tuple(netfilter(name) - self.before[name] for name in self.COLUMNS)

    def expect(self, problems, seen=(0, 0, 0), **expected):
        """seen: what came to SYNPROXY, by its columns."""
        self.counts.expect(problems, **expected)
        found = shield.wait_until(self.seen, lambda now: now == seen)
        if found != seen:
            problems.append("SYNPROXY saw %s, not %s" % (found, seen))
        self.before = {name: netfilter(name) for name in self.COLUMNS}

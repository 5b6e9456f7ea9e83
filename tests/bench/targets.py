# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the report in their order, and what they are to reach."""

# name -> what the packets meet
ROWS = {
    "hook_drop": "empty netdev hook that drops: the unit",
    "hook_accept": "empty netdev hook that accepts, then the former",
    "hook_reflect": "empty netdev hook that sends the frame back: the least of any answer",
    "raw_drop": "iptables raw, -j DROP",
    "nft_drop": "nftables netdev ingress, tcp dport 80 drop",
    "nft_set_drop_1m": "nftables netdev ingress, set of 1 M networks",
    "ipset_drop_1m": "iptables raw, ipset hash:net of 1 M networks",
    "syn_cookie": "SYN flood: PacketShield's SYN cookies",
    "syn_nft_synproxy": "SYN flood: nftables synproxy",
    "syn_ipt_synproxy": "SYN flood: iptables SYNPROXY",
    "syn_stack": "SYN flood: the stack's SYN cookies",
    "ack_check": "ACK flood: PacketShield, no session, no cookie",
    "ack_nft_synproxy": "ACK flood: nftables synproxy",
    "ack_stack": "ACK flood: the stack, answered by RST",
    "deny_1k": "PacketShield: denied source, 1 k networks",
    "deny_capture_idle": "... all capture slots full, nobody reads",
    "deny_capture_active": "... captured: slots being filled",
    "deny_1m": "PacketShield: denied source, 1 M networks",
    "deny_1m_hot": "... 10,000 of them send",
    "geo_500k": "PacketShield: denied country, 500 k ranges",
    "geo_500k_hot": "... 10,000 of them send",
    "quic_retry": "PacketShield: QUIC Initial, answered with Retry",
    "quic_followup_bad_scid": "PacketShield: QUIC Initial with a token, to a wrong id",
    "quic_short_unknown": "PacketShield: QUIC short header of no session",
    "ctx_1": "PacketShield: closed port, 1 context",
    "ctx_512": "... 512 contexts",
    "ctx_65536": "... 65,536 contexts, 1,000 of them hot",
    "established_1m": "PacketShield: established, 1 M sessions, then dropped",
    "established_1m_hot": "... 10,000 of them send",
    "engine_deny": "ps_judge() in userspace, warm: denied source",
    "engine_established": "ps_judge() in userspace, warm: established",
    "engine_syn": "ps_judge() in userspace, warm: SYN with cookie",
}
OURS = ("syn_cookie", "ack_check", "deny_", "geo_", "ctx_", "established_", "quic_",
        "engine_")

# Cost of a against b: at most limit times as much, or limit ns more, or limit
# ns apart; ns: at most so much; p99: at most so many times its own median.
TARGETS = [
    ("ratio", "syn_cookie", "syn_nft_synproxy", 0.33),
    ("ratio", "syn_cookie", "syn_stack", 0.35),
    ("ratio", "ack_check", "ack_nft_synproxy", 0.28),
    ("ratio", "deny_1k", "nft_drop", 1.00),
    ("more", "deny_1k", "hook_drop", 50),
    ("more", "deny_capture_idle", "hook_drop", 50),
    ("more", "deny_capture_active", "deny_capture_idle", 80),
    ("ratio", "deny_1m", "nft_set_drop_1m", 0.50),
    ("more", "deny_1m", "hook_drop", 200),
    ("more", "deny_1m_hot", "hook_drop", 50),
    ("more", "geo_500k", "hook_drop", 200),
    ("more", "geo_500k_hot", "hook_drop", 50),
    ("apart", "ctx_512", "ctx_1", 50),
    ("apart", "ctx_65536", "ctx_1", 50),
    ("more", "established_1m", "hook_accept", 160),
    ("more", "established_1m_hot", "hook_accept", 80),
    ("ns", "quic_retry", None, 5000),
    ("more", "quic_followup_bad_scid", "hook_drop", 150),
    ("more", "quic_short_unknown", "hook_drop", 100),
    ("ns", "engine_deny", None, 25),
    ("ns", "engine_established", None, 40),
    ("ns", "engine_syn", None, 90),
    ("p99", "engine_deny", None, 3),
    ("p99", "engine_established", None, 3),
    ("p99", "engine_syn", None, 3),
]

# kind -> (what is compared, how a figure is written)
KINDS = {
    "ratio": ("{a} / {b}", "{:.2f}"),
    "more": ("{a} - {b}", "{:.0f} ns"),
    "apart": ("|{a} - {b}|", "{:.0f} ns"),
    "ns": ("{a}", "{:.1f} ns"),
    "p99": ("{a}: p99 / median", "{:.2f}"),
}


class Target:
    """One target and what became of it."""

    def __init__(self, kind, a, b, limit):
        self.kind, self.a, self.b, self.limit = kind, a, b, limit
        self.name = KINDS[kind][0].format(a=a, b=b)
        self.figure = None

    def judge(self, rows):
        """rows: name -> object with ns, p50 and p99."""
        if self.a not in rows or (self.b and self.b not in rows):
            return
        a, b = rows[self.a], rows.get(self.b)
        self.figure = {
            "ratio": lambda: a.ns / b.ns,
            "more": lambda: a.ns - b.ns,
            "apart": lambda: abs(a.ns - b.ns),
            "ns": lambda: a.ns,
            "p99": lambda: a.p99 / a.p50,
        }[self.kind]()

    def text(self, number):
        return KINDS[self.kind][1].format(number)

    @property
    def verdict(self):
        if self.figure is None:
            return "not measured"
        return "pass" if self.figure <= self.limit else "miss"

    def cells(self):
        return [self.name, "<= " + self.text(self.limit),
                "-" if self.figure is None else self.text(self.figure), self.verdict]

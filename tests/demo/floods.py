# SPDX-License-Identifier: GPL-2.0-or-later
"""The second half of report.py: floods of packets that each could be a client's.

Invariant: what clients got, what the stream carried and what reached the stack
are counted by others than the shield; the time a protection takes is that
between the generator's clock and the tracepoint's, which is the same clock.
"""

# Every flood: the protection that must meet it, and what becomes of its packets
# then (a drop reason, "answered" by SYN cookies, or "retried": by a Retry of QUIC).
FLOODS = {
    "syn_flood": ("new_cookie", "answered"),
    "ack_flood": ("unmatch_drop", "reason.unmatched_ack"),
    "rst_flood": ("unmatch_drop", "reason.unmatched_rst"),
    "quic_initial_flood": ("new_cookie", "retried"),
    "quic_short_flood": ("unmatch_drop", "reason.quic_stray_short"),
}
SETTINGS = ("tcp_max_syn_backlog", "somaxconn", "tcp_synack_retries")
MEANING = {
    "legit_ok_before": "share of requests that succeeded with the shield and no flood",
    "legit_ok_without": "during the flood without the shield, tcp_syncookies=0 for TCP",
    "legit_ok_without_cookies_on": "during the flood without the shield, tcp_syncookies=1",
    "legit_ok_with": "during the flood with the shield, tcp_syncookies=1",
    "engage_ms": "from the flood's first packet to the protection's going on",
    "release_ms": "from the flood's last packet to the protection's going off",
    "engagements": "times it went on; more than 1 if the generator paused for a second",
    "stopped": "packets answered by a SYN cookie or a Retry, or dropped for being of no session",
    "stream": "an iperf3 connection open since before the first flood, by the server's socket",
}
LEAST_OK = 0.99
MOST_OK_WITHOUT = 0.5
LEAST_REQUESTS = 40
LEAST_FLOOD = 10000
MOST_LEAKED = 0.01
MOST_PAUSE_S = 5
# Far over what the shield needs: a guest whose processors are busy elsewhere
# may stand still for a second. What it needs is in the table.
MOST_ENGAGE_MS = 1000
MOST_RELEASE_MS = 4000


def flooded(name):
    """Phases of floods.sh under this flood, by their names in the JSON."""
    if name.startswith("quic_"):
        return {"without": "without", "with": "with"}
    return {"without": "without0", "without_cookies_on": "without1", "with": "with"}


def share(requests):
    return round(requests["ok"] / requests["total"], 4) if requests["total"] else 0


def stream_of(text):
    """What the samples of a stream say: "MICROSECONDS:BYTES," each."""
    samples = [sample.split(":") for sample in text.strip(",").split(",")]
    stream = {"open": all(count for _, count in samples), "bytes": 0, "kbit_s": 0,
              "longest_pause_s": 0}
    if not stream["open"]:
        return stream
    samples = [(int(time), int(count)) for time, count in samples]
    stream["bytes"] = samples[-1][1] - samples[0][1]
    stream["kbit_s"] = round(stream["bytes"] * 8000 / max(samples[-1][0] - samples[0][0], 1))
    grown, known = samples[0]
    for time, count in samples[1:]:
        if count == known:
            stream["longest_pause_s"] = max(stream["longest_pause_s"], (time - grown) / 1e6)
        else:
            grown, known = time, count
    return stream


def turns_of(text, protection):
    """When a protection went on and off, in nanoseconds: ([...], [...])."""
    turns = {"on": [], "off": []}
    for turn in filter(None, text.strip("-").split(",")):
        time, which, state = turn.split(":")
        if which == protection:
            turns[state].append(round(float(time) * 1e9))
    return turns["on"], turns["off"]


def milliseconds(start, end):
    return None if end is None else round(max(end - start, 0) / 1e6, 1)


def packets_of(facts, name, phase, stopped_by):
    grown = facts.growth(name, "before_" + phase, "after_" + phase)
    return {
        "offered": facts.number(name, phase, "sent"),
        "lost": grown["lost"],
        "reached_stack": grown["attack"],
        "stopped": grown.get(stopped_by, 0),
    }


def figures(facts, name):
    """The object of a flood."""
    protection, stopped_by = FLOODS[name]
    phases = {"before": "before", **flooded(name)}
    requests = {key: {"ok": facts.number(name, phase, "ok"),
                      "total": facts.number(name, phase, "total")}
                for key, phase in phases.items()}
    went_on, went_off = turns_of(facts.text(name, "with", "protections"), protection)
    first, last = facts.number(name, "with", "first"), facts.number(name, "with", "last")
    return {
        "name": name,
        **{"legit_ok_" + key: share(requests[key]) for key in phases},
        "engage_ms": milliseconds(first, min(went_on, default=None)),
        "release_ms": milliseconds(last, max(went_off, default=None)),
        "protection": protection,
        "engagements": len(went_on),
        "requests": requests,
        "stream": {key: stream_of(facts.text(name, phase, "stream"))
                   for key, phase in phases.items()},
        "packets": {key: packets_of(facts, name, phase, stopped_by)
                    for key, phase in flooded(name).items()},
    }


def settings(facts):
    return {name: facts.number("guest", "-", name) for name in SETTINGS}


def faults_of_clients(flood):
    name = flood["name"]
    for key, when in (("before", "before the flood"), ("with", "with the shield")):
        if flood["legit_ok_" + key] < LEAST_OK:
            yield f"{name}: {flood['legit_ok_' + key]:.1%} of requests succeeded {when}"
        if flood["requests"][key]["total"] < LEAST_REQUESTS:
            yield f"{name}: {flood['requests'][key]['total']} requests {when} say nothing"
    if name == "syn_flood" and flood["legit_ok_without"] > MOST_OK_WITHOUT:
        yield (f"{name}: {flood['legit_ok_without']:.1%} of requests succeeded without the "
               "shield and tcp_syncookies=0: that is no attack")
    if not flood["requests"]["without"]["total"]:
        yield f"{name}: nothing was asked for without the shield"


def faults_of_stream(flood):
    stream = flood["stream"]["with"]
    if not stream["open"] or not stream["bytes"]:
        yield f"{flood['name']}: the open stream broke off with the shield"
    elif stream["longest_pause_s"] > MOST_PAUSE_S:
        yield (f"{flood['name']}: with the shield the open stream "
               f"stood still for {stream['longest_pause_s']} s")


def faults_of_protection(flood):
    for key, most in (("engage_ms", MOST_ENGAGE_MS), ("release_ms", MOST_RELEASE_MS)):
        if flood[key] is None or flood[key] > most:
            yield f"{flood['name']}: {flood['protection']}: {key} is {flood[key]}, not {most} or less"


def faults_of_packets(flood):
    name, packets = flood["name"], flood["packets"]["with"]
    arrived = packets["offered"] - packets["lost"]
    if packets["offered"] < LEAST_FLOOD:
        yield f"{name}: {packets['offered']} packets are no flood"
    if packets["reached_stack"] > MOST_LEAKED * arrived:
        yield f"{name}: {packets['reached_stack']} packets reached the stack behind the shield"
    if packets["stopped"] + packets["reached_stack"] < arrived:
        yield (f"{name}: {arrived} packets arrived, {packets['reached_stack']} reached the stack "
               f"and {packets['stopped']} met the protection: some are missing")
    for key, bare in flood["packets"].items():
        if key != "with" and not 0 <= bare["offered"] - bare["reached_stack"] <= bare["lost"]:
            yield (f"{name}: without the shield {bare['offered']} packets were sent, "
                   f"{bare['lost']} lost in queues, and {bare['reached_stack']} reached the stack")


def faults_of(flood):
    """What is wrong with a flood's figures, in sentences."""
    yield from faults_of_clients(flood)
    yield from faults_of_stream(flood)
    yield from faults_of_protection(flood)
    yield from faults_of_packets(flood)


def pages(key):
    return lambda flood: "{ok}/{total}".format(**flood["requests"][key]) \
        if key in flood["requests"] else "-"


def rate(key):
    return lambda flood: flood["stream"][key]["kbit_s"] or "broken"


COLUMNS = [
    ("", "flood", lambda f: f["name"]),
    ("pages got", "before", pages("before")),
    ("pages got", "without, 0", pages("without")),
    ("pages got", "without, 1", pages("without_cookies_on")),
    ("pages got", "with", pages("with")),
    ("stream kbit/s", "before", rate("before")),
    ("stream kbit/s", "with", rate("with")),
    ("packets, with", "offered", lambda f: f["packets"]["with"]["offered"]),
    ("packets, with", "reached stack", lambda f: f["packets"]["with"]["reached_stack"]),
    ("protection, ms", "on", lambda f: f["engage_ms"]),
    ("protection, ms", "off", lambda f: f["release_ms"]),
]


def legend(system):
    return f"""
pages got: of those asked for during the flood, each by a client the server hadn't met before.
  without, 0 and 1: without the shield, tcp_syncookies=0 and 1; with: the shield, tcp_syncookies=1.
  Of quic_*: by HTTP/3, from ngtcp2's server, which is made to read HAProxy's tokens.
  The kernel's defaults: tcp_max_syn_backlog {system['tcp_max_syn_backlog']}, \
somaxconn {system['somaxconn']}; nginx's backlog is 511.
stream: an iperf3 connection that was open before the first flood.
protection: on, after the flood's first packet; off, after its last one."""

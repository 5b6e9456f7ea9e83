# SPDX-License-Identifier: GPL-2.0-or-later
"""packetshield metrics; run by test_metrics.sh on a shield whose eth0, attached,
is one end of a cable without any traffic but ours.

	metrics_cases.py text		what it says, and that promtool finds no fault
	metrics_cases.py file		--output
	metrics_cases.py http		--http
	metrics_cases.py scale		with 65,536 contexts, of which few are told
					(4,096 where the guest isn't fast)
	metrics_cases.py activated	by a socket of systemd, several at once
	metrics_cases.py prometheus	a real Prometheus scrapes, and the dashboard finds data
"""
import concurrent.futures
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import shield
from capture_cases import tcp, wait_received
from shield import numbers, report
from tool import TOOL, do, run
from tree import unequal

FAST = os.environ.get("PS_GUEST") in ("uml", "kvm")
SLOW = 1 if FAST else 30
CONTEXTS = 65536 if FAST else 4096
UNIT = "userspace/systemd/packetshield-exporter@.service"
DASHBOARD = "userspace/grafana/packetshield.json"
SERVED, PROMETHEUS = 9921, 9922


def samples(text):
    """{name{labels}: number} of the text format."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            if name in found:
                raise ValueError("twice: " + name)
            found[name] = float(value)
    return found


def named(found, name, **labels):
    """The sample of this name and exactly these labels, in any order; None if none is there."""
    for key, value in found.items():
        if key.split("{")[0] == "packetshield_" + name and \
                dict(re.findall(r'(\w+)="([^"]*)"', key)) == labels:
            return value
    return None


def linted(text):
    ran = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                         capture_output=True, check=False)
    return [] if ran.returncode == 0 and not ran.stdout + ran.stderr else \
        [ran.stdout, ran.stderr]


def send(wire, *packets):
    before = shield.total()
    for packet in packets:
        wire.send(packet)
    wait_received(before + len(packets))


def configure():
    """By apply, which is told of as well."""
    text = "instances shield\nshield/ifaces eth0\nshield/contexts 10.0.0.9, 10.0.0.8@7\n" \
        "shield/10.0.0.9/w_tcp_ports 1-65535\nshield/Other/new_cookie_threshold 500-100\n" \
        "shield/Other/p_tcp_ports 443\nshield/Other/unmatch_drop_toggled Other\n"
    do("apply", "-", stdin=text)


def equals_stats(found, context):
    problems = []
    for name, value in numbers("%s/%s/stats" % (shield.INSTANCE, context)).items():
        if name != "status":
            metric = "context_" + name + ("" if name.endswith("_total") else "_total")
            problems += unequal((name, value), (name, named(
                found, metric, shield="shield", context=context)))
    for name, packets in numbers("%s/%s/drops" % (shield.INSTANCE, context)).items():
        problems += unequal((name, packets or None), (name, named(
            found, "dropped_packets_total", shield="shield", context=context, reason=name)))
    return problems


def text(wire):
    first = do("metrics")
    report("promtool finds no fault, when nothing has happened", linted(first))
    report("... and apply hasn't run", unequal(None, named(
        samples(first), "last_apply_successful")))
    began = int(time.time())
    configure()
    bad = tcp(2, bad_checksum=1)
    send(wire, tcp(1), bad, bad, tcp(3, dst="10.0.0.9"))
    told_text = do("metrics")
    found = samples(told_text)
    report("promtool finds no fault", linted(told_text))
    report("what stats and drops say, metrics says: Other", equals_stats(found, "Other"))
    report("... of a context", equals_stats(found, "10.0.0.9"))
    report("... of the instance", unequal(
        [float(value) for value in numbers(shield.INSTANCE + "/stats").values()],
        [named(found, "instance_%s_total" % name, shield="shield")
         for name in ("rx", "capmissed", "tx")]))
    report("... and bytes", unequal(2.0 * (len(bad) - 14), named(
        found, "dropped_bytes_total", shield="shield", context="Other", reason="tcp_checksum")))
    report("silent contexts aren't told, but counted", unequal(
        (0, 3.0), ("10.0.0.8@7" in told_text and 1 or 0,
                   named(found, "instance_contexts", shield="shield"))))
    other = {"shield": "shield", "context": "Other"}
    report("protections and thresholds", unequal(
        (1.0, 1.0, 0.0, 500.0, 100.0, None),
        (named(found, "context_protection_active", protection="unmatch_drop", **other),
         named(found, "context_protection_by_hand", protection="unmatch_drop", **other),
         named(found, "context_protection_active", protection="new_cookie", **other),
         named(found, "context_threshold_on", protection="new_cookie", **other),
         named(found, "context_threshold_off", protection="new_cookie", **other),
         named(found, "context_threshold_on", protection="unmatch_drop", **other))))
    applied(found, began)
    run("drops")
    report("another namespace hasn't applied anything", unequal(0, subprocess.run(
        ["unshare", "-n", "sh", "-c", "! %s metrics | grep last_apply" % TOOL],
        check=False).returncode))


def applied(found, began):
    """The note that apply leaves."""
    success = named(found, "last_apply_success_timestamp_seconds")
    report("a successful apply is told", unequal((1.0, True, True), (
        named(found, "last_apply_successful"), began <= success <= time.time(),
        success == named(found, "last_apply_timestamp_seconds"))))
    run("apply", "-", stdin="nonsense\n")
    found = samples(do("metrics"))
    report("... and one that failed, with the last success", unequal((0.0, success, True), (
        named(found, "last_apply_successful"),
        named(found, "last_apply_success_timestamp_seconds"),
        named(found, "last_apply_timestamp_seconds") >= success)))
    configure()


def file(_):
    path = os.path.join(tempfile.mkdtemp(), "packetshield.prom")
    do("metrics", "--output", path)
    with open(path, encoding="ascii") as written:
        report("--output writes it, for all to read", unequal(
            (0o644, True), (os.stat(path).st_mode & 0o777,
                            written.read().startswith("# HELP packetshield_build_info"))))
    old = os.stat(path).st_ino
    do("metrics", "--output", path)
    report("... as a whole, leaving nothing else", unequal(
        (True, ["packetshield.prom"]),
        (os.stat(path).st_ino != old, os.listdir(os.path.dirname(path)))))
    for arguments, code, words in ((("--output", "/no/such/file"), 1, "No such file"),
                                   (("--output", path, "--http"), 2, "together"),
                                   (("shield",), 2, "too many")):
        ran = run("metrics", *arguments)
        report("refused: metrics " + " ".join(arguments), [] if ran.code == code and
               words in ran.err and not ran.out else [repr(ran)])
    with open("/dev/full", "w", encoding="ascii") as full:
        ran = subprocess.run([TOOL, "metrics"], stdout=full, stderr=subprocess.PIPE, check=False)
    report("a full disk is told", unequal((1, True), (ran.returncode, b"No space" in ran.stderr)))


def asked(request, wrap=()):
    """(status, headers, body) of what --http answers."""
    process = subprocess.Popen([*wrap, TOOL, "metrics", "--http"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, _ = process.communicate(request, timeout=4 * shield.TIMEOUT)
    head, body = out.split(b"\r\n\r\n", 1)
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ") for line in lines), body


def http(_):
    status, headers, body = asked(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    report("GET /metrics", unequal(
        (200, "text/plain; version=0.0.4; charset=utf-8", str(len(body)), "close"),
        (status, headers["Content-Type"], headers["Content-Length"], headers["Connection"])) +
        linted(body.decode()))
    report("HEAD /metrics", unequal((200, b""), asked(
        b"HEAD /metrics HTTP/1.0\r\n\r\n")[::2]))
    report("503 where the kernel refuses", unequal((503, b"no metrics\n"), asked(
        b"GET /metrics HTTP/1.1\r\n\r\n",
        wrap=("setpriv", "--reuid=65534", "--clear-groups"))[::2]))
    report("no right but CAP_NET_ADMIN is needed", unequal(200, asked(
        b"GET /metrics HTTP/1.1\r\n\r\n",
        wrap=("setpriv", "--bounding-set=-all,+net_admin", "--no-new-privs"))[0]))
    report("GET /", [] if b'href="/metrics"' in asked(b"GET / HTTP/1.1\r\n\r\n")[2] else ["?"])
    for request, expected in ((b"GET /metrics?x=1 HTTP/1.1\r\n\r\n", 200),
                              (b"GET /other HTTP/1.1\r\n\r\n", 404),
                              (b"GET /metricsx HTTP/1.1\r\n\r\n", 404),
                              (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
                              (b"GET /metrics HTTP/2.0\r\n\r\n", 505),
                              (b"GET /metrics\r\n\r\n", 400), (b"\r\n\r\n", 400),
                              (b"GET /metrics HTTP/1.1\r\n", 400), (b"", 400),
                              (b"GET /metrics HTTP/1.1 x\r\n\r\n", 400),
                              (b"GET /\0 HTTP/1.1\r\n\r\n", 400),
                              (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 400)):
        report("%d for %.30r" % (expected, request), unequal(expected, asked(request)[0]))


def scale(wire):
    configure()
    send(wire, tcp(3, dst="10.0.0.9"))
    names = "\n".join("10.%d.%d.%d" % (1 + (n >> 16), n >> 8 & 255, n & 255)
                      for n in range(CONTEXTS - 3))
    do("add", "shield", "contexts", "-", stdin=names + "\n")
    best = SLOW
    for _ in range(5):  # the machine may be busy with something else
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        out = do("metrics")
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print("# %d contexts: %.2f s, of the processor %.2f s" % (CONTEXTS, wall, busy))
        best = min(best, busy)
        if best < SLOW:
            break
    report("%d contexts, silent ones left out, in less than %d s" % (CONTEXTS, SLOW), unequal(
        (float(CONTEXTS), {"Other", "10.0.0.9"}, True),
        (named(samples(out), "instance_contexts", shield="shield"),
         set(re.findall(r'context="([^"]*)"', out)), best < SLOW)))
    do("del", "shield", "contexts", "-", stdin=names + "\n")


def exporter():
    """The unit's command for each connection, started as systemd does."""
    with open(UNIT, encoding="ascii") as unit:
        words = re.search("^ExecStart=@SBINDIR@/packetshield (.*)$", unit.read(), re.M)[1].split()
    process = subprocess.Popen(
        ["systemd-socket-activate", "--accept", "--inetd", "--listen=127.0.0.1:%d" % SERVED,
         os.path.abspath(TOOL), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        with contextlib.suppress(OSError):
            return fetch("http://127.0.0.1:%d/" % SERVED)
    report("the exporter answers", [] if shield.wait_until(answers, bool) else ["no"])
    return process


def end(process):
    process.send_signal(signal.SIGTERM)
    process.wait(10 * shield.TIMEOUT)


def activated(wire):
    """Scrapes at once, and one that says nothing for long."""
    configure()
    send(wire, tcp(1))
    process = exporter()
    silent = socket.create_connection(("127.0.0.1", SERVED))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(fetch, ["http://127.0.0.1:%d/metrics" % SERVED] * 4))
    report("four scrapes at once, while a fifth is silent: each has all of it", unequal(
        1, len(set(bodies))) + linted(bodies[0].decode()) + unequal(True, named(
            samples(bodies[0].decode()), "instance_rx_total", shield="shield") > 0))
    silent.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
    with silent.makefile("rb") as answer:
        report("... which is answered when it asks", unequal(b"HTTP/1.1 200 OK\r\n",
                                                            answer.readline()))
    silent.close()
    end(process)


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def query(expression):
    """What Prometheus answers: the list of series, or the error."""
    try:
        answer = json.loads(fetch("http://127.0.0.1:%d/api/v1/query?%s" % (
            PROMETHEUS, urllib.parse.urlencode({"query": expression}))))
    except urllib.error.HTTPError as error:
        # 503: it is starting.
        return [] if error.code == 503 else error.read().decode()
    except OSError:
        return []
    return answer["data"]["result"]


def start_prometheus(directory):
    path = os.path.join(directory, "prometheus.yml")
    with open(path, "w", encoding="ascii") as config:
        config.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
                     "- job_name: packetshield\n  scrape_interval: %ds\n  scrape_timeout: %ds\n"
                     "  static_configs: [{targets: ['127.0.0.1:%d']}]\n" %
                     (min(SLOW, 10), min(SLOW, 10), SERVED))
    return subprocess.Popen(
        ["prometheus", "--config.file=" + path, "--storage.tsdb.path=" + directory + "/data",
         "--web.listen-address=127.0.0.1:%d" % PROMETHEUS],
        stdout=subprocess.DEVNULL, stderr=open(directory + "/log", "wb"))


def expressions():
    """(panel, expression) of the dashboard, its variables filled in."""
    with open(DASHBOARD, encoding="ascii") as file_:
        dashboard = json.load(file_)
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "1m" if SLOW == 1 else "10m")
            for variable in ("$shield", "$context"):
                expression = expression.replace(variable, ".*")
            yield panel["title"], expression


def variables():
    """(variable, metric, label) of the dashboard."""
    with open(DASHBOARD, encoding="ascii") as file_:
        for variable in json.load(file_)["templating"]["list"]:
            if variable["type"] == "query":
                metric, label = re.match(r"label_values\((.*), (\w+)\)$",
                                         variable["query"]).groups()
                yield variable["name"], metric.replace("$shield", ".*"), label


def alerts():
    """The expressions of docs/metrics.md."""
    with open("docs/metrics.md", encoding="ascii") as page:
        lines = page.read().split("## Alerts", 1)[1].splitlines()
    block = "\n".join(line[4:] for line in lines if line.startswith("    "))
    return [" ".join(part.split()) for part in re.split("^#.*$", block, flags=re.M)
            if part.strip()]


def prometheus(wire):
    configure()
    served = exporter()
    directory = tempfile.mkdtemp()
    process = start_prometheus(directory)
    timeout = 10 * shield.TIMEOUT
    up = shield.wait_until(lambda: query("up"), lambda found: found and
                           found[0]["value"][1] == "1", timeout)
    report("Prometheus scrapes it", [] if up and up[0]["value"][1] == "1" else
           [repr(up), open(directory + "/log", encoding="utf-8").read()[-2000:]])

    def moving():
        """Rates need two scrapes, with packets between."""
        for number in range(10):
            wire.send(tcp(number, dport=443))
            wire.send(tcp(number, bad_checksum=1))
        return query("rate(packetshield_dropped_packets_total[1m])")
    shield.wait_until(moving, lambda found: found, timeout)
    for title, expression in expressions():
        found = shield.wait_until(lambda e=expression: query(e),
                                  lambda found: isinstance(found, str) or found, timeout / 10)
        report("dashboard: %s: %s" % (title, expression), [] if found and
               not isinstance(found, str) else [repr(found)])
    for expression in alerts():
        # What it compares must be there; whether it is so bad is another matter.
        names = set(re.findall(r"packetshield_\w+", expression))
        report("docs/metrics.md: " + expression, unequal(list, type(query(expression))) +
               unequal((True, []), (bool(names), [name for name in names if not query(name)])))
    for variable, metric, label in variables():
        report("dashboard: variable %s" % variable, unequal(True, bool(
            [one for one in query(metric) if one["metric"].get(label)])))
    report("an expression that is none is refused", unequal(str, type(query("rate("))))
    report("an expression of what there isn't finds nothing", unequal(
        [], query("packetshield_no_such_total")))
    same = shield.wait_until(
        lambda: (query('packetshield_dropped_packets_total{reason="tcp_checksum"}'),
                 shield.counters()["tcp_checksum"]),
        lambda pair: pair[0] and float(pair[0][0]["value"][1]) == pair[1], timeout)
    report("Prometheus has the number that drops has", unequal(
        float(same[1]), float(same[0][0]["value"][1]) if same[0] else None))
    end(process)
    end(served)
    shutil.rmtree(directory)


if __name__ == "__main__":
    globals()[sys.argv[1]](shield.packet_socket("shield", 0, "eth1"))
    print("end")

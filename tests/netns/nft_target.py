#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds the target PACKETSHIELD to a chain of nftables, which nft itself can't.

nft_target.py FAMILY TABLE CHAIN INSTANCE: prints OK or the errno that the kernel
gives. The message is what iptables-nft would send.
"""
import errno
import socket
import struct
import sys

NETLINK_NETFILTER = 12
FAMILIES = {"inet": 1, "ip": 2, "arp": 3, "netdev": 5, "bridge": 7, "ip6": 10}
BEGIN, END, SUBSYSTEM, NEWRULE = 16, 17, 10, 6
REQUEST, ACK, CREATE, APPEND = 1, 4, 0x400, 0x800
NESTED = 0x8000
RULE_TABLE, RULE_CHAIN, RULE_EXPRESSIONS = 1, 2, 4
LIST_ELEM, EXPR_NAME, EXPR_DATA = 1, 1, 2
TARGET_NAME, TARGET_REVISION, TARGET_INFO = 1, 2, 3
INFO = struct.Struct("64sQ")


def attribute(kind, value):
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + bytes(-len(data) % 4)


def text(kind, value):
    return attribute(kind, value.encode() + b"\0")


def nest(kind, *attributes):
    return attribute(kind | NESTED, b"".join(attributes))


def message(kind, flags, family, resource, body=b""):
    return struct.pack("=IHHIIBBH", 20 + len(body), kind, REQUEST | flags, 1, 0, family, 0,
                       socket.htons(resource)) + body


def rule(table, chain, instance):
    target = nest(EXPR_DATA, text(TARGET_NAME, "PACKETSHIELD"),
                  attribute(TARGET_REVISION, struct.pack("!I", 0)),
                  attribute(TARGET_INFO, INFO.pack(instance.encode(), 0)))
    expression = nest(LIST_ELEM, text(EXPR_NAME, "target"), target)
    return (text(RULE_TABLE, table) + text(RULE_CHAIN, chain) +
            nest(RULE_EXPRESSIONS, expression))


def main():
    family, table, chain, instance = sys.argv[1:]
    batch = (message(BEGIN, 0, 0, SUBSYSTEM) +
             message(SUBSYSTEM << 8 | NEWRULE, CREATE | APPEND | ACK, FAMILIES[family], 0,
                     rule(table, chain, instance)) +
             message(END, 0, 0, SUBSYSTEM))
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    sock.settimeout(60)
    sock.bind((0, 0))
    sock.send(batch)
    answer = sock.recv(65536)
    code = -struct.unpack_from("=i", answer, 16)[0]
    print(errno.errorcode[code] if code else "OK")


main()

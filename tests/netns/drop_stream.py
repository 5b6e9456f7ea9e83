# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten packets a second that are dropped, for two reasons in turn, until killed."""
import time

import shield
from capture_cases import tcp

WIRE = shield.packet_socket("shield", 0, "eth1")
while True:
    WIRE.send(tcp(1))
    time.sleep(0.1)
    WIRE.send(tcp(2, bad_checksum=1))
    time.sleep(0.1)

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of sessions share, on top of lib.sh.

# The peers of session_wire.py: addresses that no host has, known to the shield
# without asking.
session_neighbours() {
	ip -n "$NS_PREFIX-shield" -batch - <<-'END'
		neigh replace 10.0.0.99 lladdr 02:00:00:00:00:63 dev eth0 nud permanent
		neigh replace 2001:db8::99 lladdr 02:00:00:00:00:63 dev eth0 nud permanent
		neigh replace 10.1.0.99 lladdr 02:00:00:00:00:63 dev eth0.100 nud permanent
		neigh replace 2001:db8:1::99 lladdr 02:00:00:00:00:63 dev eth0.100 nud permanent
	END
}

# nginx on all addresses of the host NAME, with the files of DIRECTORY; each
# page has a connection of its own.
session_nginx() { # session_nginx NAME PORT DIRECTORY
	cat >"$3/nginx.conf" <<-END
		daemon off;
		pid $3/nginx.pid;
		error_log $3/error.log;
		worker_processes 1;
		events { }
		http {
			access_log off;
			keepalive_timeout 0;
			server {
				listen $2; listen [::]:$2;
				root $3;
			}
		}
	END
	chmod 755 "$3"
	host "$1" nginx -c "$3/nginx.conf" 2>/dev/null & disown
	wait_for on "$1" "ss -ltn | grep -q :$2"
}

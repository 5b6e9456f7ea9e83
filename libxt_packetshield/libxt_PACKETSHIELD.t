:PREROUTING,OUTPUT
*raw
-j PACKETSHIELD --instance shield;=;OK
-j PACKETSHIELD --instance a.b_c-9;=;OK
-p tcp -m multiport --dports 80,443 -j PACKETSHIELD --instance shield;=;OK
-j PACKETSHIELD --instance 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde;=;OK
-j PACKETSHIELD --instance 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef;;FAIL
-j PACKETSHIELD --instance nobody;;FAIL
-j PACKETSHIELD --instance a/b;;FAIL
-j PACKETSHIELD --instance "";;FAIL
-j PACKETSHIELD --instance;;FAIL
-j PACKETSHIELD;;FAIL
-j PACKETSHIELD --instances shield;;FAIL
*mangle
-j PACKETSHIELD --instance shield;=;OK
:INPUT,FORWARD,POSTROUTING
-j PACKETSHIELD --instance shield;;FAIL
:OUTPUT
*nat
-j PACKETSHIELD --instance shield;;FAIL

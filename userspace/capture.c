// SPDX-License-Identifier: GPL-2.0-or-later
/* See capture.h. */
#include <pcap/pcap.h>

#include "capture.h"
#include "command.h"
#include "print.h"

static int refuse_link_type(struct ps_capture *capture)
{
	int type = pcap_datalink(capture->pcap);
	const char *name = pcap_datalink_val_to_name(type);

	ps_print_error("%s: its link type is %s, not Ethernet", capture->name,
		       name ? name : "unknown");
	if (type == DLT_LINUX_SLL || type == DLT_LINUX_SLL2)
		ps_print_hint("capture on one interface, \"tcpdump -i eth0\", not on \"any\"");
	ps_capture_close(capture);
	return PS_EXIT_FAILED;
}

int ps_capture_open(struct ps_capture *capture, FILE *from, const char *name)
{
	char error[PCAP_ERRBUF_SIZE] = "";

	*capture = (struct ps_capture){ .name = name };
	capture->pcap =
		pcap_fopen_offline_with_tstamp_precision(from, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!capture->pcap) {
		ps_print_error("%s: %s", name, error);
		ps_print_hint("captures are files of the form pcap or pcapng");
		fclose(from);
		return PS_EXIT_FAILED;
	}
	return pcap_datalink(capture->pcap) == DLT_EN10MB ? PS_EXIT_OK : refuse_link_type(capture);
}

void ps_capture_close(struct ps_capture *capture)
{
	if (capture->pcap)
		pcap_close(capture->pcap);
	capture->pcap = NULL;
}

int ps_capture_next(struct ps_capture *capture, struct ps_capture_frame *frame)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	switch (pcap_next_ex(capture->pcap, &header, &data)) {
	case 1:
		break;
	case PCAP_ERROR_BREAK:
		return 0;
	default:
		ps_print_error("%s: behind packet %llu: %s", capture->name,
			       (unsigned long long)capture->number, pcap_geterr(capture->pcap));
		ps_print_hint("the file is damaged, or was cut off while it was written");
		return -1;
	}
	/* In nanoseconds, as was asked for. */
	*frame = (struct ps_capture_frame){
		.data = data,
		.captured = header->caplen,
		.length = max(header->len, header->caplen),
		.time = (u64)header->ts.tv_sec * 1000000000 + (u64)header->ts.tv_usec,
		.number = ++capture->number,
	};
	return 1;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* PacketShield: the module. Start in order, unwind in reverse, nothing else. */
#include <linux/module.h>

#include "garbage.h"
#include "hook_xtables.h"
#include "netlink.h"
#include "netns.h"
#include "skb.h"
#include "syncookie.h"
#include "sysfs.h"
#include "toggle.h"
#include "version.h"

static int __init ps_main_init(void)
{
	int err;

	err = ps_toggle_init();
	if (err)
		return err;
	err = ps_garbage_init();
	if (err)
		goto err_garbage;
	err = ps_skb_init();
	if (err)
		goto err_skb;
	err = ps_syncookie_init();
	if (err)
		goto err_syncookie;
	err = ps_sysfs_init();
	if (err)
		goto err_sysfs;
	err = ps_netns_init();
	if (err)
		goto err_netns;
	err = ps_hook_xtables_init();
	if (err)
		goto err_xtables;
	err = ps_netlink_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	ps_hook_xtables_exit();
err_xtables:
	ps_netns_exit();
err_netns:
	ps_sysfs_exit();
err_sysfs:
	ps_syncookie_exit();
err_syncookie:
	ps_skb_exit();
err_skb:
	ps_garbage_exit();
err_garbage:
	ps_toggle_exit();
	return err;
}

static void __exit ps_main_exit(void)
{
	ps_netlink_exit();
	ps_hook_xtables_exit();
	ps_netns_exit();
	ps_sysfs_exit();
	ps_syncookie_exit();
	ps_skb_exit();
	ps_garbage_exit();
	ps_toggle_exit();
}

module_init(ps_main_init);
module_exit(ps_main_exit);

MODULE_DESCRIPTION("PacketShield: DDoS protection between the NIC driver and the stack");
MODULE_AUTHOR("The PacketShield developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(PS_VERSION);

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/psbench: an order is carried out by the write() that brings it, in the
 * network namespace of the writer; read() on the same open file gives the answer.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "bench.h"

#define BENCH_LINE 512

struct bench_file {
	char answer[BENCH_LINE];
};

static int bench_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct bench_file), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int bench_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t bench_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	struct bench_file *answer = file->private_data;
	struct bench_params params;
	char *line;
	int err;

	if (count >= BENCH_LINE)
		return -EINVAL;
	line = memdup_user_nul(from, count);
	if (IS_ERR(line))
		return PTR_ERR(line);
	answer->answer[0] = 0;
	err = bench_params_parse(&params, line);
	if (!err)
		err = bench_run(&params, answer->answer, sizeof(answer->answer));
	kfree(line);
	return err ?: count;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	struct bench_file *answer = file->private_data;
	size_t length = min(count, strlen(answer->answer));

	if (copy_to_user(to, answer->answer, length))
		return -EFAULT;
	/* An answer is read once. */
	memmove(answer->answer, answer->answer + length, sizeof(answer->answer) - length);
	return length;
}

static const struct file_operations bench_operations = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.release = bench_release,
	.write = bench_write,
	.read = bench_read,
};

static struct miscdevice bench_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "psbench",
	.fops = &bench_operations,
};

static int __init bench_init(void)
{
	int err = bench_hooks_init();

	if (err)
		return err;
	err = misc_register(&bench_device);
	if (err)
		bench_hooks_exit();
	return err;
}

static void __exit bench_exit(void)
{
	misc_deregister(&bench_device);
	bench_nic_exit();
	bench_hooks_exit();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packet generator of PacketShield's measurements");

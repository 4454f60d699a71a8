/*
 * Runs the smallest virtual machine there is, in a page of 16-bit code: it writes COUNT bytes to a port, each of which is
 * an exit, and halts. Fails where there is no KVM.
 * usage: guest COUNT
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define PAGE 4096

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1;
	int kvm = open("/dev/kvm", O_RDWR);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		return 1;
	unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned char *end = code;
	end = mempcpy(end, "\xba\xf8\x03", 3); /* mov dx, 3f8h */
	for (int i = 0; i < count && i < 1000; i++)
		*end++ = 0xee; /* out dx, al */
	*end = 0xf4; /* hlt */
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = PAGE, .memory_size = PAGE, .userspace_addr = (unsigned long)code
	};
	ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
	int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	struct kvm_run *run =
		mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	struct kvm_sregs system;
	ioctl(cpu, KVM_GET_SREGS, &system);
	system.cs.base = 0;
	system.cs.selector = 0;
	ioctl(cpu, KVM_SET_SREGS, &system);
	struct kvm_regs registers = { .rip = PAGE, .rflags = 2 };
	ioctl(cpu, KVM_SET_REGS, &registers);
	do
		if (ioctl(cpu, KVM_RUN, 0) < 0)
			return 1;
	while (run->exit_reason == KVM_EXIT_IO);
	return run->exit_reason != KVM_EXIT_HLT;
}

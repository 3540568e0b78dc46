/** Numbers from the kernel's syscall tables (arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h). */
const ARCHITECTURES: Readonly<Record<string, { audit: number; socket: number; denied: Readonly<Record<string, number>> }>> = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    denied: {
      ptrace: 101, personality: 135, pivot_root: 155, chroot: 161, acct: 163, mount: 165, umount2: 166, swapon: 167, swapoff: 168,
      reboot: 169, init_module: 175, delete_module: 176, kexec_load: 246, add_key: 248, request_key: 249, keyctl: 250,
      unshare: 272, perf_event_open: 298, fanotify_init: 300, name_to_handle_at: 303, open_by_handle_at: 304, setns: 308,
      process_vm_readv: 310, process_vm_writev: 311, finit_module: 313, kexec_file_load: 320, bpf: 321, userfaultfd: 323,
      io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427, open_tree: 428, move_mount: 429, fsopen: 430,
      fsconfig: 431, fsmount: 432, fspick: 433, mount_setattr: 442,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    denied: {
      umount2: 39, mount: 40, pivot_root: 41, chroot: 51, acct: 89, personality: 92, unshare: 97, kexec_load: 104, init_module: 105,
      delete_module: 106, ptrace: 117, reboot: 142, add_key: 217, request_key: 218, keyctl: 219, swapon: 224, swapoff: 225,
      perf_event_open: 241, fanotify_init: 262, name_to_handle_at: 264, open_by_handle_at: 265, setns: 268,
      process_vm_readv: 270, process_vm_writev: 271, finit_module: 273, bpf: 280, userfaultfd: 282, kexec_file_load: 294,
      io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427, open_tree: 428, move_mount: 429, fsopen: 430,
      fsconfig: 431, fsmount: 432, fspick: 433, mount_setattr: 442,
    },
  },
};

/** Unix, IPv4, IPv6 and netlink. Any other, vsock above all, is not bound to the network namespace. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** x86-64's second table of syscalls (x32) starts here and would pass by the numbers above. */
const X32_BIT = 0x40000000;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;
const EPERM = 1;
const EAFNOSUPPORT = 97;

/**
 * A filter in the kernel's own form (struct sock_filter[]) that refuses what no engine needs and escapes are made of.
 * It is a second wall behind the namespaces, so it lists what is refused: a list of what is allowed would break engines with each libc.
 * @returns undefined for an architecture whose numbers are not listed here.
 */
export function seccompFilter(arch: string): Buffer | undefined {
  const table = ARCHITECTURES[arch];
  if (!table) return undefined;
  const program: [code: number, yes: number, no: number, value: number][] = [
    [LOAD, 0, 0, 4],
    [JUMP_EQUAL, 1, 0, table.audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, 0],
    [JUMP_GREATER_OR_EQUAL, 0, 1, X32_BIT],
    [RETURN, 0, 0, fail(EPERM)],
  ];
  for (const number of Object.values(table.denied)) program.push([JUMP_EQUAL, 0, 1, number], [RETURN, 0, 0, fail(EPERM)]);
  program.push([JUMP_EQUAL, 0, SOCKET_FAMILIES.length * 2 + 2, table.socket], [LOAD, 0, 0, 16]);
  for (const family of SOCKET_FAMILIES) program.push([JUMP_EQUAL, 0, 1, family], [RETURN, 0, 0, ALLOW]);
  program.push([RETURN, 0, 0, fail(EAFNOSUPPORT)], [RETURN, 0, 0, ALLOW]);
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, yes, no, value], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(yes, i * 8 + 2);
    bytes.writeUInt8(no, i * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, i * 8 + 4);
  });
  return bytes;
}

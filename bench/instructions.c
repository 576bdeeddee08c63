/* A plugin of QEMU's user-mode emulators that counts executed instructions; bench/instructions.py says how
 * to use it.
 *
 * The emulated program says where a stage ends by the system call getpriority(0, 900000000 + NUMBER); its
 * number on the processor is the argument `call`. The file `out` gets for each stage "stage NUMBER", then
 * for each block of code that ran in it "block ADDRESS INSTRUCTIONS"; what comes after the last stage
 * is not written. At the end it gets the process's memory map. Threads that run at the same time lose
 * counts: use one.
 *
 * The declarations are those of QEMU's plugin interface, version 1, as its documentation gives them
 * (https://www.qemu.org/docs/master/devel/tcg-plugins.html): Debian ships no header.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum { kAddU64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation, void *counter,
                                              uint64_t step);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id,
                                          void (*callback)(qemu_plugin_id_t, unsigned, int64_t, uint64_t,
                                                           uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                                                           uint64_t, uint64_t));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t, void *),
                                    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);

EXPORT int qemu_plugin_version = 1;

struct Block {
    struct Block *next;
    uint64_t address;
    uint64_t instructions;
};

static struct Block *blocks; /* QEMU translates under a lock */
static FILE *out;
static int64_t call = -1;
static const uint64_t kFirstStage = 900000000;

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    struct Block *counted = calloc(1, sizeof *counted);
    if (!counted) abort();
    counted->address = qemu_plugin_tb_vaddr(block);
    counted->next = blocks;
    blocks = counted;
    qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, &counted->instructions,
                                             qemu_plugin_tb_n_insns(block));
}

static void called(qemu_plugin_id_t id, unsigned cpu, int64_t number, uint64_t which, uint64_t who,
                   uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
    (void)id, (void)cpu, (void)which, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number != call || who < kFirstStage || who >= 2 * kFirstStage) return;
    fprintf(out, "stage %" PRIu64 "\n", who - kFirstStage);
    for (struct Block *b = blocks; b; b = b->next) {
        if (b->instructions) fprintf(out, "block %" PRIx64 " %" PRIu64 "\n", b->address, b->instructions);
        b->instructions = 0;
    }
}

static void write_map(qemu_plugin_id_t id, void *data) {
    (void)id, (void)data;
    char line[8192];
    FILE *map = fopen("/proc/self/maps", "r");
    while (map && fgets(line, sizeof line, map)) fputs(line, out);
    if (map) fclose(map);
    fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; ++i) {
        if (strncmp(argv[i], "out=", 4) == 0) out = fopen(argv[i] + 4, "w");
        if (strncmp(argv[i], "call=", 5) == 0) call = atoll(argv[i] + 5);
    }
    if (!out || call < 0) {
        fprintf(stderr, "the plugin needs out=FILE, which can be written, and call=NUMBER\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    qemu_plugin_register_atexit_cb(id, write_map, NULL);
    return 0;
}

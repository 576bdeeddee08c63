// IDOCR_CLONES before a function compiles it for plain x86-64, for AVX2 and for AVX-512, and lets the
// loader pick. aarch64 has NEON as its baseline and needs no second copy; the sanitizers cannot see
// through the loader's choice, so the test build leaves it out. gcc 12 cannot unwind through such a
// function: it must not throw. Only where a bench row says it pays.
#pragma once

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define IDOCR_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#define IDOCR_HAS_CLONES
#else
#define IDOCR_CLONES
#endif

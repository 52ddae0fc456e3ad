"""Which CPU variants of the kernels this machine can run."""

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    static int has_avx2(void) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("bmi2");
    }
    static int has_avx512(void) {
        return has_avx2() && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    }
    #else
    static int has_avx2(void) { return 0; }
    static int has_avx512(void) { return 0; }
    #endif
    """
    int has_avx2()
    int has_avx512()


def runnable():
    """Names of the variants that this CPU can run, the fastest first.

    Importing a variant that the CPU cannot run kills the process (SIGILL), so this
    is asked first; the operating system's support for the registers is included.
    """
    names = ["baseline"]
    if has_avx2():
        names.insert(0, "avx2")
    if has_avx512():
        names.insert(0, "avx512")
    return names

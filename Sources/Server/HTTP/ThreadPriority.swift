#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Threads that come from a dispatch queue have lost the priority that the program was started with (`nice`): Linux keeps one for each thread.
enum ThreadPriority {
    /// Gives the calling thread that of the program's first thread.
    static func takeProgramsOwn() {
        #if os(Linux)
            errno = 0
            let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(getpid()))
            if errno == 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, own) }
        #endif
    }
}

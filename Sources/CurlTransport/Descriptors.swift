internal import Glibc

/// Whether this process can open anything more.
enum Descriptors {
    static let advice =
        "no file descriptor is left for a connection, of which each takes three: raise the process's limit (ulimit -n, "
        + "LimitNOFILE=), or lower max-connections"

    /// libcurl tells it in many ways, or as a service that does not listen: what is asked is the kernel.
    static var areUsedUp: Bool {
        let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
        if descriptor >= 0 { close(descriptor) }
        guard descriptor < 0 else { return false }
        guard errno == EBADF else { return errno == EMFILE || errno == ENFILE }
        // Standard input is closed.
        let other = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if other >= 0 { close(other) }
        return other < 0 && (errno == EMFILE || errno == ENFILE)
    }
}

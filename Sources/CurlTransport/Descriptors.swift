internal import Glibc

/// Whether this process can open anything more.
enum Descriptors {
    static let advice =
        "no file descriptor is left for a connection, of which each takes three: raise the process's limit (ulimit -n, "
        + "LimitNOFILE=), or lower max-connections"

    /// Whether fewer than so many are left. Below a few, what the process is made of fails too: libdispatch ends it, which looks
    /// at its threads by way of /proc.
    static func areFewer(than count: Int) -> Bool {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { taken in
            var found = 0
            defer { for place in 0..<found { close(taken[place]) } }
            while found < count {
                let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0)
                guard descriptor >= 0 else { return errno == EMFILE || errno == ENFILE }
                taken[found] = descriptor
                found += 1
            }
            return false
        }
    }

    /// How many are left to the rest of the process, and how many more each connection that is being made may take.
    static let (reserve, forEachConnection) = (16, 2)

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

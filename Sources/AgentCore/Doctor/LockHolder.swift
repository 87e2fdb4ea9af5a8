import Glibc

/// Who holds an agent's lock, by the kernel's own list of locks: to try the lock could stop an agent that starts this moment.
enum LockHolder {
    /// The process that holds a directory; 0 where it cannot be told, nil where nobody does.
    /// - Parameter comparesDevice: whether the file system has to be the same too: numbers of files repeat among tmpfs mounts,
    ///   but layered file systems show another device there than to `stat`.
    static func find(in directory: String, comparesDevice: Bool = false) -> Int32? {
        var facts = stat()
        guard stat(directory + "/" + DirectoryLock.fileName, &facts) == 0, let locks = LockTable() else { return nil }
        return locks.entries.first { lock in
            lock.kind == "FLOCK" && lock.number == UInt64(facts.st_ino)
                && (!comparesDevice || lock.device == LockTable.parts(of: facts.st_dev))
        }?.process
    }
}

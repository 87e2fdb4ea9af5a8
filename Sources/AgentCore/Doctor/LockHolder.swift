import Glibc

/// Who holds an agent's lock, by the kernel's own list of locks: to try the lock could stop an agent that starts this moment.
enum LockHolder {
    /// The process that holds a directory; 0 where it cannot be told, nil where nobody does.
    ///
    /// Numbers of files repeat from one file system to the next. Layered ones show another device in the list than to `stat`: there a
    /// lock on that number counts only where it is of the process that the file names.
    /// - Parameter comparesDevice: whether the file system has to be the same in any case.
    static func find(in directory: String, comparesDevice: Bool = false) -> Int32? {
        let path = directory + "/" + DirectoryLock.fileName
        var facts = stat()
        guard stat(path, &facts) == 0, let locks = LockTable() else { return nil }
        let named = FileSystem.firstBytes(of: path, count: 16).flatMap { bytes in
            Int32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
        }
        return holder(
            of: UInt64(facts.st_ino), on: LockTable.parts(of: facts.st_dev), namedIn: named, in: locks.entries,
            comparesDevice: comparesDevice)
    }

    /// - Parameter process: the one that the lock's file names; nil where it cannot be read.
    static func holder(
        of number: UInt64, on device: [UInt64?], namedIn process: Int32?, in locks: [LockTable.Entry],
        comparesDevice: Bool = false
    ) -> Int32? {
        let held = locks.filter { $0.kind == "FLOCK" && $0.number == number }
        if let exact = held.first(where: { $0.device == device }) { return exact.process }
        guard !comparesDevice else { return nil }
        // Of a process outside of this one's own processes the list says no number.
        return held.first { lock in process.map { lock.process == $0 || lock.process <= 0 } ?? true }?.process
    }
}

import Glibc

/// Who holds an agent's lock, by the kernel's own list of locks: to try the lock could stop an agent that starts this moment.
enum LockHolder {
    /// The process that holds a directory; 0 where it cannot be told, nil where nobody does.
    /// - Parameter comparesDevice: whether the file system has to be the same too: numbers of files repeat among tmpfs mounts,
    ///   but layered file systems show another device there than to `stat`.
    static func find(in directory: String, comparesDevice: Bool = false) -> Int32? {
        var facts = stat()
        guard stat(directory + "/" + DirectoryLock.fileName, &facts) == 0,
            let list = FileSystem.read("/proc/locks", maximumBytes: 4 << 20)
        else { return nil }
        // "1: FLOCK  ADVISORY  WRITE 4711 00:1a:42 0 EOF": device in hexadecimal, number in decimal.
        for line in String(decoding: list, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK" else { continue }
            let file = fields[5].split(separator: ":")
            guard file.count == 3, UInt64(file[2]) == UInt64(facts.st_ino) else { continue }
            let device = [UInt64(file[0], radix: 16), UInt64(file[1], radix: 16)]
            if !comparesDevice || device == [major(facts.st_dev), minor(facts.st_dev)] { return Int32(fields[4]) ?? 0 }
        }
        return nil
    }

    // https://man7.org/linux/man-pages/man3/makedev.3.html, whose macros Swift does not see.
    private static func major(_ device: UInt) -> UInt64 { UInt64(device >> 8 & 0xfff) }
    private static func minor(_ device: UInt) -> UInt64 { UInt64(device & 0xff | device >> 12 & 0xfff00) }
}

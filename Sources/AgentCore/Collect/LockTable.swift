/// The kernel's own list of locks (/proc/locks): it knows those of files without a name, of other users and in other
/// containers, and asking it disturbs nobody.
struct LockTable {
    /// A lock of a whole file or of a part of it.
    struct Entry {
        /// `FLOCK`, `POSIX` or `OFDLCK`.
        let kind: Substring
        /// Who has taken it; -1 for a lock that belongs to an open file, 0 where it cannot be told.
        let process: Int32
        /// Device and number of the file, as the kernel names them: layered file systems show another device here than to `stat`.
        let file: Substring

        /// The file's number.
        var number: UInt64? { file.split(separator: ":").last.flatMap { UInt64($0) } }
        /// The device's two numbers.
        var device: [UInt64?] { file.split(separator: ":").dropLast().map { UInt64($0, radix: 16) } }
    }

    let entries: [Entry]

    /// The list as it is now; nil where there is none.
    init?() {
        guard let list = FileSystem.read("/proc/locks", maximumBytes: 4 << 20) else { return nil }
        // "1: OFDLCK ADVISORY  WRITE -1 00:1a:42 0 0": device in hexadecimal, number in decimal.
        entries = String(decoding: list, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count >= 6 else { return nil }
            return Entry(kind: fields[1], process: Int32(fields[4]) ?? 0, file: fields[5])
        }
    }

    /// How the list names a file that a telemetry writer holds; nil where none holds one of that number.
    func heldFile(number: UInt64, device: UInt) -> String? {
        let held = entries.filter { $0.kind == Self.writersKind && $0.number == number }
        let exact = held.first { $0.device == Self.parts(of: device) }
        return (exact ?? held.first).map { String($0.file) }
    }

    /// Whether a telemetry writer holds a file of that name in the list.
    func holds(_ file: String) -> Bool { entries.contains { $0.kind == Self.writersKind && $0.file == file } }

    private static let writersKind = "OFDLCK"

    /// The device's two numbers, as in the list. https://man7.org/linux/man-pages/man3/makedev.3.html, whose macros Swift does not
    /// see.
    static func parts(of device: UInt) -> [UInt64] {
        [UInt64(device >> 8 & 0xfff), UInt64(device & 0xff | device >> 12 & 0xfff00)]
    }
}

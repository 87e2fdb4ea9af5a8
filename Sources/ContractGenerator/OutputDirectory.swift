#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The directory that generated files stand in, beside files of somebody's own.
public struct OutputDirectory: Sendable {
    /// Its path.
    public let path: String

    /// A directory, which need not be there yet.
    public init(path: String) { self.path = path }

    /// What writing would change.
    public struct Difference: Sendable, Equatable {
        /// Files that are not there, or not as they would be generated.
        public var changed: [String] = []
        /// Files that were generated from a contract of the same name, and would not be any more.
        public var stale: [String] = []
        /// Files that stand in the way: somebody's own.
        public var foreign: [String] = []

        /// Names what differs.
        public init(changed: [String] = [], stale: [String] = [], foreign: [String] = []) {
            self.changed = changed
            self.stale = stale
            self.foreign = foreign
        }

        /// Whether everything is as it would be generated.
        public var isEmpty: Bool { changed.isEmpty && stale.isEmpty && foreign.isEmpty }
    }

    /// Why a file could not be read or written.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// One sentence.
        public var description: String
    }

    /// Compares what is there with what would be generated. Writes nothing.
    public func compare(_ code: GeneratedCode) throws(Failure) -> Difference {
        var difference = Difference()
        for file in code.files {
            guard let existing = try read(file.name) else {
                difference.changed.append(file.name)
                continue
            }
            if !existing.hasPrefix(GeneratedCode.mark) {
                difference.foreign.append(file.name)
            } else if existing != file.text {
                difference.changed.append(file.name)
            }
        }
        guard let header = code.files.first?.text.split(separator: "\n").first else { return difference }
        for name in try names() where name.hasSuffix(".swift") && !code.files.contains(where: { $0.name == name }) {
            let isOfThisContract = try read(name)?.split(separator: "\n").first == header
            if isOfThisContract { difference.stale.append(name) }
        }
        return difference
    }

    /// Writes what has changed and removes what is stale. What stands in the way is left alone: ask `compare` first.
    public func write(_ code: GeneratedCode, _ difference: Difference) throws(Failure) {
        try make()
        for file in code.files where difference.changed.contains(file.name) { try write(file) }
        for name in difference.stale where unlink("\(path)/\(name)") != 0 {
            throw failure("\(path)/\(name) cannot be removed")
        }
    }

    // MARK: Files

    private func failure(_ what: String) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(errno)))")
    }

    private func make() throws(Failure) {
        var place = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            place += (place.isEmpty || place == "/" ? "" : "/") + part
            guard mkdir(place, 0o755) == 0 || errno == EEXIST else { throw failure("\(place) cannot be made") }
        }
    }

    private func names() throws(Failure) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure("\(path) cannot be read")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    /// The file's text; nil where there is none.
    private func read(_ name: String) throws(Failure) -> String? {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("\(path)/\(name) cannot be read")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let room = chunk.count
            let count = chunk.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { systemRead(descriptor, $0, room) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("\(path)/\(name) cannot be read") }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// Beside the old file and then in its place, so that nobody compiles half of one.
    private func write(_ file: GeneratedFile) throws(Failure) {
        let place = "\(path)/\(file.name)"
        let beside = "\(path)/.\(file.name).new"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("\(place) cannot be written") }
        var rest = Array(file.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                buffer.baseAddress.map { systemWrite(descriptor, $0, buffer.count) } ?? 0
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failure("\(place) cannot be written")
                close(descriptor)
                unlink(beside)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        guard close(descriptor) == 0, rename(beside, place) == 0 else { throw failure("\(place) cannot be written") }
    }
}

private let systemRead = read
private let systemWrite = write

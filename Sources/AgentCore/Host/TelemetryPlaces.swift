import Glibc
import Telemetry

/// Looks where services may write their telemetry, for an agent that sees none.
package struct TelemetryPlaces: Sendable {
    /// A directory with telemetry files that is not the agent's.
    package struct Place: Sendable, Equatable {
        package var path: String
        /// How many telemetry files are there; nil where this user may not look.
        package var files: Int?
        /// A process that writes there, where one is known.
        package var process: Int32?

        /// For a sentence.
        package var text: String {
            let count = files.map { "\($0) telemetry file\($0 == 1 ? "" : "s")" } ?? "not readable for this user"
            return "\(path) (\(count)\(process.map { ", process \($0) writes there" } ?? ""))"
        }
    }

    /// Folders that are searched one level deep for directories of telemetry files.
    package var parents = ["/run", "/dev/shm"]
    /// Where the kernel shows what processes have mapped; nil leaves that out.
    package var processes: String? = "/proc"
    /// No machine's list of processes is read further than this.
    private static let processLimit = 4_096

    package init() {}

    /// Every directory with telemetry files but the given one, by path.
    package func places(otherThan directory: String) -> [Place] {
        var found: [String: Place] = [:]
        for parent in parents {
            for name in FileSystem.names(in: parent) {
                let path = parent + "/" + name
                let files = TelemetryDirectory.files(in: path).count
                if files > 0 {
                    found[path] = Place(path: path, files: files)
                } else if name.hasPrefix("tidemark"), Self.isDirectory(path), !FileSystem.canRead(path) {
                    found[path] = Place(path: path, files: nil)
                }
            }
        }
        for (path, process) in writers() {
            var place = found[path] ?? Place(path: path, files: TelemetryDirectory.files(in: path).count)
            place.process = process
            found[path] = place
        }
        let own = Self.identity(directory)
        return found.values.filter { $0.path != directory && (own == nil || Self.identity($0.path) != own) }
            .sorted { $0.path < $1.path }
    }

    /// The directories of telemetry files that processes of this user have mapped.
    private func writers() -> [String: Int32] {
        guard let processes else { return [:] }
        var result: [String: Int32] = [:]
        for name in FileSystem.names(in: processes).prefix(Self.processLimit) {
            guard let process = Int32(name),
                let maps = FileSystem.read("\(processes)/\(name)/maps", maximumBytes: 4 << 20)
            else { continue }
            for line in maps.split(separator: UInt8(ascii: "\n")) {
                guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { continue }
                let path = String(decoding: line[slash...], as: UTF8.self)
                guard let end = path.lastIndex(of: "/"), Self.isTelemetry(path[end...]) else { continue }
                let directory = String(path[..<end])
                if result[directory] == nil, !TelemetryDirectory.files(in: directory).isEmpty {
                    result[directory] = process
                }
            }
        }
        return result
    }

    /// A file that was made without a name and then linked, as ours are, keeps its number for the kernel: "/#123 (deleted)".
    private static func isTelemetry(_ name: Substring) -> Bool {
        name.hasSuffix(TelemetryDirectory.fileSuffix) || (name.hasPrefix("/#") && name.hasSuffix(" (deleted)"))
    }

    private static func isDirectory(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Device and inode: one directory may have several paths.
    private static func identity(_ path: String) -> [UInt64]? {
        var facts = stat()
        return stat(path, &facts) == 0 ? [UInt64(facts.st_dev), UInt64(facts.st_ino)] : nil
    }
}

extension Agent {
    /// Looks for telemetry in these folders alone: how a test is spared what else the machine has.
    package func lookForTelemetry(in places: TelemetryPlaces) { self.places = places }

    /// What an agent without files says: where it looks, what lies elsewhere, and what to do.
    static func noFilesMessage(directory: String, elsewhere: [TelemetryPlaces.Place]) -> String {
        let start = "\(directory): no telemetry file for a minute"
        guard !elsewhere.isEmpty else {
            return start
                + "; check that the services run, that TIDEMARK_DIR names this directory for them, and their log "
                + "for \"telemetry\"."
        }
        return start + ", but there is " + elsewhere.map(\.text).joined(separator: ", ")
            + "; set TIDEMARK_DIR to one directory for services and agent, or `telemetry-directory` in its configuration."
    }
}

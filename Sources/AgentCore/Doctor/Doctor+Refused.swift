import Glibc
import Telemetry

/// A file that was set aside, and who of the living wrote it.
struct RefusedFileFacts {
    let path: String
    /// Whether the service still writes into this very file, as it does where somebody has renamed it.
    let isHeld: Bool
    /// The process that lives and has no file that is read; nil where there is none, or it cannot be told.
    let owner: String?

    /// - Parameter measured: the processes that have a file.
    static func all(in directory: String, measured: Set<Int32>) -> [RefusedFileFacts] {
        RefusedFiles(directory: directory).paths.map { path in
            let isHeld = TelemetryDirectory.isOwned(path)
            let identity = (try? TelemetryReader(path: path))?.identity
            // The header may be what is damaged; the name begins with the number too.
            let name = path.split(separator: "/").last ?? ""
            let process = identity?.pid ?? Int32(name.prefix { $0.isNumber })
            guard let process, process > 0, isHeld || !measured.contains(process) && lives(process) else {
                return RefusedFileFacts(path: path, isHeld: isHeld, owner: isHeld ? "a process" : nil)
            }
            let service = identity.map { "\($0.service.visible), " } ?? ""
            return RefusedFileFacts(path: path, isHeld: isHeld, owner: "\(service)process \(process)")
        }
    }

    private static func lives(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }
}

extension Doctor {
    func refusedChecks(_ refused: [RefusedFileFacts]) -> [DoctorReport.Check] {
        let area = "telemetry directory"
        var checks: [DoctorReport.Check] = []
        let held = refused.filter(\.isHeld)
        if let first = held.first {
            checks.append(
                .init(
                    area, .problem,
                    "\(Self.owners(held)) goes on writing into a file that was set aside, of which nothing is counted: \(first.path)",
                    fix: "Delete that file, or restart the service: it makes a new one at its next call."))
        }
        let unmeasured = refused.filter { !$0.isHeld && $0.owner != nil }
        if !unmeasured.isEmpty {
            checks.append(
                .init(
                    area, .warning,
                    "the file of \(Self.owners(unmeasured)) was refused, and it has no new one yet",
                    fix: "It makes one at its next call. Where it makes calls and none comes, restart the service."))
        }
        guard !refused.isEmpty else { return checks }
        let count = refused.count
        checks.append(
            .init(
                area, .warning,
                "\(count) damaged file\(count == 1 ? " was" : "s were") set aside (.refused)"
                    + (count < AgentLimits.refusedFiles ? "" : ", of which the newest \(count) are kept"),
                fix: "The agent's log says why; `tidemark inspect FILE` shows one. Delete them when they are explained."
            ))
        return checks
    }

    private static func owners(_ files: [RefusedFileFacts]) -> String {
        let names = Set(files.compactMap(\.owner)).sorted()
        return names.prefix(5).joined(separator: "; ") + (names.count > 5 ? " …" : "")
    }
}

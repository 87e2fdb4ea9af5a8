import AWSCore
import Telemetry

/// A file that was set aside or renamed, and who of the living wrote it.
struct RefusedFileFacts {
    let path: String
    /// Whether the service still writes into this very file, as it does where somebody has renamed it.
    let isHeld: Bool
    /// The process that lives and has no file that is read; nil where there is none, or it cannot be told.
    let owner: String?
    /// Since when it is not counted; nil where nobody has written that down.
    let since: Timestamp?

    /// Whether it was set aside by an agent.
    var isSetAside: Bool { path.hasSuffix(RefusedFiles.suffix) }

    /// - Parameter measured: the processes that have a file.
    static func all(in directory: String, measured: Set<Int32>) -> [RefusedFileFacts] {
        let locks = LockTable()
        return (TelemetryDirectory.contents(of: directory)?.others ?? []).compactMap { path in
            if let refusal = Refusal(path) {
                let isMissing = refusal.isHeld(by: locks) && !measured.contains(refusal.process)
                return RefusedFileFacts(
                    path: path, isHeld: false, owner: isMissing ? refusal.who : nil,
                    since: isMissing ? Timestamp(nanosecondsSince1970: refusal.since) : nil)
            }
            let isHeld = TelemetryDirectory.isOwned(path)
            // What else lies there is none of an agent's business.
            guard isHeld || path.hasSuffix(RefusedFiles.suffix) else { return nil }
            let who = isHeld ? UncountedFile(path: path, reason: "").who : ""
            return RefusedFileFacts(
                path: path, isHeld: isHeld, owner: isHeld ? (who.isEmpty ? "a process" : who) : nil, since: nil)
        }
    }
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
                    "\(Self.owners(held)) goes on writing into a file that was set aside or renamed, of which an agent that starts counts nothing: \(first.path)",
                    fix: "Delete that file, or restart the service: it makes a new one at its next call."))
        }
        let unmeasured = refused.filter { !$0.isHeld && $0.owner != nil }
        if !unmeasured.isEmpty {
            checks.append(
                .init(
                    area, .warning,
                    "the file of \(Self.owners(unmeasured)) was refused, and it has no new one yet: what it counts is in no figure"
                        + (unmeasured.compactMap(\.since).min().map { " since \($0.iso8601)" } ?? ""),
                    fix: "It makes one at its next call. Where it makes calls and none comes, restart the service."))
        }
        let count = refused.count { $0.isSetAside }
        guard count > 0 else { return checks }
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

import Glibc
import Telemetry

/// What lies in the telemetry directory under another name than a service gives its file: files that an agent, this one or
/// an earlier one, has set aside, and files that somebody has renamed. Of their services nobody else knows that they are not
/// counted.
struct AsideFiles {
    /// Of services that live and have made no other file yet.
    private(set) var refusals: [Refusal] = []
    /// Files that a service goes on writing under a name where nobody reads them.
    private(set) var renamed: [UncountedFile] = []
    /// Names of which nothing is missing any more.
    private var settled: Set<String> = []

    /// Adds one of this agent's own.
    mutating func add(_ refusal: Refusal) { refusals.append(refusal) }

    /// Looks what has become of them.
    /// - Parameters:
    ///   - paths: what lies there now.
    ///   - files: what is being read.
    mutating func watch(_ paths: [String], beside files: [TelemetryFile]) {
        let present = Set(paths)
        settled.formIntersection(present)
        // Who deletes the copy has seen it.
        refusals.removeAll { !present.contains($0.path) && !FileSystem.exists($0.path) }
        var open: [UncountedFile] = []
        for path in paths where !settled.contains(path) && !refusals.contains(where: { $0.path == path }) {
            if let refusal = Refusal(path) {
                refusals.append(refusal)
            } else if TelemetryDirectory.isOwned(path) {
                let id = (try? TelemetryReader(path: path))?.identity.id
                if !files.contains(where: { $0.id == id }) { open.append(UncountedFile(renamed: path)) }
            } else {
                settled.insert(path)
            }
        }
        renamed = open
        guard !refusals.isEmpty else { return }
        let locks = LockTable()
        refusals.removeAll { refusal in
            guard !refusal.isHeld(by: locks) || files.contains(where: refusal.isFollowed) else { return false }
            settled.insert(refusal.path)
            return true
        }
    }

    var uncounted: [UncountedFile] { renamed + refusals.map(UncountedFile.init(refusal:)) }
}

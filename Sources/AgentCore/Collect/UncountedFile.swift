import Monitoring
import Telemetry

/// A telemetry file that is there and is not counted, for as long as that lasts.
struct UncountedFile: Sendable, Equatable {
    /// How many are named: the store's row stays small, whoever makes files.
    static let named = 20

    var path: String
    /// "shop in production, process 4711", as far as it is known.
    var who: String
    /// Why it is not counted.
    var reason: String
    /// What is known of its service.
    var state: State
    /// Since when it is not counted, nanoseconds since 1970; nil where nobody has written that down.
    var since: Int64?

    enum State: String, Sendable {
        /// It lives and writes the file, so that calls go uncounted at this moment.
        case alive
        /// It lives, and its file was refused. Whether it calls now is not known: with its next call it makes another, if it asks
        /// whether its file is deleted.
        case refused
        /// It writes the file no more.
        case ended

        fileprivate var rank: Int { self == .alive ? 0 : self == .refused ? 1 : 2 }
    }

    /// Whether calls go uncounted at this moment for certain.
    var isAlive: Bool { state == .alive }

    /// - Parameter reason: a sentence about the file.
    init(path: String, reason: String) {
        let name = path.split(separator: "/").last ?? ""
        let process = name.prefix { $0.isNumber }
        // Of a file that may not be counted too, its header can be shown.
        let identity = (try? TelemetryReader(path: path))?.identity
        let service = identity.map { "\($0.service.visible) in \($0.environment.visible)" }
        who = [service, process.isEmpty ? nil : "process \(process)"].compactMap { $0 }.joined(separator: ", ")
        self.path = path.visible
        self.reason = reason.visible
        state = TelemetryDirectory.isOwned(path) ? .alive : .ended
    }

    /// A file that was set aside while its service lives.
    init(refusal: Refusal) {
        (path, who, reason) = (refusal.path.visible, refusal.who, refusal.reason)
        (state, since) = (.refused, refusal.since)
    }

    /// A file that its service goes on writing under a name where nobody reads it.
    init(renamed path: String) {
        self.init(
            path: path,
            reason:
                "It was renamed while its service writes it, and no agent looks there: give it back a name that ends with "
                + "\(TelemetryDirectory.fileSuffix), or restart the service.")
    }

    private init?(line: Substring) {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4 else { return nil }
        (state, path, who, reason) = (State(rawValue: parts[0]) ?? .ended, parts[1], parts[2], parts[3])
        since = parts.count > 4 ? Int64(parts[4]) : nil
    }

    /// The file, and whose it is where that is known.
    var name: String { who.isEmpty ? path : "\(who) (\(path.split(separator: "/").last ?? ""))" }

    /// For the store: how many there are, and a line for each of the first.
    static func text(of uncounted: (count: Int, files: [UncountedFile])) -> String {
        guard uncounted.count > 0 else { return "" }
        let gravestFirst = uncounted.files.sorted {
            $0.state == $1.state ? $0.path < $1.path : $0.state.rank < $1.state.rank
        }
        let lines = gravestFirst.map {
            [$0.state.rawValue, $0.path, $0.who, $0.reason, $0.since.map { "\($0)" } ?? ""].joined(separator: "\t")
        }
        return (["\(uncounted.count)"] + lines).joined(separator: "\n")
    }

    /// What a store says: how many there are, and the first of them.
    static func read(_ text: String) -> (count: Int, files: [UncountedFile]) {
        let lines = text.split(separator: "\n")
        return (lines.first.flatMap { Int($0) } ?? 0, lines.dropFirst().compactMap { UncountedFile(line: $0) })
    }
}

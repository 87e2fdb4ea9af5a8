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
    /// Whether its service lives and writes it, so that calls go uncounted at this moment.
    var isAlive: Bool

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
        isAlive = TelemetryDirectory.isOwned(path)
    }

    /// A file that was set aside while its service lives. Whether that calls now is not known: with its next call it makes another.
    init(refused file: TelemetryFile, reason: String) {
        path = (file.path + RefusedFiles.suffix).visible
        who = "\(file.scope.service) in \(file.scope.environment), process \(file.reader.identity.pid)"
        self.reason = reason.visible
        isAlive = false
    }

    private init?(line: Substring) {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        (isAlive, path, who, reason) = (parts[0] == "alive", parts[1], parts[2], parts[3])
    }

    /// The file, and whose it is where that is known.
    var name: String { who.isEmpty ? path : "\(who) (\(path.split(separator: "/").last ?? ""))" }

    /// For the store: how many there are, and a line for each of the first.
    static func text(of uncounted: (count: Int, files: [UncountedFile])) -> String {
        guard uncounted.count > 0 else { return "" }
        let lines = uncounted.files.sorted { $0.isAlive == $1.isAlive ? $0.path < $1.path : $0.isAlive }.map {
            [$0.isAlive ? "alive" : "ended", $0.path, $0.who, $0.reason].joined(separator: "\t")
        }
        return (["\(uncounted.count)"] + lines).joined(separator: "\n")
    }

    /// What a store says: how many there are, and the first of them.
    static func read(_ text: String) -> (count: Int, files: [UncountedFile]) {
        let lines = text.split(separator: "\n")
        return (lines.first.flatMap { Int($0) } ?? 0, lines.dropFirst().compactMap { UncountedFile(line: $0) })
    }
}

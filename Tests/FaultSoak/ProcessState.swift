import Foundation

/// What this process holds.
struct ProcessState: CustomStringConvertible {
    var descriptors: Int
    var threads: Int
    /// Memory of its own, in KB.
    var anonymousKilobytes: Int

    static func now() -> ProcessState {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let anonymous = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return ProcessState(
            descriptors: entries("/proc/self/fd"), threads: entries("/proc/self/task"),
            anonymousKilobytes: anonymous.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0)
    }

    /// What each open descriptor is.
    static func descriptorNames() -> [String] {
        let folder = "/proc/self/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
    }

    private static func entries(_ path: String) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
    }

    var description: String {
        "\(descriptors) descriptors, \(threads) threads, \(anonymousKilobytes / 1_024) MB of memory"
    }
}

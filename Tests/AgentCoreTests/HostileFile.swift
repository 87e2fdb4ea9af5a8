import AWSCore
import AgentCore
import Foundation
import Glibc
import Telemetry
import TestSupport
import Testing

/// The file of an ended process with one series of its own, every word of which may be put wrong.
struct HostileFile {
    /// Words that have led a reader astray, or may.
    static let extremes: [UInt64] = [
        .max, .max - 499, 1 << 63, 1 << 63 - 1, 1 << 62, 1 << 62 + 1, 1 << 60, 1 << 60 - 1, 1 << 56, 1 << 54, 1 << 51,
        1 << 48,
        1 << 44, 1 << 32, 1 << 32 + 1, 1,
    ]

    private let directory = try? TemporaryDirectory()
    let name: String
    private(set) var bytes: [UInt8]

    /// - Parameter record: what the process counts before it ends.
    init(
        _ service: String = "hostile", id: UInt64, startedAt: UInt64, keyEvents: Int = 16,
        _ record: (FakeService) -> Void = { $0.call(key: "evil") }
    ) throws {
        let directory = try #require(directory)
        var writer = TelemetryWriter.Configuration(
            directory: directory.path, service: service, environment: "test", maximumBytes: 1 << 20,
            keyEventCapacity: keyEvents)
        writer.startedAtNanoseconds = startedAt
        writer.identifier = (8, id)
        let process = FakeService(TelemetryWriter.open(writer))
        record(process)
        process.end()
        let path = try #require(TelemetryDirectory.files(in: directory.path).first)
        name = String(path.split(separator: "/").last ?? "")
        bytes = try directory.read(name)
    }

    /// Where the block of the process's own series begins: place 1, after `other`.
    var block: Int { Int(word(4_100) & 0xffff_ffff) * 64 }
    /// Where the ring's first key event lies.
    static let event = 45_056
    /// The header's words that a process changes, and the start.
    static let header = [40, 128, 136, 144, 192, 256, 264, 272, 320, 384, 392, 400, 408]

    private func word(_ offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    mutating func put(_ value: UInt64, at offset: Int) {
        for place in 0..<8 { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place)) }
    }

    /// Moves it whole to where an agent looks.
    func place(in fixture: AgentFixture) throws {
        let path = fixture.directory.path("telemetry/\(name)")
        try fixture.directory.write(bytes, to: "aside/\(name)")
        #expect(rename(fixture.directory.path("aside/\(name)"), path) == 0)
    }
}

extension AgentFixture {
    var now: UInt64 { UInt64(clock.timestamp.nanosecondsSince1970) }

    /// The notices of a kind, oldest first.
    func notices(_ kind: String) throws -> [String] {
        try store().notices(since: .init(secondsSince1970: 0)).filter { $0.kind == kind }.map(\.message).reversed()
    }

    var telemetryNames: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: configuration.telemetryDirectory))?.sorted() ?? []
    }
}

/// Holds a file as the process does that writes it, until the descriptor is closed.
func lockAsOwner(_ path: String) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_len = 1
    // F_OFD_SETLK of linux/fcntl.h.
    return fcntl(descriptor, 37, &lock) == 0 ? descriptor : -1
}

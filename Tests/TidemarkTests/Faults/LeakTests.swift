import Foundation
import Testing

/// Mixed calls with random cancellations in a process of their own, where nothing else opens or allocates anything.
struct LeakTests {
    /// `TIDEMARK_FAULT_SOAK_CALLS=100000` for the long form.
    private static var calls: String {
        ProcessInfo.processInfo.environment["TIDEMARK_FAULT_SOAK_CALLS"] ?? "4000"
    }

    static func program() throws -> URL {
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: here).deletingLastPathComponent().appendingPathComponent("fault-soak")
    }

    @Test func nothingIsLeakedAndEveryCallIsCounted() throws {
        let process = Process()
        process.executableURL = try Self.program()
        process.arguments = [Self.calls]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        print(said)
        #expect(process.terminationStatus == 0, "\(said)")
        #expect(said.hasPrefix("\(Self.calls) calls, seed 1: \(Self.calls) ended, \(Self.calls) counted"))
    }
}

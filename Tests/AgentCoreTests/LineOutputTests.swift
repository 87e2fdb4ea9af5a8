import Glibc
import TestSupport
import Testing

@testable import AgentCore

/// Standard output as a log driver leaves it: closed, full, slow.
@Suite struct LineOutputTests {
    private let line = Array((String(repeating: "x", count: 6_000) + "\n").utf8)

    private func pipe() -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func readAll(_ descriptor: Int32) -> [UInt8] {
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
        return all
    }

    /// Whoever reads is gone: that is an answer, and not the process's end.
    @Test func aClosedPipeIsAnError() {
        let (reading, writing) = pipe()
        close(reading)
        let output = LineOutput(writing)
        for _ in 0..<3 { #expect(output.write(line) == EPIPE) }
        close(writing)
        #expect(output.write(line) == EBADF)
    }

    @Test func aFullDiskIsAnError() {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        #expect(LineOutput(full).write(line) == ENOSPC)
    }

    /// A line that was cut off ends where it was cut off: the next one is whole.
    @Test func aTornLineSpoilsNoOther() {
        let (reading, writing) = pipe()
        defer {
            close(reading)
            close(writing)
        }
        // F_SETPIPE_SZ of linux/fcntl.h: a page.
        #expect(fcntl(writing, 1_031, 4_096) == 4_096)
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        let output = LineOutput(writing)
        #expect(output.write(line) == EAGAIN)
        #expect(output.write([120, 10]) == EAGAIN)
        let torn = readAll(reading)
        #expect(torn.count == 4_096)
        #expect(output.write([121, 10]) == 0)
        #expect(output.write([122, 10]) == 0)
        #expect(readAll(reading) == [10, 121, 10, 122, 10])
    }

    /// What takes nothing for a moment is waited for.
    @Test func aSlowReaderGetsAllOfIt() async {
        let (reading, writing) = pipe()
        #expect(fcntl(writing, 1_031, 4_096) == 4_096)
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        let (output, line) = (LineOutput(writing), line)
        let written = Task.detached {
            let code = output.write(line)
            close(writing)
            return code
        }
        var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1_000))
        while case let count = read(reading, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
        close(reading)
        #expect(await written.value == 0)
        #expect(all == line)
    }
}

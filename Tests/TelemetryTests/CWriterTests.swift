import Foundation
import Telemetry
import Testing

/// The C header and the writer in `Examples/c-writer`: what they write is a telemetry file like any other.
@Suite struct CWriterTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let compiler = ["/usr/bin/cc", "/usr/local/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        (process.standardOutput, process.standardError) = (pipe, pipe)
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Names and keys of all shapes, literal and not, since what a compiler warns of depends on what it can see.
    private static let caller = #"""
        #include "tidemark_writer.h"
        int main(int count, char **arguments) {
            struct { char name[8], key[8]; } texts;
            (void)snprintf(texts.name, sizeof texts.name, "%s", "svc");
            (void)snprintf(texts.key, sizeof texts.key, "k%d", count);
            tidemark_writer *writer = tidemark_open(arguments[1], texts.name, "e");
            if (writer == NULL) return 1;
            uint32_t series = tidemark_series(writer, texts.name, "", "Q", "");
            tidemark_consumed(writer, series, 1, 0, "k");
            tidemark_consumed(writer, series, 1, 0, "");
            tidemark_consumed(writer, series, 1, 0, "nine bytes");
            tidemark_consumed(writer, series, 1, 0, texts.key);
            tm_record_key(&writer->map, series, &count, sizeof count, 1, 1, false);
            tm_record_slow(&writer->map, series, 1, 1, 0, 1, texts.key, sizeof texts.key);
            if (tidemark_is_deleted(writer)) return 2;
            char path[256];
            (void)snprintf(
                path, sizeof path, "%s/%d-%016llx%016llx.tidemark", arguments[1], (int)getpid(),
                (unsigned long long)tm_header(&writer->map)[TM_WORD_ID_HIGH],
                (unsigned long long)tm_header(&writer->map)[TM_WORD_ID_LOW]);
            if (unlink(path) != 0 || !tidemark_is_deleted(writer)) return 3;
            tidemark_close(writer);
        }
        """#

    @Test(.enabled(if: compiler != nil, "there is no C compiler"), arguments: ["-O0", "-O2", "-O3"])
    func theHeaderCompilesWithoutAWarningWhateverIsPassedAndKnowsADeletedFile(optimization: String) throws {
        let (tools, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        let source = tools.path + "/caller.c"
        try writeBytes(Array(Self.caller.utf8), to: source)
        let program = try build(source, optimization, into: tools.path)
        let ran = try run(program, [directory.path])
        #expect(ran.status == 0, "\(ran.output)")
    }

    private func build(
        _ source: String = root.appendingPathComponent("Examples/c-writer/writer.c").path,
        _ optimization: String = "-O2", into directory: String
    ) throws -> String {
        let examples = Self.root.appendingPathComponent("Examples/c-writer").path
        let layout = Self.root.appendingPathComponent("Sources/CTelemetry/include").path
        let program = directory + "/writer"
        let built = try run(
            try #require(Self.compiler),
            [
                "-std=c11", optimization, "-Wall", "-Wextra", "-Werror", "-I", examples, "-I", layout, source,
                "-o", program, "-pthread",
            ])
        #expect(built.status == 0, "\(built.output)")
        return program
    }

    @Test(.enabled(if: compiler != nil, "there is no C compiler"))
    func theTenLineWriterIsReadLikeAnyOther() throws {
        let (tools, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        let ran = try run(try build(into: tools.path), [directory.path])
        #expect(ran.status == 0, "\(ran.output)")
        let reader = try directory.reader()
        #expect(reader.identity.service == "checkout-c" && reader.identity.environment == "test")
        #expect(reader.path.hasSuffix("/\(reader.identity.pid)-\(reader.identity.id).tidemark"))
        #expect(!reader.ownerIsAlive())
        let snapshot = try reader.snapshot()
        #expect(snapshot.isClosed && snapshot.refusedSeries == 0 && snapshot.unrecordedCalls == 0)
        let key = SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1")
        #expect(snapshot.series.map(\.key) == [.other, key])
        let series = try snapshot.series(key)
        #expect(series.counters.calls == 3 && series.counters.calls(.success) == 3 && series.counters.items == 3)
        #expect(series.counters.attempts == 3 && series.counters.bytesReceived == 2100)
        #expect(series.counters.readMilliUnits == 1500)
        #expect(series.callTime.sumNanoseconds == 6_300_000)
        #expect(series.callTime.buckets == [.init(index: LatencyBuckets.index(ofNanoseconds: 2_100_000), count: 3)])
        #expect(series.attemptTime.buckets == [.init(index: LatencyBuckets.index(ofNanoseconds: 2_000_000), count: 3)])
        var events: [KeyEvent] = []
        #expect(reader.drainKeyEvents { events.append($0) } == KeyEventDrain(delivered: 3))
        #expect(events.map(\.key) == ["ORDER#1", "ORDER#1", "ORDER#2"] && events.allSatisfy { $0.series == key })
        #expect(events[0].keyHash == events[1].keyHash && events[1].keyHash != events[2].keyHash)
    }

    @Test(.enabled(if: compiler != nil, "there is no C compiler"))
    func aKeyHasOneHashInBothLanguages() throws {
        let (tools, directory, own) = (try TemporaryDirectory(), try TemporaryDirectory(), try TemporaryDirectory())
        #expect(try run(try build(into: tools.path), [directory.path]).status == 0)
        let writer = TelemetryWriter.open(own.configuration())
        writer.record("ORDER#2", in: writer.slot(for: SeriesKey(table: "Orders")), read: 1)
        var hashes: [UInt64] = []
        _ = try directory.reader().drainKeyEvents { hashes.append($0.keyHash) }
        _ = try own.reader().drainKeyEvents { hashes.append($0.keyHash) }
        #expect(hashes.count == 4 && hashes[2] == hashes[3])
    }

    @Test(.enabled(if: compiler != nil, "there is no C compiler"))
    func aPathThatOnlyAShellUnderstandsIsRefused() throws {
        let tools = try TemporaryDirectory()
        let ran = try run(try build(into: tools.path), ["~"])
        #expect(ran.status == 1 && ran.output.contains("Invalid argument"), "\(ran.output)")
    }

    @Test(.enabled(if: compiler != nil, "there is no C compiler"))
    func aDirectoryThatLetsOthersInIsRefused() throws {
        let (tools, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        #expect(chmod(directory.path, 0o755) == 0)
        let ran = try run(try build(into: tools.path), [directory.path])
        #expect(ran.status == 1 && ran.output.contains("Permission denied"))
        #expect(TelemetryDirectory.files(in: directory.path).isEmpty)
    }
}

internal import AgentCore
internal import Glibc
internal import Telemetry

/// What must hold of any bytes that call themselves a telemetry file.
package enum TelemetryProperties {
    /// What became of a file.
    package enum Verdict: Equatable {
        /// It was read.
        case read
        /// It was refused, in one sentence that names it.
        case refused
        /// Something that must hold did not.
        case violation(String)
    }

    /// Reads everything that there is to read of a file, as the agent and `tidemark inspect` do.
    package static func verdict(on path: String, fileBytes: Int) -> Verdict {
        do throws(TelemetryError) {
            let reader = try TelemetryReader(path: path)
            var delivered = 0
            for _ in 0..<3 {
                var most: UInt64 = 0
                let drain = reader.drainKeyEvents { event in
                    delivered += 1
                    most = max(most, event.readMilliUnits, event.writeMilliUnits)
                }
                guard max(drain.lostReadMilliUnits, drain.lostWriteMilliUnits) <= TelemetryBounds.milliUnits,
                    most <= TelemetryBounds.eventMilliUnits
                else { return .violation("more is told or lost than any process can have had") }
            }
            guard delivered <= 3 * 16 else { return .violation("\(delivered) events of a ring of 16") }
            guard reader.slowCalls().count <= 256 else { return .violation("more slow calls than places") }
            let snapshot = try reader.snapshot()
            if let broken = violation(by: snapshot, fileBytes: fileBytes) { return .violation(broken) }
            let report = try TelemetryFileReport(reader, showKeys: delivered.isMultiple(of: 2))
            guard !report.json().isEmpty else { return .violation("an empty report") }
            return visible(report.text()) ? .read : .violation("a control character in the report")
        } catch {
            return error.message.contains(path) ? .refused : .violation("an error without its file: \(error.message)")
        }
    }

    private static func violation(by snapshot: TelemetrySnapshot, fileBytes: Int) -> String? {
        guard snapshot.grantedBytes <= UInt64(fileBytes) else { return "more granted than there is" }
        guard Set(snapshot.series.map(\.key)).count == snapshot.series.count else { return "a series twice" }
        let buckets = snapshot.series.reduce(0) { $0 + $1.callTime.buckets.count + $1.attemptTime.buckets.count }
        guard buckets <= fileBytes / 8 else { return "more buckets than the file has words" }
        for series in snapshot.series {
            for histogram in [series.callTime, series.attemptTime] {
                let indices = histogram.buckets.map(\.index)
                guard indices == indices.sorted(), Set(indices).count == indices.count,
                    indices.allSatisfy({ (0..<LatencyBuckets.count).contains($0) })
                else { return "buckets out of order" }
            }
        }
        return nil
    }

    private static func visible(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 10 }
    }

    /// A file with something of everything in it, for a mutator.
    package static func makeValidFile(in directory: String) -> [UInt8] {
        let writer = TelemetryWriter.open(
            .init(
                directory: directory, service: "checkout", environment: "test", maximumBytes: 1 << 20,
                keyEventCapacity: 16))
        for table in 0..<4 {
            let slot = writer.slot(for: SeriesKey(table: "T\(table)", index: "i", operation: "Query", pattern: "AP1"))
            for number in 0..<UInt64(8) {
                let time = 1000 + number * 1000
                writer.record(
                    attempt: AttemptRecord(
                        durationNanoseconds: time, outcome: .success, reusedConnection: false, dnsNanoseconds: time,
                        connectNanoseconds: time), in: slot)
                let call = CallRecord(durationNanoseconds: time, outcome: .success)
                writer.record(call: call, in: slot)
                Array("key-\(number)".utf8).withUnsafeBytes {
                    writer.record(key: $0, in: slot, readMilliUnits: number, writeMilliUnits: 1, throttled: number == 3)
                }
                writer.recordSlowCall(call, in: slot, endedAtNanoseconds: number, correlationID: "id-\(number)")
            }
        }
        writer.close()
        guard let path = TelemetryDirectory.files(in: directory).first else { return [] }
        defer { unlink(path) }
        return read(path)
    }

    private static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        return Array(bytes.prefix(max(0, count)))
    }

    /// Runs so many damaged files; the one at hand stays in the directory when the process ends by it.
    /// - Returns: how many could still be read, and what did not hold, with the round that shows it.
    package static func run(
        rounds: Range<UInt64>, seed: UInt64, in directory: String
    ) -> (read: Int, violation: String?) {
        let valid = makeValidFile(in: directory)
        let path = directory + "/fuzz.tidemark"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        var read = 0
        for round in rounds {
            // Each round by its own number, so that one alone can be run again.
            var mutator = TelemetryMutator(valid, seed: seed &* 1_000_003 &+ round)
            let bytes = mutator.mutated()
            let written = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
            guard written == bytes.count, ftruncate(file, off_t(bytes.count)) == 0 else {
                return (read, "no room for a file of \(bytes.count) bytes in \(directory)")
            }
            switch verdict(on: path, fileBytes: bytes.count) {
            case .read: read += 1
            case .refused: break
            case .violation(let what): return (read, "seed \(seed), round \(round): \(what)")
            }
        }
        unlink(path)
        return (read, nil)
    }
}

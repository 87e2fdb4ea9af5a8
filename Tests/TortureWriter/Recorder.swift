import Glibc
import Telemetry
import TortureWords

/// One thread of a service: makes calls of every kind and tells the witness before and after each.
///
/// `@unchecked Sendable`: one thread alone runs it.
final class Recorder: @unchecked Sendable {
    private static let operations = ["GetItem", "PutItem", "Query", "UpdateItem"]

    private let writer: TelemetryWriter
    private let witness: MappedWords
    private let thread: Int
    private let tables: Int
    private let calls: Int
    private var dice: Dice
    private var slots: [SeriesSlot?]
    private let key: [UInt8]

    init(writer: TelemetryWriter, witness: MappedWords, thread: Int, tables: Int, calls: Int, seed: UInt64) {
        self.writer = writer
        self.witness = witness
        self.thread = thread
        self.tables = tables
        self.calls = calls
        dice = Dice(seed: seed &* 1_000 &+ UInt64(thread))
        slots = Array(repeating: nil, count: WitnessLayout.patterns * tables)
        key = Array("customer-\(thread)".utf8)
    }

    func run() {
        var made = 0
        while made < calls, !StopRequest.isThere {
            // Pattern by pattern, so that new series appear while others are busy.
            let known = min(WitnessLayout.patterns, 1 + made / 64)
            call(
                pattern: dice.below(known), outcome: dice.below(WitnessLayout.outcomes), table: dice.below(tables),
                nanoseconds: 1_000 << UInt64(dice.below(16)) | dice.next() & 1_023)
            made += 1
            if made == 1, thread == 0 { witness[WitnessLayout.ready] = 1 }
        }
    }

    private func call(pattern: Int, outcome: Int, table: Int, nanoseconds: UInt64) {
        let place = WitnessLayout.begun(thread: thread, pattern: pattern, outcome: outcome)
        let attempts = WitnessLayout.attempts(pattern: pattern, outcome: outcome)
        let number = witness[place] + 1
        witness[place] = number
        // Registered on first use: between the two words of the witness, since that is part of the call.
        let slot = slot(pattern: pattern, table: table)
        let result = CallOutcome(rawValue: UInt8(outcome)) ?? .success
        for _ in 0..<attempts {
            writer.record(attempt: AttemptRecord(durationNanoseconds: nanoseconds, outcome: result), in: slot)
        }
        writer.record(consumptionIn: slot, readMilliUnits: 500, writeMilliUnits: 1_000)
        if number % 4 == 0 {
            key.withUnsafeBytes {
                writer.record(key: $0, in: slot, readMilliUnits: 500, writeMilliUnits: 1_000, throttled: false)
            }
        }
        writer.record(
            call: CallRecord(durationNanoseconds: nanoseconds, outcome: result, attempts: UInt32(attempts), items: 1),
            in: slot)
        witness[place + 1] = number
    }

    private func slot(pattern: Int, table: Int) -> SeriesSlot {
        let place = pattern * tables + table
        if let slot = slots[place] { return slot }
        let slot = writer.slot(
            for: SeriesKey(
                table: "Table\(table)", operation: Self.operations[table % Self.operations.count],
                pattern: WitnessLayout.name(pattern: pattern)))
        if slot.isOther { complainAndExit("the telemetry file has no room for a series; use fewer --tables") }
        slots[place] = slot
        return slot
    }
}

/// A thread of its own, of the kind that a killed process leaves in the middle of anything.
final class RunningThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ run: @escaping @Sendable () -> Void) {
        // Released by the thread's first line.
        let context = Unmanaged.passRetained(Body(run)).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        guard status == 0 else { complainAndExit("no thread can be made") }
    }

    func join() { pthread_join(thread, nil) }
}

import Glibc
import Telemetry
import TortureWords

/// A service under an even load: what the agent's cost is measured with.
///
/// Latencies are log-normal around a median that differs from series to series, which occupies about 60 of the store's
/// buckets in a minute; keys are drawn from 10,000, a tenth of them the same one.
struct EvenLoad {
    let writer: TelemetryWriter
    let callsASecond: Int
    private let witness: MappedWords?
    private let slots: [SeriesSlot]
    private let medians: [Double]
    private var dice: Dice

    init(writer: TelemetryWriter, callsASecond: Int, series: Int, seed: UInt64, witness: MappedWords?) {
        self.writer = writer
        self.witness = witness
        self.callsASecond = callsASecond
        dice = Dice(seed: seed)
        slots = (0..<series).map { number in
            writer.slot(
                for: SeriesKey(
                    table: "Table\(number % 20)", operation: number % 3 == 0 ? "PutItem" : "GetItem",
                    pattern: "AP\(number)"))
        }
        medians = (0..<series).map { 1.0e6 * (1 + Double($0 % 10)) }
    }

    func run() {
        var load = self
        let begun = monotonicNanoseconds()
        var made = 0
        while !StopRequest.isThere {
            let due = Int(Double(monotonicNanoseconds() - begun) * 1e-9 * Double(callsASecond))
            while made < due {
                made += 1
                witness?[WitnessLayout.header] = UInt64(made)
                load.call()
                witness?[WitnessLayout.header + 1] = UInt64(made)
            }
            usleep(2_000)
        }
    }

    private mutating func call() {
        let series = dice.below(slots.count)
        // The sum of twelve dice is as good as normal.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double(dice.next() >> 11) * 0x1p-53 }
        let nanoseconds = UInt64(medians[series] * exp(0.35 * normal))
        let isThrottled = dice.below(500) == 0
        let outcome: CallOutcome = isThrottled ? .throttled : dice.below(300) == 0 ? .server : .success
        let slot = slots[series]
        let (read, write): (UInt64, UInt64) = series % 3 == 0 ? (0, 1_000) : (500, 0)
        writer.record(
            attempt: AttemptRecord(
                durationNanoseconds: nanoseconds, outcome: outcome,
                throttleCauses: isThrottled ? ThrottleCause.tableReadProvisionedThroughput.mask : 0, bytesSent: 700,
                bytesReceived: 750), in: slot)
        writer.record(consumptionIn: slot, readMilliUnits: read, writeMilliUnits: write)
        let key = dice.below(10) == 0 ? 0 : dice.below(10_000)
        withUnsafeBytes(of: (UInt64(key), UInt64(0x4F52_4445_5223))) {
            writer.record(key: $0, in: slot, readMilliUnits: read, writeMilliUnits: write, throttled: isThrottled)
        }
        writer.record(
            call: CallRecord(durationNanoseconds: nanoseconds, outcome: outcome, items: 1, itemBytes: 300), in: slot)
    }

    private func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

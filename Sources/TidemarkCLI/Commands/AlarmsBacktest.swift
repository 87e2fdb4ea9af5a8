import AWSCore
import ArgumentParser
import CloudWatch
import JSONBytes
import Monitoring

extension AlarmsCommand {
    struct Backtest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Judge the series that CloudWatch has by CloudWatch's own rules: when would each alarm have fired?",
            discussion: """
                Reads each alarm's metrics back (GetMetricStatistics) and runs the evaluator of this project over them: M of N, \
                missing data, composites. Metrics that CloudWatch does not have are listed as silent. Exits 1 when an alarm \
                would have fired.

                Example: tidemark alarms backtest migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --service shop --environment production --since 3h
                """,
            aliases: ["evaluate"])

        @OptionGroup var options: AlarmOptions
        @Option(help: "How far back: 90s, 15m, 3h, 1d.") var since: TimeSpan = TimeSpan(seconds: 3_600)

        func run() async throws {
            let alarms = try options.desired()
            let now = Timestamp.now()
            let from = Timestamp(secondsSince1970: now.seconds - Int64(since.seconds))
            let (replay, silent) = try await read(alarms, from: from, to: now)
            let transitions = try replay.transitions(of: alarms, from: from, to: now)
            let result = BacktestResult(alarms: alarms, transitions: transitions, silent: silent)
            print(options.format == .json ? result.json() : result.text(), terminator: "")
            if result.fired > 0 { throw ExitCode(ExitStatus.findings.rawValue) }
        }

        /// The series of every metric that an alarm looks at, and how many of those CloudWatch has no data for.
        private func read(_ alarms: [DesiredAlarm], from: Timestamp, to: Timestamp) async throws -> (SeriesReplay, Int)
        {
            let client = try options.aws.cloudWatch()
            var replay = SeriesReplay()
            var wanted: [SeriesReplay.MetricKey: (stat: MetricStat, statistics: Set<Statistic>)] = [:]
            for stat in alarms.flatMap(\.metricStats) {
                let key = SeriesReplay.MetricKey(
                    namespace: stat.namespace, name: stat.metricName, dimensions: stat.dimensions)
                wanted[key, default: (stat, [])].statistics.insert(stat.statistic)
            }
            var silent = 0
            for (number, (key, entry)) in wanted.enumerated() {
                Terminal.progress("reading metric \(number + 1) of \(wanted.count)")
                let percentiles = entry.statistics.filter(\.isExtended)
                let points = try await client.getMetricStatistics(
                    entry.stat, statistics: [.sampleCount, .sum, .minimum, .maximum] + percentiles, from: from, to: to)
                if points.isEmpty { silent += 1 }
                replay.add(points.map { SeriesPoint($0) }, to: key)
            }
            Terminal.endProgress()
            return (replay, silent)
        }
    }
}

extension DesiredAlarm {
    /// The metrics that the alarm itself looks at; none for a composite.
    fileprivate var metricStats: [MetricStat] {
        guard case .metric(let alarm) = definition else { return [] }
        switch alarm.source {
        case .metric(let stat): return [stat]
        case .math(let queries):
            return queries.compactMap { if case .metric(let stat) = $0.source { stat } else { nil } }
        }
    }
}

/// When each alarm would have changed its state.
struct BacktestResult {
    var alarms: [DesiredAlarm]
    var transitions: [String: [AlarmTransition]]
    var silent: Int

    /// How many pages and tickets went to ALARM at least once; a part of a composite says nothing alone.
    var fired: Int { alarms.count { $0.severity != .part && hasFired($0) } }

    private func hasFired(_ alarm: DesiredAlarm) -> Bool {
        (transitions[alarm.name] ?? []).contains { $0.to == .alarm }
    }

    func text() -> String {
        var rows = [["alarm", "severity", "what would have happened"]]
        for alarm in alarms where alarm.severity != .part && hasFired(alarm) {
            let changes = transitions[alarm.name] ?? []
            let story = changes.map { "\($0.at.iso8601.dropFirst(11).dropLast()) \($0.to.rawValue)" }
            rows.append([alarm.name, alarm.severity.rawValue, story.joined(separator: " → ")])
        }
        let speaking = alarms.filter { $0.severity != .part }
        var text = rows.count == 1 ? "" : TextTable.render(rows)
        text += "\(fired) of \(speaking.count) pages and tickets would have fired by CloudWatch's rules"
        text += " (parts of composites are in --format json).\n"
        if silent > 0 { text += "\(silent) of the metrics have no data there (AWS's own are not published by us).\n" }
        return text
    }

    func json() -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("fired", fired)
        writer.member("metrics_without_data", silent)
        writer.key("alarms")
        writer.beginArray()
        for alarm in alarms {
            writer.beginObject()
            writer.member("name", alarm.name)
            writer.member("number", alarm.number)
            writer.member("severity", alarm.severity.rawValue)
            writer.key("transitions")
            writer.beginArray()
            for change in transitions[alarm.name] ?? [] {
                writer.beginObject()
                writer.member("at", change.at.iso8601)
                writer.member("from", change.from.rawValue)
                writer.member("to", change.to.rawValue)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }
}

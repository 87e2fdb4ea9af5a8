internal import AWSCore
internal import CloudWatch

/// Where an alarm's data points come from: its series, cut into periods that end at the evaluation.
struct EvaluationSource {
    /// The newest periods of an alarm.
    struct Window {
        var points: [Double?]
        var latestSampleCount: Double?
    }

    /// One metric's points in order of time.
    private struct Series {
        var stat: MetricStat
        var seconds: [Int64]
        var points: [SeriesPoint]

        init(_ stat: MetricStat, in all: [SeriesReplay.MetricKey: [SeriesPoint]]) {
            self.stat = stat
            points = (all[SeriesReplay.MetricKey(stat)] ?? []).sorted { $0.timestamp < $1.timestamp }
            seconds = points.map(\.timestamp.seconds)
        }

        func statistics(from start: Int64, to end: Int64) -> SeriesStatistics? {
            let first = firstIndex(notBefore: start)
            guard first < points.count, seconds[first] < end else { return nil }
            var merged = points[first].statistics
            for place in (first + 1)..<max(first + 1, points.count) {
                guard seconds[place] < end else { break }
                merged.merge(points[place].statistics)
            }
            return merged
        }

        private func firstIndex(notBefore start: Int64) -> Int {
            var low = 0
            var high = seconds.count
            while low < high {
                let middle = (low + high) / 2
                if seconds[middle] < start { low = middle + 1 } else { high = middle }
            }
            return low
        }

        func values(endingAt end: Int64, count: Int, period: Int64) -> [Double?] {
            (0..<Int64(count)).map { place in
                let stop = end - (Int64(count) - 1 - place) * period
                return statistics(from: stop - period, to: stop)?.value(of: stat.statistic)
            }
        }
    }

    private let period: Int64
    private let single: Series?
    private let queries: [(id: String, series: Series)]
    private let expressions: [(id: String, math: MetricMath)]
    private let resultID: String?

    init(_ alarm: MetricAlarm, series all: [SeriesReplay.MetricKey: [SeriesPoint]]) throws(SeriesReplayError) {
        period = Int64(alarm.period)
        switch alarm.source {
        case .metric(let stat):
            single = Series(stat, in: all)
            (queries, expressions, resultID) = ([], [], nil)
        case .math(let lines):
            single = nil
            var queries: [(id: String, series: Series)] = []
            var expressions: [(id: String, math: MetricMath)] = []
            for line in lines {
                switch line.source {
                case .metric(let stat): queries.append((line.id, Series(stat, in: all)))
                case .expression(let text):
                    do {
                        expressions.append((line.id, try MetricMath(text)))
                    } catch {
                        throw .expression(alarm: alarm.name, error)
                    }
                }
            }
            resultID = lines.first(where: \.returnsData)?.id
            (self.queries, self.expressions) = (queries, expressions)
        }
    }

    func window(endingAt end: Int64, count: Int, alarm: String) throws(SeriesReplayError) -> Window {
        if let single {
            let latest = single.statistics(from: end - period, to: end)?.sampleCount
            return Window(points: single.values(endingAt: end, count: count, period: period), latestSampleCount: latest)
        }
        guard let resultID else { throw .noResult(alarm: alarm) }
        var values: [String: [Double?]] = [:]
        for (id, series) in queries { values[id] = series.values(endingAt: end, count: count, period: period) }
        // An expression may use another's result whichever comes first in the list.
        var open = expressions
        while values[resultID] == nil {
            guard let ready = open.firstIndex(where: { $0.math.identifiers.allSatisfy { values[$0] != nil } }) else {
                throw .noResult(alarm: alarm)
            }
            let (id, math) = open.remove(at: ready)
            do {
                values[id] = try math.evaluate(values, period: Int(period))
            } catch {
                throw .expression(alarm: alarm, error)
            }
        }
        return Window(points: values[resultID] ?? [], latestSampleCount: nil)
    }
}

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Evaluates a read expression over the metrics of one evaluation.
struct MathContext {
    let metrics: [String: [Double?]]
    let length: Int
    let period: Int

    func value(of node: MathNode) throws(MetricMathError) -> MathValue {
        switch node {
        case .number(let number): return .scalar(number)
        case .identifier(let id, let offset):
            guard let series = metrics[id] else { throw MetricMathError("names \(id), which is not there", at: offset) }
            return .series(series)
        case .array(let elements):
            var all: [[Double?]] = []
            for element in elements {
                switch try value(of: element) {
                case .array(let several): all += several
                case .series(let one): all.append(one)
                case .scalar(let number): all.append(Array(repeating: number, count: length))
                }
            }
            return .array(all)
        case .negate(let operand): return try mapped(value(of: operand)) { -$0 }
        case .binary(let symbol, let left, let right):
            return try combined(value(of: left), value(of: right), symbol)
        case .call(let name, let arguments, let offset): return try call(name, arguments, at: offset)
        }
    }

    // MARK: Operators

    /// A missing operand counts as 0 where another has a value; where none has, the result is missing. A plain number is
    /// not data. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    private func combined(
        _ left: MathValue, _ right: MathValue, _ symbol: MathOperator
    ) throws(MetricMathError) -> MathValue {
        switch (left, right) {
        case (.scalar(let a), .scalar(let b)):
            guard let a, let b else { return .scalar(nil) }
            return .scalar(Self.apply(symbol, a, b))
        case (.array(let several), let other):
            return .array(
                try several.map { one throws(MetricMathError) in series(try combined(.series(one), other, symbol)) })
        case (let other, .array(let several)):
            return .array(
                try several.map { one throws(MetricMathError) in series(try combined(other, .series(one), symbol)) })
        case (.series(let a), .scalar(let b)):
            return .series(a.map { point in point.flatMap { point in b.flatMap { Self.apply(symbol, point, $0) } } })
        case (.scalar(let a), .series(let b)):
            return .series(b.map { point in point.flatMap { point in a.flatMap { Self.apply(symbol, $0, point) } } })
        case (.series(let a), .series(let b)):
            return .series(
                zip(a, b).map { left, right in
                    left == nil && right == nil ? nil : Self.apply(symbol, left ?? 0, right ?? 0)
                })
        }
    }

    /// Nil where the result is no number: a division by zero drops the point.
    private static func apply(_ symbol: MathOperator, _ a: Double, _ b: Double) -> Double? {
        let result: Double =
            switch symbol {
            case .add: a + b
            case .subtract: a - b
            case .multiply: a * b
            case .divide: a / b
            case .power: pow(a, b)
            case .less: a < b ? 1 : 0
            case .lessOrEqual: a <= b ? 1 : 0
            case .greater: a > b ? 1 : 0
            case .greaterOrEqual: a >= b ? 1 : 0
            case .equal: a == b ? 1 : 0
            case .notEqual: a != b ? 1 : 0
            case .and: a != 0 && b != 0 ? 1 : 0
            case .or: a != 0 || b != 0 ? 1 : 0
            }
        return result.isFinite ? result : nil
    }

    func mapped(_ value: MathValue, _ transform: (Double) -> Double?) -> MathValue {
        switch value {
        case .scalar(let number): .scalar(number.flatMap(transform))
        case .series(let points): .series(points.map { $0.flatMap(transform) })
        case .array(let several): .array(several.map { $0.map { $0.flatMap(transform) } })
        }
    }

    func series(_ value: MathValue) -> [Double?] {
        switch value {
        case .series(let points): points
        case .scalar(let number): Array(repeating: number, count: length)
        case .array(let several): several.first ?? []
        }
    }

    // MARK: Functions

    private func call(_ name: String, _ arguments: [MathNode], at offset: Int) throws(MetricMathError) -> MathValue {
        switch name {
        case "FILL": return try fill(arguments, at: offset)
        case "IF": return try choose(arguments, at: offset)
        case "METRICS": return try allMetrics(arguments, at: offset)
        default: break
        }
        guard arguments.count == 1 else { throw MetricMathError("calls \(name), which takes one argument", at: offset) }
        let argument = try value(of: arguments[0])
        switch name {
        case "ABS": return mapped(argument) { abs($0) }
        case "CEIL": return mapped(argument) { $0.rounded(.up) }
        case "FLOOR": return mapped(argument) { $0.rounded(.down) }
        case "SUM": return reduced(argument) { $0.reduce(0, +) }
        case "AVG": return reduced(argument) { $0.reduce(0, +) / Double($0.count) }
        case "MIN": return reduced(argument) { $0.min() ?? 0 }
        case "MAX": return reduced(argument) { $0.max() ?? 0 }
        case "RUNNING_SUM": return .series(Self.runningSum(series(argument)))
        case "PERIOD": return .scalar(Double(period))
        case "TIME_SERIES": return .series(series(argument))
        default: throw MetricMathError("calls \(name), which this evaluator does not know", at: offset)
        }
    }

    private func allMetrics(_ arguments: [MathNode], at offset: Int) throws(MetricMathError) -> MathValue {
        guard arguments.isEmpty else {
            throw MetricMathError("calls METRICS with a filter; only METRICS() is known", at: offset)
        }
        return .array(metrics.sorted { $0.key < $1.key }.map(\.value))
    }

    /// A series becomes one number, several series become one series.
    private func reduced(_ value: MathValue, _ fold: ([Double]) -> Double) -> MathValue {
        func folded(_ points: [Double?]) -> Double? {
            let real = points.compactMap { $0 }
            return real.isEmpty ? nil : fold(real)
        }
        switch value {
        case .scalar: return value
        case .series(let points): return .scalar(folded(points))
        case .array(let several): return .series((0..<length).map { place in folded(several.map { $0[place] }) })
        }
    }

    private static func runningSum(_ points: [Double?]) -> [Double?] {
        var sum = 0.0
        return points.map { point in
            guard let point else { return nil }
            sum += point
            return sum
        }
    }

    /// Condition missing: dropped. True with a missing value: 0. False with a missing or left-out value: dropped.
    private func choose(_ arguments: [MathNode], at offset: Int) throws(MetricMathError) -> MathValue {
        guard arguments.count == 2 || arguments.count == 3 else {
            throw MetricMathError("calls IF, which takes two or three arguments", at: offset)
        }
        let condition = try value(of: arguments[0])
        let chosen = series(try value(of: arguments[1]))
        let other = arguments.count == 3 ? series(try value(of: arguments[2])) : Array(repeating: nil, count: length)
        return .series(
            series(condition).enumerated().map { place, holds in
                guard let holds else { return nil }
                return holds != 0 ? chosen[place] ?? 0 : other[place]
            })
    }

    private func fill(_ arguments: [MathNode], at offset: Int) throws(MetricMathError) -> MathValue {
        guard arguments.count == 2 else { throw MetricMathError("calls FILL, which takes two arguments", at: offset) }
        let filler: ([Double?]) -> [Double?]
        if case .identifier("REPEAT", _) = arguments[1] {
            filler = Self.repeated
        } else if case .identifier("LINEAR", _) = arguments[1] {
            filler = Self.interpolated
        } else {
            let values = series(try value(of: arguments[1]))
            filler = { points in zip(points, values).map { $0 ?? $1 } }
        }
        switch try value(of: arguments[0]) {
        case .array(let several): return .array(several.map(filler))
        case let one: return .series(filler(series(one)))
        }
    }

    /// The last value before the gap; nothing before the first value.
    private static func repeated(_ points: [Double?]) -> [Double?] {
        var last: Double?
        return points.map { point in
            if let point { last = point }
            return last
        }
    }

    /// A straight line across a gap that has both ends. What happens at an open end is undocumented: it stays missing.
    private static func interpolated(_ points: [Double?]) -> [Double?] {
        var filled = points
        var start: (place: Int, value: Double)?
        for (place, point) in points.enumerated() {
            guard let point else { continue }
            if let start, place - start.place > 1 {
                for gap in start.place + 1..<place {
                    let share = Double(gap - start.place) / Double(place - start.place)
                    filled[gap] = start.value + (point - start.value) * share
                }
            }
            start = (place, point)
        }
        return filled
    }
}

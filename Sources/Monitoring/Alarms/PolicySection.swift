internal import CloudWatch
internal import Yams

/// One mapping of the policy file: hands its values out by key, checked, and at the end names the key that nobody asked for.
struct PolicySection {
    let file: String
    private let name: String
    private let line: Int
    private var entries: [(key: String, line: Int, value: Node)] = []
    private var asked: [String] = []

    init(_ node: Node, name: String, file: String) throws(AlarmPolicyError) {
        self.file = file
        self.name = name
        line = node.mark?.line ?? 1
        guard let mapping = node.mapping else {
            throw AlarmPolicyError(file: file, line: line, reason: "\(name) must be a list of \"key: value\" lines")
        }
        for (key, value) in mapping {
            let text = key.string ?? ""
            let line = key.mark?.line ?? line
            if entries.contains(where: { $0.key == text }) {
                throw AlarmPolicyError(file: file, line: line, reason: "\"\(text)\" stands twice; keep one")
            }
            entries.append((text, line, value))
        }
    }

    func error(_ reason: String, line: Int) -> AlarmPolicyError {
        AlarmPolicyError(file: file, line: line, reason: reason)
    }

    private mutating func take(_ key: String) -> (value: Node, line: Int)? {
        asked.append(key)
        guard let place = entries.firstIndex(where: { $0.key == key }) else { return nil }
        let entry = entries.remove(at: place)
        return (entry.value, entry.value.mark?.line ?? entry.line)
    }

    /// Whether every key was asked for.
    func finish() throws(AlarmPolicyError) {
        guard let stranger = entries.first else { return }
        throw error(
            "\(name) has no \"\(stranger.key)\"; there is \(asked.map { "\"\($0)\"" }.joined(separator: ", "))",
            line: stranger.line)
    }

    mutating func section(_ key: String) throws(AlarmPolicyError) -> PolicySection? {
        guard let (value, _) = take(key), value.null == nil else { return nil }
        return try PolicySection(value, name: "\"\(key)\"", file: file)
    }

    mutating func integer(_ key: String) throws(AlarmPolicyError) -> (value: Int, line: Int)? {
        guard let (value, line) = take(key) else { return nil }
        guard let number = value.int else { throw error("\"\(key)\" must be a whole number", line: line) }
        return (number, line)
    }

    mutating func number(
        _ key: String, _ target: inout Double, _ range: ClosedRange<Double>
    ) throws(AlarmPolicyError) {
        guard let (value, line) = take(key) else { return }
        guard let number = value.float, range.contains(number) else {
            throw error(
                "\"\(key)\" must be a number from \(Figures.text(range.lowerBound)) to \(Figures.text(range.upperBound))",
                line: line)
        }
        target = number
    }

    mutating func flag(_ key: String, _ target: inout Bool) throws(AlarmPolicyError) {
        guard let (value, line) = take(key) else { return }
        guard let flag = value.bool else { throw error("\"\(key)\" must be true or false", line: line) }
        target = flag
    }

    mutating func text(_ key: String) throws(AlarmPolicyError) -> String? {
        guard let (value, line) = take(key), value.null == nil else { return nil }
        guard let text = value.string else { throw error("\"\(key)\" must be text", line: line) }
        return text
    }

    /// A list of ARNs.
    mutating func topics(_ key: String) throws(AlarmPolicyError) -> [String]? {
        guard let (value, line) = take(key), value.null == nil else { return nil }
        guard let list = value.sequence else { throw error("\"\(key)\" must be a list of ARNs", line: line) }
        guard list.count <= AlarmLimits.maximumActions else {
            throw error(
                "\"\(key)\" has \(list.count) ARNs; CloudWatch takes \(AlarmLimits.maximumActions) for a state",
                line: line)
        }
        var topics: [String] = []
        for item in list {
            let line = item.mark?.line ?? line
            guard let arn = item.string, arn.hasPrefix("arn:"), arn.split(separator: ":").count >= 6 else {
                throw error("\"\(item.string ?? "")\" is no ARN; write arn:aws:sns:REGION:ACCOUNT:TOPIC", line: line)
            }
            topics.append(arn)
        }
        return topics
    }

    /// `datapoints` and `periods`.
    mutating func window(_ window: inout AlarmPolicy.Window, period: Int) throws(AlarmPolicyError) {
        let datapoints = try integer("datapoints")
        let periods = try integer("periods")
        window.datapoints = datapoints?.value ?? window.datapoints
        window.periods = periods?.value ?? window.periods
        let line = datapoints?.line ?? periods?.line ?? line
        if let problem = AlarmSchedule.problem(period: period, evaluationPeriods: window.periods) {
            throw error("\(name): \(problem)", line: line)
        }
        guard (1...window.periods).contains(window.datapoints) else {
            throw error(
                "\"datapoints\" is \(window.datapoints) of \(window.periods) periods; it must be from 1 to \(window.periods)",
                line: line)
        }
    }
}

extension AlarmPolicyError {
    /// What the YAML parser reports.
    init(syntax error: any Error, file: String) {
        guard let yaml = error as? YamlError else {
            self.init(file: file, line: 0, reason: "the file is not YAML; check its indentation and quotes")
            return
        }
        switch yaml {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(
                file: file, line: mark.line,
                reason: "the file is not YAML here (\(problem)); check indentation and quotes")
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                file: file, line: context.mark.line,
                reason: "\(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) stands twice; keep one")
        default: self.init(file: file, line: 0, reason: "the file is not YAML; check its indentation and quotes")
        }
    }
}

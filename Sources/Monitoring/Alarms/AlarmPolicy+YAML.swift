internal import CloudWatch
internal import FoundationEssentials
internal import Yams

extension AlarmPolicy {
    /// Reads a policy file.
    public static func load(path: String) throws(AlarmPolicyError) -> AlarmPolicy {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AlarmPolicyError(
                file: path, line: 0, reason: "the file cannot be read; check its path and permissions")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw AlarmPolicyError(file: path, line: 0, reason: "the file is not UTF-8 text; save it as such")
        }
        return try parse(yaml: text, file: path)
    }

    /// Reads a policy. What it leaves out keeps its built-in value; a key that does not exist is an error.
    ///
    /// - Parameter file: the name for messages.
    public static func parse(yaml: String, file: String) throws(AlarmPolicyError) -> AlarmPolicy {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw AlarmPolicyError(syntax: error, file: file)
        }
        var policy = AlarmPolicy()
        guard let root else { return policy }
        var section = try PolicySection(root, name: "the policy", file: file)
        try policy.readTop(&section)
        try section.finish()
        return policy
    }

    private mutating func readTop(_ section: inout PolicySection) throws(AlarmPolicyError) {
        if let (value, line) = try section.integer("period") {
            if let problem = AlarmSchedule.problem(period: value, evaluationPeriods: 1) {
                throw section.error(problem, line: line)
            }
            period = value
        }
        if var actions = try section.section("actions") {
            pageActions = try actions.topics("page") ?? pageActions
            ticketActions = try actions.topics("ticket") ?? ticketActions
            try actions.flag("recovery", &notifiesRecovery)
            try actions.finish()
        }
        if var section = try section.section("maintenance") { try readMaintenance(&section) }
        if var alarms = try section.section("alarms") {
            try readAlarms(&alarms)
            try alarms.finish()
        }
    }

    private mutating func readMaintenance(_ section: inout PolicySection) throws(AlarmPolicyError) {
        let alarm = try section.text("alarm") ?? ""
        var wait = 60.0
        var extended = 120.0
        try section.number("wait-seconds", &wait, 0...3_600)
        try section.number("extension-seconds", &extended, 0...3_600)
        try section.finish()
        maintenance =
            alarm.isEmpty
            ? nil : CompositeAlarm.Suppressor(alarm: alarm, waitPeriod: Int(wait), extensionPeriod: Int(extended))
    }

    private mutating func readAlarms(_ alarms: inout PolicySection) throws(AlarmPolicyError) {
        if var section = try alarms.section("throttles") { try throttles.read(&section, period: minutePeriod) }
        if var section = try alarms.section("throttled-attempts") {
            try section.flag("enabled", &throttledAttempts.isEnabled)
            try section.number("percent", &throttledAttempts.percent, 0...100)
            try section.number("minimum-attempts-a-minute", &throttledAttempts.minimumAttemptsAMinute, 0...1e9)
            try section.window(&throttledAttempts.window, period: period)
            try section.finish()
        }
        if var section = try alarms.section("failed-calls") { try failedCalls.read(&section, period: period) }
        if var section = try alarms.section("demand") { try demand.read(&section, period: minutePeriod) }
        if var section = try alarms.section("slow-calls") {
            try section.flag("enabled", &slowCalls.isEnabled)
            try section.number("single-item", &slowCalls.singleItem, 0.001...1e6)
            try section.number("query", &slowCalls.query, 0.001...1e6)
            try section.number("transaction", &slowCalls.transaction, 0.001...1e6)
            try section.window(&slowCalls.window, period: period)
            try section.finish()
        }
        if var section = try alarms.section("hot-keys") {
            try section.flag("enabled", &hotKeys.isEnabled)
            try section.number("ticket-upper-percent", &hotKeys.ticketUpperPercent, 0...1_000)
            try section.number("page-lower-percent", &hotKeys.pageLowerPercent, 0...1_000)
            try section.window(&hotKeys.window, period: period)
            try section.finish()
        }
        if var section = try alarms.section("agent") {
            try section.flag("enabled", &agent.isEnabled)
            try section.window(&agent.window, period: period)
            try section.finish()
        }
        if var section = try alarms.section("table-page") {
            try section.flag("enabled", &pagesByTable)
            try section.finish()
        }
    }
}

extension AlarmPolicy.CountThreshold {
    fileprivate mutating func read(_ section: inout PolicySection, period: Int) throws(AlarmPolicyError) {
        try section.flag("enabled", &isEnabled)
        try section.number("at-least-a-minute", &atLeastAMinute, 0.001...1e9)
        try section.number("percent-of-calls", &percentOfCalls, 0...100)
        try section.window(&window, period: period)
        try section.finish()
    }
}

extension AlarmPolicy.Demand {
    fileprivate mutating func read(_ section: inout PolicySection, period: Int) throws(AlarmPolicyError) {
        try section.flag("enabled", &isEnabled)
        try section.number("times-demand", &timesDemand, 1...1_000)
        try section.number("percent-of-warm-throughput", &percentOfWarmThroughput, 0.1...100)
        try section.number("warm-read-units", &warmReadUnits, 0...1e9)
        try section.number("warm-write-units", &warmWriteUnits, 0...1e9)
        try section.number("maximum-read-units", &maximumReadUnits, 0...1e9)
        try section.number("maximum-write-units", &maximumWriteUnits, 0...1e9)
        try section.number("quota-read-units", &quotaReadUnits, 1...1e9)
        try section.number("quota-write-units", &quotaWriteUnits, 1...1e9)
        try section.number("at-least-units-a-second", &atLeastUnitsASecond, 0...1e9)
        try section.window(&window, period: period)
        try section.finish()
    }
}

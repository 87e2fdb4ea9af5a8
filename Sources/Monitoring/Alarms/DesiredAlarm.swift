public import CloudWatch

/// An alarm as the contract and the policy want it.
public struct DesiredAlarm: Sendable, Hashable {
    /// Metric or composite.
    public enum Definition: Sendable, Hashable {
        case metric(MetricAlarm)
        case composite(CompositeAlarm)
    }

    /// Who is told.
    public enum Severity: String, Sendable, Hashable {
        /// Somebody is woken.
        case page
        /// It waits until the morning.
        case ticket
        /// Nobody by itself: a composite decides.
        case part
    }

    /// What an alarm watches.
    public enum Subject: Sendable, Hashable {
        case resource(table: String, index: String?)
        case pattern(String)
        case service
    }

    /// The number in `docs/ALARMS.md`: "1", "6a"; "page" for a table's composite.
    public var number: String
    /// Who is told.
    public var severity: Severity
    /// What it watches.
    public var subject: Subject
    /// What is put.
    public var definition: Definition
    /// The tags that mark it as ours.
    public var tags: [String: String]

    /// The alarm's name.
    public var name: String {
        switch definition {
        case .metric(let alarm): alarm.name
        case .composite(let alarm): alarm.name
        }
    }

    /// The text that whoever is notified reads.
    public var description: String {
        switch definition {
        case .metric(let alarm): alarm.description
        case .composite(let alarm): alarm.description
        }
    }

    /// Whether it is a composite.
    public var isComposite: Bool {
        if case .composite = definition { true } else { false }
    }
}

/// The tags by which Tidemark knows its alarms. Nothing else is ever changed or deleted.
public enum AlarmTag {
    /// Present with the value `tidemark` on every alarm of ours.
    public static let managedBy = "tidemark:managed-by"
    /// The value of ``managedBy``.
    public static let manager = "tidemark"
    /// The service.
    public static let service = "tidemark:service"
    /// The environment.
    public static let environment = "tidemark:environment"
    /// The contract that the thresholds come from.
    public static let contract = "tidemark:contract"
    /// A fingerprint of what was put, for servers that do not give all of it back.
    public static let definition = "tidemark:definition"

    /// Whether an alarm with those tags belongs to that deployment.
    public static func belongs(_ tags: [String: String], to scope: MonitoringScope) -> Bool {
        tags[managedBy] == manager && tags[service] == value(scope.service)
            && tags[environment] == value(scope.environment)
    }

    /// A text as a tag's value may be: letters, digits, spaces and `_ . : / = + - @`, at most 256.
    /// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    static func value(_ text: String) -> String {
        let allowed = text.map { character in
            character.isLetter || character.isNumber || " _.:/=+-@".contains(character) ? character : "_"
        }
        return String(String(allowed).prefix(AlarmLimits.maximumTagValueLength))
    }

    static func tags(scope: MonitoringScope, contract: String, definition: DesiredAlarm.Definition) -> [String: String]
    {
        [
            managedBy: manager, service: value(scope.service), environment: value(scope.environment),
            self.contract: value(contract), self.definition: fingerprint(of: definition),
        ]
    }

    /// Sixteen hexadecimal digits that change whenever anything that is put changes.
    static func fingerprint(of definition: DesiredAlarm.Definition) -> String {
        switch definition {
        case .metric(let alarm): FNV1a.hex(alarm.canonicalJSON)
        case .composite(let alarm): FNV1a.hex(alarm.canonicalJSON)
        }
    }
}

/// The 64-bit FNV-1a hash: stable over versions and machines, and not for secrets.
/// https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
enum FNV1a {
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    static func hex(_ bytes: some Sequence<UInt8>, digits: Int = 16) -> String {
        let text = String(hash(bytes), radix: 16)
        return String((String(repeating: "0", count: 16 - text.count) + text).prefix(digits))
    }
}

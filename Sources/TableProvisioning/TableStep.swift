public import ContractModel
public import Tidemark

/// One change of a table. None of them deletes or rewrites data.
public enum TableStep: Sendable, Equatable {
    /// The table is made, with its indexes, tags and protection.
    case create(DesiredTable)
    /// A change that is already under way is waited for.
    case wait(status: String)
    /// The way to pay becomes another.
    case bill(TableBilling, indexes: [String: Throughput])
    /// DeleteTable is refused from now on.
    case protect
    /// An index is made and filled from the table.
    case createIndex(ContractIndex, Throughput?, warm: Throughput?)
    /// More is served at once: by the table, by indexes by their names.
    case warm(Throughput?, indexes: [String: Throughput])
    /// The table can be restored to any second from now on.
    case recover
    /// Items whose time has come are deleted from now on.
    case expire(attribute: String)
    /// These tags are put on the table; others stay.
    case tag([String: String])

    /// The IAM actions that the step needs, besides `dynamodb:DescribeTable` for waiting.
    public var actions: [String] {
        switch self {
        case .create(let desired):
            desired.settings.tags.isEmpty
                ? ["dynamodb:CreateTable"] : ["dynamodb:CreateTable", "dynamodb:TagResource"]
        case .wait: ["dynamodb:DescribeTable"]
        case .bill, .protect, .createIndex, .warm: ["dynamodb:UpdateTable"]
        case .recover: ["dynamodb:UpdateContinuousBackups"]
        case .expire: ["dynamodb:UpdateTimeToLive"]
        case .tag: ["dynamodb:TagResource"]
        }
    }

    /// What the step does, for people: "create the index ByStatus".
    public var words: String {
        switch self {
        case .create: "create the table"
        case .wait(let status): "wait until it is active (\(status) now)"
        case .bill(let billing, _): "pay \(Words.billing(billing))"
        case .protect: "protect it from deletion"
        case .createIndex(let index, _, _): "create the index \(index.name): \(Words.index(index))"
        case .warm(let own, let indexes):
            "raise the warm throughput to "
                + ([own.map { Words.rate($0) }].compactMap(\.self)
                + indexes.sorted { $0.key < $1.key }.map { "\($0.key) \(Words.rate($0.value))" })
                .joined(separator: ", ")
        case .recover: "switch point-in-time recovery on"
        case .expire(let attribute): "let items expire by \(attribute)"
        case .tag(let tags): "put the tags \(Words.tags(tags)) on it"
        }
    }
}

/// Parts of tables as people read them.
enum Words {
    static func keys(_ partitionKey: KeyAttribute, _ sortKey: KeyAttribute?) -> String {
        [partitionKey, sortKey].compactMap(\.self).map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ")
    }

    static func projection(_ projection: Projection) -> String {
        switch projection {
        case .all: "all attributes"
        case .keysOnly: "keys only"
        case .include(let names): "keys and \(names.sorted().joined(separator: ", "))"
        }
    }

    static func index(_ index: ContractIndex) -> String {
        "\(keys(index.partitionKey, index.sortKey)); \(projection(index.projection))"
    }

    static func billing(_ billing: TableBilling) -> String {
        switch billing {
        case .onDemand: "on demand"
        case .provisioned(let throughput): "provisioned, \(units(throughput))"
        }
    }

    static func units(_ throughput: Throughput) -> String {
        "\(number(throughput.reads)) read and \(number(throughput.writes)) write units"
    }

    static func rate(_ throughput: Throughput) -> String { "\(units(throughput))/s" }

    static func tags(_ tags: [String: String]) -> String {
        tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    static func number(_ value: Int) -> String {
        let digits = Array(String(value))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

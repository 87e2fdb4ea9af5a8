public import ContractEngine
internal import ContractModel
internal import Tidemark

/// What would be done to the contract's tables, and what stands in the way. A pure value of contract, settings, capacity
/// and the live tables.
public struct TablePlan: Sendable, Equatable {
    /// What becomes of one table.
    public enum Outlook: String, Sendable, CaseIterable {
        case create
        case change
        case unchanged
        /// Nothing that apply does, and something that only a person can do.
        case byHand
        case refused
        case unknown
    }

    /// Something that could not be asked.
    public struct Unknown: Sendable, Equatable {
        /// What and why, as a sentence without its end.
        public var text: String
        /// The IAM action that the credentials do not have; nil where the server could not say.
        public var action: String?
    }

    /// One table's part.
    public struct Entry: Sendable, Equatable {
        /// What is wanted.
        public var desired: DesiredTable
        /// What is there; nil where the table does not exist or may not be looked at.
        public var live: LiveTable?
        /// In which it differs.
        public var differences: [TableDifference]
        /// What could not be asked.
        public var unknowns: [Unknown]
        /// Whether the table itself may not be looked at.
        public var isHidden = false

        /// The steps in their order.
        public var steps: [TableStep] {
            guard !differences.contains(where: \.isRefused) else { return [] }
            var steps: [TableStep] = []
            for case .step(let step) in differences.map(\.remedy) { steps.append(step) }
            guard case .create? = steps.first else { return steps }
            // What CreateTable does not take.
            if desired.settings.isRecoverable ?? true { steps.append(.recover) }
            if let attribute = desired.settings.timeToLive, desired.timeToLiveProblem == nil {
                steps.append(.expire(attribute: attribute))
            }
            return steps
        }

        /// What contract or settings ask for and apply cannot do: only a person can. An index that nobody asked for is nobody's task.
        public var leftToPeople: [TableDifference] {
            differences.filter { $0.isDrift && $0.isLeft && $0.kind != .extraIndex }
        }

        /// Dollars a month in the way to pay that holds once the steps are taken, indexes included, without storage; nil where no
        /// pattern has a rate. A provisioned table that nobody asks to be paid for otherwise costs what it has.
        public var dollarsPerMonth: Double? {
            guard desired.settings.billing == nil, case .provisioned(let own)? = live?.billing else {
                return desired.dollarsPerMonth
            }
            let indexes = desired.table.indexes.map { live?.indexThroughput[$0.name] ?? own }
            return ([own] + indexes).reduce(0) { $0 + desired.prices.provisioned($1) }
        }

        /// What becomes of the table.
        public var outlook: Outlook {
            if isHidden { return .unknown }
            if differences.contains(where: \.isRefused) { return .refused }
            switch steps.first {
            case nil: return leftToPeople.isEmpty ? .unchanged : .byHand
            case .create: return .create
            default: return .change
            }
        }

        /// Dollars that filling new indexes costs once, on demand, by AWS's last count of the items.
        public var fillDollars: Double {
            guard let live else { return 0 }
            return steps.reduce(0) { sum, step in
                // A provisioned index fills out of the capacity that it is paid for.
                guard case .createIndex(let index, nil, _) = step else { return sum }
                let units = Double(live.itemCount) * (desired.entryWriteUnits[index.name] ?? 1)
                return sum + units / 1_000_000 * desired.prices.millionWrites * desired.prices.factor
            }
        }
    }

    /// The tables in the contract's order.
    public var entries: [Entry]

    /// Plans every table of the contract.
    ///
    /// - Parameter states: what is known of each, by name; a table without a state is missing.
    public init(
        of document: ContractDocument, settings: DeploymentSettings = DeploymentSettings(), capacity: CapacityPlan,
        states: [String: TableState]
    ) {
        entries = document.contract.tables.map { table in
            let desired = DesiredTable(table, settings: settings, capacity: capacity)
            switch states[table.name] ?? .missing {
            case .missing:
                let difference = TableDifference(
                    kind: .missingTable, live: "", wanted: Words.keys(table.partitionKey, table.sortKey),
                    remedy: .step(.create(desired)))
                return Entry(
                    desired: desired, differences: [difference] + TableComparison.expiry(of: desired), unknowns: [])
            case .notAllowed:
                let unknown = Unknown(
                    text: "it is not known: the credentials may not dynamodb:DescribeTable",
                    action: "dynamodb:DescribeTable")
                return Entry(desired: desired, differences: [], unknowns: [unknown], isHidden: true)
            case .present(let live):
                let comparison = TableComparison(desired: desired, live: live)
                return Entry(
                    desired: desired, live: live, differences: comparison.differences(), unknowns: comparison.unknowns()
                )
            }
        }
    }

    /// Whether there is anything to do, or to be done by hand.
    public var isFinished: Bool { entries.allSatisfy { $0.outlook == .unchanged } }

    /// Whether the credentials may not look at something; what a server cannot tell is only said.
    public var isIncomplete: Bool { entries.contains { $0.unknowns.contains { $0.action != nil } } }

    /// Whether apply has something to do.
    public var hasSteps: Bool { entries.contains { !$0.steps.isEmpty } }

    /// Whether only a person can mend some of it: tables that cannot be brought to the contract, and what apply cannot do.
    public var needsPeople: Bool { entries.contains { $0.outlook == .refused || !$0.leftToPeople.isEmpty } }

    /// Tables that cannot be brought to the contract.
    public var refused: [Entry] { entries.filter { $0.outlook == .refused } }
}
